using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>Converts a body to one JSON value: JSON unchanged, a form to an object, text to a string, no body to null.</summary>
internal static class WebhookPayload
{
    private const int MaxFields = 1000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonElement Null = JsonSerializer.SerializeToElement<string?>(null);

    /// <param name="contentType">As sent. Without one, JSON is tried, then text.</param>
    public static Result<JsonElement> Read(string? contentType, ReadOnlyMemory<byte> body)
    {
        if (body.Length == 0)
        {
            return Null;
        }

        if (Decode(body) is not { } text)
        {
            return Problem.AtField("body", "The body is not UTF-8. Send it as UTF-8.");
        }

        if (Unicode.Fault(text) is { } fault)
        {
            return Problem.AtField("body", fault);
        }

        var type = contentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        return type switch
        {
            "application/json" => Json(text),
            _ when type.EndsWith("+json", StringComparison.Ordinal) => Json(text),
            "application/x-www-form-urlencoded" => Form(text),
            "" => Json(text) is { IsOk: true } json ? json : AppJson.Text(text),
            _ when type.StartsWith("text/", StringComparison.Ordinal) => AppJson.Text(text),
            _ => Problem.AtField(
                "Content-Type",
                $"“{type}” is not supported. Send application/json, application/x-www-form-urlencoded or text/plain."
            ),
        };
    }

    /// <summary>The body as a text, without a byte order mark; null when it is not UTF-8.</summary>
    public static string? Decode(ReadOnlyMemory<byte> body)
    {
        var bytes = body.Span;
        try
        {
            return Strict.GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static Result<JsonElement> Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonLimits.CarriedDepth });
            return InputValues.Unusable(document.RootElement) is { } wrong ? Problem.AtField("body", wrong) : document.RootElement.Clone();
        }
        catch (JsonException error) when (JsonLimits.IsAboutDepth(error))
        {
            return Problem.AtField("body", JsonLimits.TooDeep);
        }
        catch (JsonException error)
        {
            var (line, column) = ((int)(error.LineNumber ?? 0) + 1, (int)(error.BytePositionInLine ?? 0) + 1);
            return Problem.Invalid(
                "The body is not JSON, although its Content-Type says so.",
                new FieldError("body", "This is not JSON.", line, column)
            );
        }
    }

    private static Result<JsonElement> Form(string text)
    {
        try
        {
            var form = new FormReader(text)
            {
                ValueCountLimit = MaxFields,
                KeyLengthLimit = 2000,
                ValueLengthLimit = WebhookRequest.MaxBody,
            }.ReadForm();
            var fault = form.SelectMany(field => field.Value.Append(field.Key))
                .Select(part => Unicode.Fault(part))
                .FirstOrDefault(found => found is not null);
            return fault is not null
                ? Problem.AtField("body", fault)
                : JsonSerializer.SerializeToElement(
                    form.ToDictionary(field => field.Key, field => Value(field.Key, field.Value)),
                    AppJson.Options
                );
        }
        catch (InvalidDataException)
        {
            return Problem.AtField("body", $"The form has more than {MaxFields} fields, or one of them is too long.");
        }
    }

    /// <summary>GitHub's form has the JSON in a field <c>payload</c>: it is read, so that paths work.</summary>
    private static JsonElement Value(string name, Microsoft.Extensions.Primitives.StringValues values)
    {
        if (values.Count > 1)
        {
            return JsonSerializer.SerializeToElement(values.Select(value => value ?? ""), AppJson.Options);
        }

        var value = values.ToString();
        return name == "payload" && value.StartsWith('{') && Json(value) is { IsOk: true } json ? json.Value : AppJson.Text(value);
    }
}
