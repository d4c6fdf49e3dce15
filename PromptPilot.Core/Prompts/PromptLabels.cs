using System.Text.RegularExpressions;

namespace PromptPilot.Core.Prompts;

/// <summary>A label and the version it is on.</summary>
public sealed record PromptLabelItem(string Name, string Version, DateTime UpdatedAt);

/// <summary>Validates names of labels.</summary>
internal static partial class PromptLabels
{
    /// <summary>The newest version: automatic, never stored.</summary>
    public const string Latest = "latest";

    /// <summary>The error in a name, or null.</summary>
    public static string? Problem(string name) =>
        name switch
        {
            Latest => "“latest” is automatic and always on the newest version. Choose another label.",
            _ when !Pattern().IsMatch(name) =>
                "Labels use lowercase letters, digits, dots, hyphens and underscores, start with a letter, and have at most 64 characters.",
            _ => null,
        };

    [GeneratedRegex(@"^[a-z][a-z0-9._-]{0,63}\z")]
    private static partial Regex Pattern();
}
