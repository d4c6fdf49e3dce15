using System.Text;
using System.Text.RegularExpressions;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>A text of Block Kit, and the ways to make one of what a model wrote.</summary>
internal sealed record SlackText(string Type, string Text)
{
    private const string Fence = "```";

    // A model writes these lines: their time must grow with their length only.
    private static readonly Regex Heading = Linear(@"^ {0,3}#{1,6}\s+(.+?)\s*#*$");
    private static readonly Regex Bullet = Linear(@"^(\s*)[-*+]\s+");
    private static readonly Regex Strong = Linear(@"\*\*([^*\n]+)\*\*");
    private static readonly Regex Link = Linear(@"!?\[([^\]\[\n]*)\]\(([^()\s]+)\)");

    /// <summary>Keeps Slack from turning plain words such as @channel into mentions and links. Only for mrkdwn.</summary>
    public bool? Verbatim { get; init; }

    /// <summary>
    /// Without the signs that begin mentions (<c>&lt;!channel&gt;</c>), links and channels:
    /// https://docs.slack.dev/messaging/formatting-message-text#escaping.
    /// </summary>
    public static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>Converts the Markdown of models to Slack's dialect. A link shows its target; code is unchanged.</summary>
    public static string OfMarkdown(string markdown)
    {
        var result = new StringBuilder();
        var isCode = false;
        foreach (var line in Escape(markdown.ReplaceLineEndings("\n")).Split('\n'))
        {
            if (result.Length > 0)
            {
                result.Append('\n');
            }

            if (line.TrimStart().StartsWith(Fence, StringComparison.Ordinal))
            {
                isCode = !isCode;
                result.Append(Fence);
            }
            else
            {
                result.Append(isCode ? line : Line(line));
            }
        }

        return isCode ? result.Append('\n').Append(Fence).ToString() : result.ToString();
    }

    /// <summary>
    /// Parts that fit a section each, cut between lines where that is possible, never inside an entity or a pair of surrogates. Code that
    /// is cut continues as code.
    /// </summary>
    public static List<string> Split(string text)
    {
        // Room for a fence at both ends.
        const int Most = SlackMessage.MaxSection - 10;
        var parts = new List<string>();
        var isCode = false;
        while (text.Length > 0)
        {
            var end = text.Length <= Most ? text.Length : Cut(text, Most);
            var part = text[..end];
            text = text[end..].TrimStart('\n');
            var begin = isCode ? $"{Fence}\n" : "";
            isCode ^= CountOf(part) % 2 == 1;
            parts.Add(begin + part + (isCode ? $"\n{Fence}" : ""));
        }

        // Slack takes no empty text.
        return parts.Count == 0 ? ["–"] : parts;
    }

    private static int Cut(string text, int most)
    {
        var line = text.LastIndexOf('\n', most - 1, most / 2);
        if (line > 0)
        {
            return line;
        }

        var entity = text.LastIndexOf('&', most - 1, 6);
        var end = entity >= 0 && text.IndexOf(';', entity) >= most ? entity : most;
        return end < text.Length ? Shorten.EndOfPairs(text, end) : end;
    }

    private static int CountOf(string text) => text.Split('\n').Count(line => line.StartsWith(Fence, StringComparison.Ordinal));

    private static string Line(string line)
    {
        if (Heading.Match(line) is { Success: true } heading)
        {
            return $"*{heading.Groups[1].Value.Replace("*", "", StringComparison.Ordinal).Trim()}*";
        }

        var text = Bullet.Replace(line, "$1• ");
        text = Strong.Replace(text, "*$1*");
        return Link.Replace(text, "$1 ($2)");
    }

    private static Regex Linear(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
