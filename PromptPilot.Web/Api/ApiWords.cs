using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api;

/// <summary>
/// Enum values in a query string, spelled as in the API's JSON: the framework alone accepts only the names in the code, and numbers.
/// </summary>
internal static class ApiWords
{
    /// <summary>The value that a word of a query means; null without a word, or for an empty one.</summary>
    public static Result<T?> Read<T>(string field, string? word)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(word))
        {
            return (T?)null;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (word.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return Problem.AtField(
            field,
            $"“{word}” is not one of {string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName))}."
        );
    }
}
