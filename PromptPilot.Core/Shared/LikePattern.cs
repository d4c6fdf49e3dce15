using System.Text.Json;

namespace PromptPilot.Core.Shared;

/// <summary>Turns search text into a pattern for SQL's LIKE that matches %, _ and \ literally.</summary>
internal static class LikePattern
{
    /// <summary>Stands before a character that is meant literally.</summary>
    public const string Escape = "\\";

    /// <summary>Fits what contains <paramref name="text"/> anywhere.</summary>
    public static string Containing(string text) =>
        "%"
        + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal)
        + "%";

    /// <summary>Matches stored JSON with a string that contains <paramref name="text"/>.</summary>
    public static string ContainingInJson(string text) => Containing(JsonSerializer.Serialize(text, AppJson.Options)[1..^1]);
}
