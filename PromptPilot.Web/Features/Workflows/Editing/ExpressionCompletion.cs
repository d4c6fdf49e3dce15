using System.Globalization;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>What could stand where someone types in an expression.</summary>
/// <param name="Text">The whole expression with it.</param>
public sealed record Completion(string Word, string Source, string Text);

/// <summary>Completes expressions, at the end or in the middle: keys and paths where a value is expected, filters behind a bar.</summary>
internal static class ExpressionCompletion
{
    public const int Most = 8;

    /// <summary>At the end of the text.</summary>
    public static IReadOnlyList<Completion> Of(string text, IReadOnlyList<ReadableKey> keys) => Of(text, text.Length, keys);

    /// <summary>The best first; nothing when the word is already complete, or inside a quoted text.</summary>
    /// <param name="caret">Where someone types. The word around it is what is completed; what follows it stays.</param>
    public static IReadOnlyList<Completion> Of(string text, int caret, IReadOnlyList<ReadableKey> keys)
    {
        var head = text[..Math.Clamp(caret, 0, text.Length)];
        if (head.Count(c => c == '\'') % 2 == 1 || head.Count(c => c == '"') % 2 == 1)
        {
            return [];
        }

        var start = head.Length;
        while (start > 0 && IsOfWord(head[start - 1]))
        {
            start--;
        }

        var end = head.Length;
        while (end < text.Length && IsOfWord(text[end]))
        {
            end++;
        }

        var (before, word, rest) = (head[..start], head[start..], text[head.Length..end]);
        var after = text[(head.Length + rest.Length)..];
        IEnumerable<(string Word, string Source)> known =
            before.TrimEnd().EndsWith('|') ? LiquidFilters.Names.Select(name => (name, "filter"))
            : before.TrimEnd() is "" or [.., ':' or ',' or '=' or '<' or '>'] ? keys.Select(key => (key.Name, key.Source))
            : [];
        return
        [
            .. known
                .Where(item => item.Word != word + rest && item.Word.Contains(word, StringComparison.OrdinalIgnoreCase))
                .OrderByDescending(item => item.Word.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Take(Most)
                .Select(item => new Completion(item.Word, item.Source, before + item.Word + after)),
        ];
    }

    /// <summary>Where someone has just typed: the end of what differs. The browser tells the text only.</summary>
    public static int CaretAfter(string before, string now)
    {
        var start = 0;
        while (start < Math.Min(before.Length, now.Length) && before[start] == now[start])
        {
            start++;
        }

        var same = 0;
        while (same < Math.Min(before.Length, now.Length) - start && before[^(same + 1)] == now[^(same + 1)])
        {
            same++;
        }

        return now.Length - same;
    }

    private static bool IsOfWord(char letter) =>
        char.IsLetterOrDigit(letter)
        || char.IsSurrogate(letter)
        || letter is '_' or '.' or '-' or '[' or ']'
        || char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
