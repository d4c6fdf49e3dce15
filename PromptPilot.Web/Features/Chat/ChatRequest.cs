using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Chat;

/// <summary>A request for a chat completion. Unknown fields are ignored, since clients send many of their own.</summary>
internal sealed record ChatRequest(
    string Model,
    IReadOnlyList<ModelMessage> Messages,
    bool IsStreamed,
    bool WithUsage,
    ParameterChanges? Parameters
)
{
    /// <summary>Fields that would change the answer, and that the portal cannot follow.</summary>
    private static readonly string[] Refused = ["tools", "functions", "audio", "modalities", "response_format", "logprobs", "n"];

    /// <summary>No name of a prompt or workflow is longer. The id is repeated in every chunk of the answer.</summary>
    private const int LongestModel = 500;

    /// <summary>Reads a body, or says which field cannot be used.</summary>
    public static Result<ChatRequest> Read(JsonElement body)
    {
        try
        {
            return ReadFields(body);
        }
        catch (InvalidOperationException)
        {
            // JSON can escape a lone surrogate in any name or text.
            return Problem.Invalid(Unicode.HalfCharacter);
        }
    }

    private static Result<ChatRequest> ReadFields(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return Problem.Invalid("The body must be a JSON object.");
        }

        if (Refused.Select(field => RefusalOf(body, field)).FirstOrDefault(problem => problem is not null) is { } refusal)
        {
            return refusal;
        }

        if (Member(body, "model") is not { ValueKind: JsonValueKind.String } model)
        {
            return Problem.AtField("model", "Send the id of a model. GET /v1/models lists the ids.");
        }

        if (JsonText.Fault(model) is { } fault)
        {
            return Problem.AtField("model", fault);
        }

        if (model.GetString()!.Length > LongestModel)
        {
            return Problem.AtField("model", $"A model id can have at most {LongestModel} characters. GET /v1/models lists the ids.");
        }

        if (Member(body, "messages") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            return Problem.AtField("messages", "Send a list of messages.");
        }

        var messages = new List<ModelMessage>();
        foreach (var (item, at) in list.EnumerateArray().Select((item, at) => (item, at)))
        {
            var message = MessageOf(item, $"messages[{at}]");
            if (!message.IsOk)
            {
                return message.Problem;
            }

            messages.Add(message.Value);
        }

        var stream = Flag(body, "stream");
        var parameters = ParametersOf(body);
        return !stream.IsOk ? stream.Problem
            : !parameters.IsOk ? parameters.Problem
            : new ChatRequest(model.GetString()!, messages, stream.Value, WantsUsage(body), parameters.Value);
    }

    private static Problem? RefusalOf(JsonElement body, string field) =>
        (field, Member(body, field)) switch
        {
            (_, null) => null,
            ("tools" or "functions", { ValueKind: JsonValueKind.Array } list) when list.GetArrayLength() == 0 => null,
            ("tools" or "functions", _) => Problem.AtField(field, "Tools are not supported. Leave them out."),
            ("n", { ValueKind: JsonValueKind.Number } number) when number.TryGetInt32(out var n) && n == 1 => null,
            ("n", _) => Problem.AtField(field, "Only one answer can be requested. Set n to 1."),
            ("logprobs", { ValueKind: JsonValueKind.False }) => null,
            ("modalities", { } modalities) when modalities.GetRawText().Contains("\"audio\"", StringComparison.Ordinal) is false => null,
            ("audio" or "modalities", _) => Problem.AtField(field, "Only text is supported."),
            ("response_format", { ValueKind: JsonValueKind.Object } format)
                when Member(format, "type") is { ValueKind: JsonValueKind.String } type && type.GetString() == "text" => null,
            _ => Problem.AtField(field, "This is not supported here. The prompt or workflow decides. Leave it out."),
        };

    private static Result<ModelMessage> MessageOf(JsonElement item, string field)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return Problem.AtField(field, "A message must be an object with role and content.");
        }

        ModelRole? role = Member(item, "role") is { ValueKind: JsonValueKind.String } word
            ? word.GetString() switch
            {
                "system" or "developer" => ModelRole.System,
                "user" => ModelRole.User,
                "assistant" => ModelRole.Assistant,
                _ => null,
            }
            : null;
        if (role is null)
        {
            return Problem.AtField($"{field}.role", "The role must be system, developer, user or assistant.");
        }

        var text = TextOf(Member(item, "content"), $"{field}.content");
        return text.IsOk ? new ModelMessage(role.Value, text.Value) : text.Problem;
    }

    /// <summary>The text of a message: a string, or a list of text parts.</summary>
    private static Result<string> TextOf(JsonElement? content, string field)
    {
        switch (content)
        {
            case { ValueKind: JsonValueKind.String } text:
                return Checked(text, field);
            case { ValueKind: JsonValueKind.Array } parts:
                var whole = new List<string>();
                foreach (var part in parts.EnumerateArray())
                {
                    if (
                        part.ValueKind != JsonValueKind.Object
                        || Member(part, "type") is not { ValueKind: JsonValueKind.String } type
                        || type.GetString() != "text"
                        || Member(part, "text") is not { ValueKind: JsonValueKind.String } piece
                    )
                    {
                        return Problem.AtField(field, "Only text is supported, not images, audio or files.");
                    }

                    var text = Checked(piece, field);
                    if (!text.IsOk)
                    {
                        return text.Problem;
                    }

                    whole.Add(text.Value);
                }

                return string.Join("\n", whole);
            default:
                return Problem.AtField(field, "The content must be text or a list of text parts.");
        }
    }

    private static Result<string> Checked(JsonElement text, string field) =>
        JsonText.Fault(text) is { } fault ? Problem.AtField(field, fault)
        : string.IsNullOrWhiteSpace(text.GetString()) ? Problem.AtField(field, "The content is empty.")
        : text.GetString()!;

    private static Result<bool> Flag(JsonElement body, string field) =>
        Member(body, field) switch
        {
            null or { ValueKind: JsonValueKind.False } => false,
            { ValueKind: JsonValueKind.True } => true,
            _ => Problem.AtField(field, "The value must be true or false."),
        };

    private static bool WantsUsage(JsonElement body) =>
        Member(body, "stream_options") is { ValueKind: JsonValueKind.Object } options
        && Member(options, "include_usage") is { ValueKind: JsonValueKind.True };

    private static Result<ParameterChanges?> ParametersOf(JsonElement body)
    {
        foreach (var field in new[] { "temperature", "top_p", "max_tokens", "max_completion_tokens" })
        {
            if (Member(body, field) is { ValueKind: not JsonValueKind.Number })
            {
                return Problem.AtField(field, "The value must be a number.");
            }
        }

        var limit = Member(body, "max_completion_tokens") ?? Member(body, "max_tokens");
        var most = 0;
        if (limit is { } tokens && !tokens.TryGetInt32(out most))
        {
            return Problem.AtField("max_tokens", "The value must be a whole number.");
        }

        Effort? effort = null;
        if (Member(body, "reasoning_effort") is { } wanted)
        {
            effort = Enum.GetValues<Effort>().Cast<Effort?>().FirstOrDefault(known => IsText(wanted, known.ToString()!.ToLowerInvariant()));
            if (effort is null)
            {
                return Problem.AtField("reasoning_effort", "The value must be none, minimal, low, medium or high.");
            }
        }

        var changes = new ParameterChanges(
            Member(body, "temperature")?.GetDouble(),
            limit is null ? null : most,
            Member(body, "top_p")?.GetDouble(),
            effort
        );
        return changes == new ParameterChanges() ? (ParameterChanges?)null : changes;
    }

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    /// <summary>A member that is there and not null.</summary>
    private static JsonElement? Member(JsonElement value, string name) =>
        value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
}
