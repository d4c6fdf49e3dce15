using System.Text.RegularExpressions;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Web.Components.Markdown;

/// <summary>The first words of a text that may be Markdown, in one line and without its marks.</summary>
internal static partial class MarkdownExcerpt
{
    /// <param name="most">UTF-16 units of the result at most, the ellipsis included.</param>
    public static string Of(string text, int most) =>
        Shorten.Text(Blanks().Replace(Marks().Replace(Shorten.Cut(text, most * 3), ""), " ").Trim(), most);

    [GeneratedRegex(@"^[ \t]*(#{1,6}|[-*+>]|\d+\.|```\w*)(\s|$)|\*\*|__|`", RegexOptions.Multiline)]
    private static partial Regex Marks();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
