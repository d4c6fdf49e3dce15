using System.Text.RegularExpressions;

namespace PromptPilot.Core.Liquid.Hints;

/// <summary>Finds valid code that means something else in other template languages.</summary>
internal static class LiquidHints
{
    private const int Most = 5;

    private static readonly Regex JinjaComment = new(
        @"\{#[^{}]*?#\}",
        RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant
    );

    /// <param name="verbatim">Raw and comment blocks, in which anything is text.</param>
    public static IEnumerable<LiquidException> Find(string text, Regex verbatim)
    {
        if (!text.Contains("{#", StringComparison.Ordinal))
        {
            return [];
        }

        var blocks = verbatim.Matches(text);
        return JinjaComment
            .Matches(text)
            .Where(comment => !blocks.Any(block => block.Index <= comment.Index && comment.Index < block.Index + block.Length))
            .Take(Most)
            .Select(comment => new LiquidException(
                "“{# … #}” is a comment in Jinja, but text here. Write {% comment %} … {% endcomment %}.",
                comment.Index
            ));
    }
}
