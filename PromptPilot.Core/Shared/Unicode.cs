using System.Text;

namespace PromptPilot.Core.Shared;

/// <summary>
/// Text as every part of the product can carry it. Two things cannot be carried: half of a surrogate pair, which UTF-8 cannot write, and
/// U+0000, which PostgreSQL refuses. What people and programs send is refused with <see cref="Fault"/>; what models and servers send is
/// kept as <see cref="WellFormed"/>, since a run must not fail for a character.
/// </summary>
public static class Unicode
{
    public const string HalfCharacter = "The text contains a lone surrogate, which is not a valid character. Send valid Unicode.";

    public const string Nul = "The text contains the character U+0000 (NUL), which cannot be stored. Remove it.";

    /// <summary>Why a text cannot be carried, and what to do; null if it can.</summary>
    public static string? Fault(ReadOnlySpan<char> text) =>
        text.Contains('\0') ? Nul
        : HasHalfCharacter(text) ? HalfCharacter
        : null;

    /// <summary>The text with U+FFFD for each U+0000 and each half of a surrogate pair that is alone.</summary>
    public static string WellFormed(string text) =>
        Fault(text) is null
            ? text
            : string.Create(
                text.Length,
                text,
                static (target, source) =>
                {
                    for (var i = 0; i < source.Length; i++)
                    {
                        if (IsPair(source, i))
                        {
                            target[i] = source[i];
                            target[++i] = source[i];
                        }
                        else
                        {
                            target[i] = source[i] == '\0' || char.IsSurrogate(source[i]) ? '\uFFFD' : source[i];
                        }
                    }
                }
            );

    /// <summary>
    /// The text in a normalization form. .NET refuses to normalize U+FFFE, which can be stored and sent; it becomes U+FFFD, as half of a
    /// surrogate pair does.
    /// </summary>
    public static string Normalized(string text, NormalizationForm form = NormalizationForm.FormC) =>
        WellFormed(text).Replace('\uFFFE', '\uFFFD').Normalize(form);

    private static bool HasHalfCharacter(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (IsPair(text, i))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPair(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
}
