using System.Net;
using System.Text;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>A delivery as an e-mail, in plain text and HTML. Content from others is always text, never markup.</summary>
internal static class EmailText
{
    /// <summary>The most characters of an output in an e-mail.</summary>
    public const int MaxOutput = 50_000;

    private const string Rest = "The rest is too long for an e-mail. See the run page.";

    public static string Plain(HookPayload payload, MessageLinks links)
    {
        var text = new StringBuilder();
        foreach (
            var line in Lines(payload)
                .Concat(payload.Reviews.Select((review, at) => HookWords.Review(review) + Own(links, at)))
                .Append(HookWords.Omitted(payload))
                .Append(links.Main is { } link ? $"{Capital(HookWords.LinkTo(payload, links))}: {link}" : null)
                .OfType<string>()
        )
        {
            text.AppendLine(line).AppendLine();
        }

        foreach (var (key, output, isCut) in Outputs(payload))
        {
            text.AppendLine(key).AppendLine(new string('-', Math.Min(key.Length, 60))).AppendLine(output).AppendLine();
            if (isCut)
            {
                text.AppendLine(Rest).AppendLine();
            }
        }

        return text.ToString();
    }

    public static string Html(HookPayload payload, MessageLinks links)
    {
        var html = new StringBuilder(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body "
                + "style=\"font-family:sans-serif;font-size:14px;line-height:1.5;color:#1b1f27\">"
        );
        html.Append("<h1 style=\"font-size:18px\">").Append(Encode(HookWords.Title(payload))).Append("</h1>");
        foreach (var line in Lines(payload).OfType<string>())
        {
            html.Append("<p>").Append(Encode(line)).Append("</p>");
        }

        foreach (var (review, at) in payload.Reviews.Select((review, at) => (review, at)))
        {
            html.Append("<p>").Append(Encode(HookWords.Review(review)));
            if (links.Reviews.Count > 1 && links.OfReview(at) is { } own)
            {
                html.Append(" <a href=\"").Append(Encode(own)).Append("\">Open the review</a>");
            }

            html.Append("</p>");
        }

        if (HookWords.Omitted(payload) is { } omitted)
        {
            html.Append("<p>").Append(Encode(omitted)).Append("</p>");
        }

        if (links.Main is { } link)
        {
            html.Append("<p><a href=\"").Append(Encode(link)).Append("\">Open the ");
            html.Append(HookWords.LinkTo(payload, links)).Append("</a></p>");
        }

        foreach (var (key, output, isCut) in Outputs(payload))
        {
            html.Append("<h2 style=\"font-size:15px\">")
                .Append(Encode(key))
                .Append("</h2><div style=\"white-space:pre-wrap\">")
                .Append(Encode(output))
                .Append("</div>");
            if (isCut)
            {
                html.Append("<p><i>").Append(Rest).Append("</i></p>");
            }
        }

        return html.Append("</body></html>").ToString();
    }

    private static string?[] Lines(HookPayload payload) =>
        new[]
        {
            payload.Event is null ? HookWords.TestText : null,
            HookWords.Facts(payload) is { Length: > 0 } facts ? facts : null,
            HookWords.Error(payload),
            HookWords.Note(payload),
        };

    private static string Own(MessageLinks links, int at) => links.Reviews.Count > 1 && links.OfReview(at) is { } link ? $" {link}" : "";

    private static IEnumerable<(string Key, string Output, bool IsCut)> Outputs(HookPayload payload)
    {
        foreach (var (key, value) in payload.Outputs)
        {
            var text = StepState.TextOf(value);
            var end =
                text.Length <= MaxOutput ? text.Length
                : char.IsHighSurrogate(text[MaxOutput - 1]) ? MaxOutput - 1
                : MaxOutput;
            yield return (key, text[..end], end < text.Length);
        }
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
