using System.Globalization;
using System.Text;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange;

/// <summary>
/// Names of files made of names that people gave: the same names always give the same files, and no two files differ by case only.
/// </summary>
internal sealed class FileNames
{
    private const int Longest = 80;

    private static readonly HashSet<string> Devices = new(StringComparer.Ordinal)
    {
        "con",
        "prn",
        "aux",
        "nul",
        "readme",
        "com1",
        "com2",
        "com3",
        "com4",
        "com5",
        "com6",
        "com7",
        "com8",
        "com9",
        "lpt1",
        "lpt2",
        "lpt3",
        "lpt4",
        "lpt5",
        "lpt6",
        "lpt7",
        "lpt8",
        "lpt9",
    };

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>A name without folder or ending that was not given before.</summary>
    public string Next(string name)
    {
        var plain = Plain(name);
        var next = plain;
        for (var number = 2; !_taken.Add(next); number++)
        {
            next = string.Create(CultureInfo.InvariantCulture, $"{plain}-{number}");
        }

        return next;
    }

    /// <summary>Letters and digits of any script in small, hyphens between.</summary>
    internal static string Plain(string name)
    {
        var plain = new StringBuilder();
        foreach (var rune in Unicode.Normalized(name).ToLowerInvariant().EnumerateRunes())
        {
            var isOfWord =
                Rune.IsLetterOrDigit(rune)
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            if (isOfWord && plain.Length + rune.Utf16SequenceLength <= Longest)
            {
                plain.Append(rune);
            }
            else if (plain.Length > 0 && plain[^1] != '-' && plain.Length < Longest)
            {
                plain.Append('-');
            }
        }

        var made = plain.ToString().Trim('-');
        return made.Length == 0 ? "unnamed"
            : Devices.Contains(made) ? made + "-1"
            : made;
    }
}
