using System.Text.RegularExpressions;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>Cuts a template into pieces to be coloured: <c>{{ }}</c>, <c>{% %}</c> and the text between. For the eye only; the engine reads templates itself.</summary>
internal static partial class LiquidPieces
{
    /// <summary>Longer texts are shown plain: colouring sends the text to the browser once more.</summary>
    public const int Longest = 30_000;

    public static List<(string Text, string? Class)> Cut(string text)
    {
        var pieces = new List<(string, string?)>();
        var from = 0;
        if (text.Length <= Longest)
        {
            foreach (var match in Pattern().EnumerateMatches(text))
            {
                pieces.Add((text[from..match.Index], null));
                pieces.Add((text.Substring(match.Index, match.Length), text[match.Index + 1] == '{' ? "liquid-value" : "liquid-tag"));
                from = match.Index + match.Length;
            }
        }

        pieces.Add((text[from..], null));
        return pieces;
    }

    [GeneratedRegex(@"\{\{[^{}]*\}\}|\{%[^%]*%\}", RegexOptions.None, matchTimeoutMilliseconds: 200)]
    private static partial Regex Pattern();
}
