using System.Text.Json;

namespace PromptPilot.Core.Shared;

/// <summary>The deepest nesting of JSON from any source: bodies, webhooks, imports, forms, schemas and answers of models.</summary>
public static class JsonLimits
{
    /// <summary>Lists and objects inside each other that are accepted in one value.</summary>
    public const int Depth = 50;

    /// <summary>
    /// What can be stored, read, streamed, exported and delivered. It leaves room for what is put around an accepted value, and reads what
    /// was stored before the limit was as low.
    /// </summary>
    internal const int CarriedDepth = 256;

    /// <summary>The error for a value that is too deep.</summary>
    public static readonly string TooDeep = $"This is nested more than {Depth} levels deep. Use fewer levels.";

    /// <summary>True when lists and objects are nested more than <see cref="Depth"/> times. A plain value has no level.</summary>
    public static bool IsTooDeep(JsonElement value) => IsDeeper(value, Depth);

    /// <summary>True when a reader gave up on the depth of a text, not on its syntax.</summary>
    public static bool IsAboutDepth(JsonException exception) =>
        exception.Message.Contains("maximum configured depth", StringComparison.Ordinal);

    private static bool IsDeeper(JsonElement value, int levels) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => levels == 0 || value.EnumerateArray().Any(item => IsDeeper(item, levels - 1)),
            JsonValueKind.Object => levels == 0 || value.EnumerateObject().Any(member => IsDeeper(member.Value, levels - 1)),
            _ => false,
        };
}
