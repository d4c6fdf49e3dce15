using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.AI;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Faults;
using PromptPilot.Core.Models.OpenAIFamily;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>An event like the one before is read without parsing it, to the same effect.</summary>
public sealed class RepeatedEventTests
{
    /// <summary>Parts of a stream, each with a place for a text.</summary>
    private static readonly string[] Shapes =
    [
        """{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"T"},"finish_reason":null}]}""",
        """{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"T"},"finish_reason":null}]}""",
        """{"choices":[{"delta":{"content":"T"},"finish_reason":"stop"}]}""",
        """{"choices":[{"delta":{"content":["T",{"type":"text","text":"+"}]}}]}""",
        """{"choices":[{"delta":{"content":[{"type":"text","text":"T"}]}}]}""",
        """{"choices":[{"delta":{"content":[{"type":"thinking","text":"T"}]}}]}""",
        """{"choices":[{"index":1,"delta":{"content":"T"}}]}""",
        """{"choices":[{"delta":{"content":"T"}},{"index":0,"delta":{"content":"T"}}]}""",
        """{"choices":[{"delta":{"refusal":"T"}}]}""",
        """{"choices":[{"delta":{"content":"T","refusal":"no"}}]}""",
        """{"choices":[{"text":"T"}]}""",
        """{"choices":[{"delta":"T"}]}""",
        """{"choices":[{"delta":{"content":"T"},"logprobs":NaN}]}""",
        """{"choices":[{"delta":{"content":"T"}}],"usage":{"prompt_tokens":7,"completion_tokens":9}}""",
        """{"choices":[{"delta":{"content":"T"}}],"error":null}""",
        """{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}""",
        """{"detail":"T"}""",
        """{"choices":[{"delta":{"content":"T"}}],"error":{"message":"T"}}""",
        "T",
    ];

    private static readonly string[] Texts =
    [
        "",
        "a",
        " word",
        "\"",
        "\\n",
        "\\ud83d",
        "\\ude00",
        "é",
        "👩‍🚀",
        "\\u0041",
        "NaN",
        "[DONE]",
        "\n",
        "\\",
        "{}",
        "},",
        "x\"},\"y\":{\"z\":\"",
    ]; // csharpier-ignore

    [Fact]
    public void Read_OfAnyStream_EqualsParsingEachEvent() =>
        Gen.Select(Gen.Int[0, Shapes.Length - 1], Gen.Int[0, 3], Gen.Int[0, Texts.Length - 1].Array[1, 4])
            .Array[1, 6]
            .Sample(
                parts =>
                {
                    var events = parts.SelectMany(part =>
                        part.Item3.Select(text => Shapes[part.Item1].Replace("T", Texts[text], StringComparison.Ordinal))
                    );
                    var sent = events.ToList();

                    // The comment makes each event unlike the one before and has no meaning.
                    Seen(sent).Should().Be(Seen(sent.Select((one, i) => one.StartsWith('{') ? $"/*{i}*/{one}" : one)));
                },
                iter: Samples.Count(few: 5_000, many: 200_000)
            );

    [Fact]
    public void TextOf_AnEventLikeTheKnownOne_IsItsText()
    {
        var repeated = new RepeatedEvent();
        var known = """{"content":"abc","n":1}"""u8;
        repeated.TextOf(known).IsEmpty.Should().BeTrue("nothing is known yet");
        repeated.Learn(known, 12, 3);

        Text(repeated, """{"content":"longer text","n":1}""").Should().Be("longer text");
        Text(repeated, """{"content":"","n":1}""").Should().BeEmpty();
        Text(repeated, """{"content":"a\"b","n":1}""").Should().BeEmpty("it has to be unescaped");
        Text(repeated, """{"content":"abc","n":2}""").Should().BeEmpty();
        Text(repeated, """{"contents":"abc","n":1}""").Should().BeEmpty();
        Text(repeated, """{"content":"x","y":"z","n":1}""").Should().BeEmpty("its text ends before");
    }

    private static string Text(RepeatedEvent repeated, string data) =>
        Encoding.UTF8.GetString(repeated.TextOf(Encoding.UTF8.GetBytes(data)));

    /// <summary>All that a reader makes of events.</summary>
    private static string Seen(IEnumerable<string> events)
    {
        using var reader = new ChatEventReader(data => new ModelFault(ErrorCode.ProviderError, $"fault of {data.Length > 0}"));
        var seen = new StringBuilder();
        try
        {
            foreach (var data in events)
            {
                reader.Read("message", Encoding.UTF8.GetBytes(data));
                seen.Append(reader.Ends).Append(reader.HasNews).Append(reader.IsDone);
            }

            Write(seen, reader.Take());
            seen.Append(reader.Complete()?.Message);
            Write(seen, reader.Take());
        }
        catch (Exception exception) when (exception is JsonException or ModelFaultException)
        {
            seen.Append(exception.GetType().Name);
        }

        return seen.ToString();
    }

    private static void Write(StringBuilder seen, ChatResponseUpdate update)
    {
        seen.Append(update.Text).Append('|').Append(update.FinishReason?.Value).Append('|').Append(update.ModelId);
        foreach (var content in update.Contents)
        {
            seen.Append('|').Append(content.GetType().Name);
            if (content is UsageContent usage)
            {
                seen.Append(usage.Details.InputTokenCount).Append('/').Append(usage.Details.OutputTokenCount);
            }
        }
    }
}
