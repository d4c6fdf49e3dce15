using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Approvals;

/// <summary>Limits and validation of the texts of change requests.</summary>
internal static class ChangeText
{
    public const int MaxNote = 1000;
    public const int MaxComment = 4000;

    /// <summary>The trimmed text, or a problem at its field.</summary>
    public static Result<string> Of(string? text, string field, int most, string? missing = null)
    {
        var tidy = text?.Trim() ?? "";
        return tidy.Length > most ? Problem.AtField(field, $"The limit is {most:N0} characters; this has {tidy.Length:N0}.")
            : tidy.Length == 0 && missing is not null ? Problem.AtField(field, missing)
            : tidy;
    }
}
