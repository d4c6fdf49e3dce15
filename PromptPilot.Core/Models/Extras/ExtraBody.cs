using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.Extras;

/// <summary>Fields that a profile adds to the body of its calls.</summary>
internal static class ExtraBody
{
    /// <summary>The longest, in bytes.</summary>
    public const int MaxBytes = 8 * 1024;

    private const int MaxDepth = 20;

    /// <summary>
    /// What decides who is asked what, how the answer comes, and what it can cost: a call must be what its log and its budget say.
    /// </summary>
    private static readonly string[] Reserved =
    [
        "model",
        "messages",
        "prompt",
        "input",
        "system",
        "stream",
        "stream_options",
        "n",
        "best_of",
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "num_predict",
    ];

    /// <summary>Fields of the form.</summary>
    private static readonly string[] OfTheForm = ["temperature", "top_p", "stop", "stop_sequences", "seed", "reasoning_effort", "think"];

    /// <summary>What is wrong with a text; null: nothing.</summary>
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
                    ? new FieldError(Field, "A field of the extra body occurs twice.")
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
