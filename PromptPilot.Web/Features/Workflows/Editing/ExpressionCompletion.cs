using System.Text.RegularExpressions;
using PromptPilot.Core.Shared.Liquid;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>What could stand at the end of an expression.</summary>
/// <param name="Text">The whole expression with it.</param>
public sealed record Completion(string Word, string Source, string Text);

/// <summary>Completes expressions: keys and paths where a value is expected, filters behind a bar.</summary>
internal static partial class ExpressionCompletion
{
    public const int Most = 8;

    /// <summary>The best first; nothing when the end is already complete, or inside a quoted text.</summary>
    public static IReadOnlyList<Completion> Of(string text, IReadOnlyList<ReadableKey> keys)
    {
        if (text.Count(c => c == '\'') % 2 == 1 || text.Count(c => c == '"') % 2 == 1)
        {
            return [];
        }

        var word = LastWord().Match(text).Value;
        var before = text[..(text.Length - word.Length)];
        IEnumerable<(string Word, string Source)> known = before.TrimEnd().EndsWith('|')
            ? LiquidFilters.Names.Select(name => (name, "filter"))
            : before.TrimEnd() is "" or [.., ':' or ',' or '=' or '<' or '>'] ? keys.Select(key => (key.Name, key.Source)) : [];
        return
        [
            .. known.Where(item => item.Word != word && item.Word.Contains(word, StringComparison.OrdinalIgnoreCase))
                .OrderByDescending(item => item.Word.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Take(Most).Select(item => new Completion(item.Word, item.Source, before + item.Word)),
        ];
    }

    [GeneratedRegex(@"[A-Za-z0-9_.\-\[\]]*$")]
    private static partial Regex LastWord();
}
