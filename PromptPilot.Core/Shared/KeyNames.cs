using System.Globalization;
using System.Text;

namespace PromptPilot.Core.Shared;

/// <summary>
/// Names of variables, inputs and output keys: letters of any script, digits and underscores, up to 64 characters, and no word that Liquid
/// or the run context uses. Case matters: <c>Notes</c> and <c>notes</c> are two names.
/// </summary>
public static class KeyNames
{
    public const int MaxLength = 64;

    private static readonly HashSet<string> Reserved =
    [
        "trigger",
        "run",
        "item",
        "index",
        "true",
        "false",
        "nil",
        "null",
        "empty",
        "blank",
        "and",
        "or",
        "not",
        "contains",
        "in",
        "with",
        "if",
        "elsif",
        "else",
        "endif",
        "unless",
        "endunless",
        "case",
        "when",
        "endcase",
        "for",
        "endfor",
        "break",
        "continue",
        "cycle",
        "tablerow",
        "endtablerow",
        "assign",
        "capture",
        "endcapture",
        "increment",
        "decrement",
        "comment",
        "endcomment",
        "raw",
        "endraw",
        "include",
        "render",
        "liquid",
        "echo",
        "forloop",
        "tablerowloop",
        "this",
        "func",
        "do",
    ];

    /// <summary>The error in a name, or null when it may be used.</summary>
    /// <param name="name">The name as typed.</param>
    /// <param name="isFilter">True when a word is the name of a template filter, which would be shadowed.</param>
    public static string? Problem(string name, Func<string, bool> isFilter) =>
        name switch
        {
            "" => "Enter a name.",
            _ when name.Length > MaxLength => $"A name can have at most {MaxLength} characters.",
            _ when !IsName(name) =>
                $"“{name}” is not a valid name. Use letters, digits and underscores, and start with a letter or underscore.",
            _ when !name.IsNormalized(NormalizationForm.FormC) =>
                $"“{name}” has a letter that is written as two characters, such as e and ´. Retype it as one.",
            _ when Reserved.Contains(name) => $"“{name}” is a reserved word. Choose another name.",
            _ when isFilter(name) => $"“{name}” is the name of a template filter. Choose another name.",
            _ => null,
        };

    /// <summary>
    /// A text is one name, whether or not it may be used: letters, then also digits and the marks that scripts such as Devanagari and Thai
    /// write vowels with.
    /// </summary>
    public static bool IsName(string text)
    {
        var isFirst = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsStart(rune) && (isFirst || !IsInside(rune)))
            {
                return false;
            }

            isFirst = false;
        }

        return !isFirst;
    }

    /// <summary>A character that a name can begin with.</summary>
    internal static bool IsStart(Rune rune) =>
        rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.LetterNumber;

    /// <summary>A character that can follow in a name.</summary>
    internal static bool IsInside(Rune rune) =>
        IsStart(rune)
        || Rune.IsDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
