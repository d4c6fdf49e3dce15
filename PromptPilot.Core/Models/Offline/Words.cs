using System.Globalization;
using System.Text;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models.Offline;

/// <summary>
/// The terms of a text: words of letters and digits in lower case; in scripts without spaces, pairs of neighboring characters.
/// </summary>
internal static class Words
{
    public static List<string> Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var previousWide = '\0';
        foreach (var c in Unicode.Normalized(text, NormalizationForm.FormKC))
        {
            if (Sentences.IsWide(c) && char.IsLetter(c))
            {
                Flush();
                if (previousWide != '\0')
                {
                    words.Add(string.Concat(previousWide, c));
                }

                previousWide = c;
                continue;
            }

            previousWide = '\0';
            if (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || IsMark(c))
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else
            {
                Flush();
            }
        }

        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }

    /// <summary>Vowel signs of Indic scripts and accents that stand alone belong to their word.</summary>
    private static bool IsMark(char c) =>
        CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
