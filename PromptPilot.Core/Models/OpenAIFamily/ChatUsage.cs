using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PromptPilot.Core.Models.OpenAIFamily;

/// <summary>
/// Token counts, wherever a server puts them: beside or inside the choices, in a field of its own, with the last chunk or with each (then
/// they grow, and the last one is the total). Each count is read on its own; implausible numbers are ignored.
/// </summary>
internal sealed class ChatUsage
{
    private int? _input;
    private int? _output;
    private int? _cached;
    private int? _reasoning;
    private int? _total;

    /// <summary>Reads the value of the field that the reader is at, if it is about usage; skips it otherwise.</summary>
    /// <param name="depth">Of nested objects that are looked into: the usage, and the details in it.</param>
    public void ReadField(ref Utf8JsonReader json, int depth = 2)
    {
        if (
            json.ValueTextEquals("usage"u8)
            || json.ValueTextEquals("prompt_tokens_details"u8)
            || json.ValueTextEquals("input_tokens_details"u8)
            || json.ValueTextEquals("completion_tokens_details"u8)
            || json.ValueTextEquals("output_tokens_details"u8)
        )
        {
            json.Read();
            if (json.TokenType == JsonTokenType.StartObject && depth > 0)
            {
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    ReadField(ref json, depth - 1);
                }
            }

            json.Skip();
            return;
        }

        ref var target = ref TargetOf(ref json, out var isCount);
        json.Read();
        if (isCount && Count(ref json) is { } count)
        {
            target = count;
        }

        json.Skip();
    }

    /// <summary>Null where nothing is known. A prompt of no tokens is a placeholder, and so is an answer of none that has text.</summary>
    public UsageDetails? Details(bool hasText)
    {
        var (input, output) = (_input is 0 ? null : _input, _output is 0 && hasText ? null : _output);
        var reasoning = _reasoning ?? 0;
        if (input is not null && output is not null && (long)(_total ?? 0) - input - output is > 0 and var beside)
        {
            // Gemini and xAI count thinking only in the total, not in the answer, and bill it as output.
            output += (int)Math.Min(beside, int.MaxValue - output.Value);
            reasoning = Math.Max(reasoning, (int)beside);
        }

        return input is null && output is null
            ? null
            : new UsageDetails
            {
                InputTokenCount = input,
                OutputTokenCount = output,
                CachedInputTokenCount = _cached,
                ReasoningTokenCount = reasoning > 0 ? reasoning : null,
            };
    }

    private ref int? TargetOf(ref Utf8JsonReader json, out bool isCount)
    {
        isCount = true;
        if (json.ValueTextEquals("prompt_tokens"u8) || json.ValueTextEquals("input_tokens"u8))
        {
            return ref _input;
        }

        if (json.ValueTextEquals("completion_tokens"u8) || json.ValueTextEquals("output_tokens"u8))
        {
            return ref _output;
        }

        if (json.ValueTextEquals("reasoning_tokens"u8))
        {
            return ref _reasoning;
        }

        if (json.ValueTextEquals("total_tokens"u8))
        {
            return ref _total;
        }

        isCount =
            json.ValueTextEquals("cached_tokens"u8)
            || json.ValueTextEquals("prompt_cache_hit_tokens"u8)
            || json.ValueTextEquals("cache_read_input_tokens"u8);
        return ref _cached;
    }

    private static int? Count(ref Utf8JsonReader json)
    {
        double number;
        switch (json.TokenType)
        {
            case JsonTokenType.Number when json.TryGetDouble(out number):
            case JsonTokenType.String
                when json.ValueSpan.Length < 20
                    && double.TryParse(
                        Encoding.UTF8.GetString(json.ValueSpan),
                        NumberStyles.Float,
                        CultureInfo.InvariantCulture,
                        out number
                    ):
                return number is >= 0 and <= int.MaxValue ? (int)number : null;
            default:
                return null;
        }
    }
}
