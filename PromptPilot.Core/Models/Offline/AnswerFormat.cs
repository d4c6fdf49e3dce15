using System.Globalization;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.Models.Offline;

/// <summary>The form of answer that an instruction asks for.</summary>
/// <param name="Sentences">The number of sentences; null if not specified.</param>
/// <param name="JsonKey">An object with one list is wanted: the key of the list.</param>
internal sealed partial record AnswerFormat(int? Sentences, bool AsList, string? JsonKey = null)
{
    private const int MaxSentences = 40;

    private static readonly string[] Numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    public static AnswerFormat Of(string instruction) => new(Count(instruction), List().IsMatch(instruction), Key(instruction));

    private static string? Key(string instruction) =>
        Json().Match(instruction) is { Success: true } match ? match.Groups["key"].Value : null;

    private static int? Count(string instruction)
    {
        var match = Counted().Match(instruction);
        if (!match.Success)
        {
            return null;
        }

        var word = match.Groups["high"].Success && match.Groups["high"].Length > 0 ? match.Groups["high"].Value : match.Groups["n"].Value;
        var number = int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var digits)
            ? digits
            : Array.IndexOf(Numbers, word.ToLowerInvariant()) + 1;
        return number > 0 ? Math.Min(number, MaxSentences) : null;
    }

    [GeneratedRegex("""JSON[^{]{0,80}\{\s*"(?<key>\w+)"\s*:\s*\[""", RegexOptions.IgnoreCase)]
    private static partial Regex Json();

    [GeneratedRegex(
        @"\b(?:bullets?|lists?|checklist|action items?|to-?dos?|key points|stichpunkte|liste|lista|puntos)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex List();

    [GeneratedRegex(
        @"\b(?<n>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)(?:\s*(?:-|–|to|or)\s*(?<high>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten))?\s+(?:[\w-]+\s+){0,2}?(?:sentences?|bullets?|bullet points?|points|items?|lines?|sätzen?|frases|phrases)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Counted();
}
