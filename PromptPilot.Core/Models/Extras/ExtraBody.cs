using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.Extras;

/// <summary>Fields that a profile adds to the body of its calls.</summary>
internal static class ExtraBody
{
    /// <summary>Maximum length in bytes.</summary>
    public const int MaxBytes = 8 * 1024;

    private const int MaxDepth = 20;

    /// <summary>
    /// Fields that decide the model, the provider behind a router, the messages, tools, the form of the answer and its cost: a call must
    /// match its log and its budget.
    /// </summary>
    private static readonly string[] Reserved =
    [
        "model",
        "models",
        "route",
        "provider",
        "service_tier",
        "messages",
        "prompt",
        "input",
        "system",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "functions",
        "function_call",
        "plugins",
        "web_search_options",
        "response_format",
        "format",
        "modalities",
        "audio",
        "stream",
        "stream_options",
        "n",
        "best_of",
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "num_predict",
    ];

    /// <summary>Parameters that have their own field in the form.</summary>
    private static readonly string[] OfTheForm = ["temperature", "top_p", "stop", "stop_sequences", "seed", "reasoning_effort", "think"];

    /// <summary>The first problem of a text; null if there is none.</summary>
    public static FieldError? Problem(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        const string Field = "extraBody";
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            return new FieldError(Field, $"The extra body can have at most {MaxBytes / 1024} KB.");
        }

        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new FieldError(Field, "The extra body must be a JSON object, e.g. {\"top_k\": 40}.");
            }

            var names = NamesOf(json.RootElement).ToList();
            return names.Find(name => Reserved.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } reserved
                    ? new FieldError(Field, $"The extra body cannot set “{reserved}”. Remove it.")
                : names.Find(name => OfTheForm.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } known
                    ? new FieldError(Field, $"Set “{known}” in its own field, not in the extra body.")
                : names.Count != names.Distinct(StringComparer.Ordinal).Count()
                    ? new FieldError(Field, "The extra body has the same field twice. Remove one.")
                : null;
        }
        catch (JsonException exception)
        {
            return new FieldError(Field, $"The extra body is not valid JSON: {exception.Message}");
        }
    }

    /// <summary>The names at the top level and in Ollama's <c>options</c>, which hold the same parameters.</summary>
    private static IEnumerable<string> NamesOf(JsonElement body) =>
        body.EnumerateObject()
            .SelectMany(field =>
                field.NameEquals("options") && field.Value.ValueKind == JsonValueKind.Object
                    ? field.Value.EnumerateObject().Select(option => option.Name).Prepend(field.Name)
                    : [field.Name]
            );
}
