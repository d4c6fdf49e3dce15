using System.Globalization;

namespace PromptPilot.Core.Shared.Texts;

/// <summary>Shortens texts of any origin without cutting a character in two. The only place that does.</summary>
public static class Shorten
{
    /// <summary>A character that people see may be longer than any limit; beyond this it is cut between its parts.</summary>
    private const int LongestCharacter = 64;

    private const string Ellipsis = "…";

    /// <summary>For people: the text, or its beginning with an ellipsis, cut between characters as people see them.</summary>
    /// <param name="most">UTF-16 units of the result at most, the ellipsis included.</param>
    public static string Text(string text, int most) =>
        text.Length <= most ? text
        : most < Ellipsis.Length ? ""
        : string.Concat(text.AsSpan(0, EndOfCharacters(text, most - Ellipsis.Length)), Ellipsis);

    /// <summary>For storage and search: the beginning of the text without a mark, never with half a surrogate pair at its end.</summary>
    /// <param name="most">UTF-16 units at most.</param>
    public static string Cut(string text, int most) => text.Length <= most ? text : text[..EndOfPairs(text, most)];

    /// <summary>For people: all names, or the first few and how many more there are: “a, b and 98 more”.</summary>
    /// <param name="most">Names at most; “1 more” is never said where the name itself would fit.</param>
    public static string Names(IReadOnlyList<string> names, int most = 6) =>
        names.Count <= most
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(most - 1))} and {(names.Count - most + 1).ToString(CultureInfo.InvariantCulture)} more";

    /// <summary>The largest end up to <paramref name="most"/> that is not inside a surrogate pair.</summary>
    /// <param name="most">Less than the length of the text.</param>
    internal static int EndOfPairs(string text, int most) =>
        most > 0 && char.IsHighSurrogate(text[most - 1]) && char.IsLowSurrogate(text[most]) ? most - 1 : most;

    /// <summary>The largest end up to <paramref name="most"/> that is not inside a character as people see it.</summary>
    internal static int EndOfCharacters(string text, int most)
    {
        var end = 0;
        while (end < most)
        {
            var next = end + StringInfo.GetNextTextElementLength(text.AsSpan(end));
            if (next > most)
            {
                break;
            }

            end = next;
        }

        return most - end > LongestCharacter ? EndOfPairs(text, most) : end;
    }
}
