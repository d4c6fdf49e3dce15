using System.Text.Json.Serialization;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>A message in Slack's Block Kit (https://docs.slack.dev/reference/block-kit), within its limits.</summary>
/// <param name="Text">Read aloud, and shown where blocks are not supported.</param>
internal sealed record SlackMessage(string Text, IReadOnlyList<SlackBlock> Blocks)
{
    /// <summary>The most blocks in a message.</summary>
    public const int MaxBlocks = 50;

    /// <summary>The most characters in the text of a section.</summary>
    public const int MaxSection = 3000;

    /// <summary>The most characters in a header.</summary>
    public const int MaxHeader = 150;

    [JsonPropertyName("unfurl_links")]
    public bool UnfurlLinks { get; init; }

    [JsonPropertyName("unfurl_media")]
    public bool UnfurlMedia { get; init; }

    public static SlackMessage Of(HookPayload payload, MessageLinks links)
    {
        var link = links.Main;
        var title = HookWords.Title(payload);
        var blocks = new List<SlackBlock> { new("header", new SlackText("plain_text", Shorten.Text(title, MaxHeader))) };
        if (payload.Event is null)
        {
            blocks.Add(SlackBlock.Section(HookWords.TestText));
        }

        var facts = HookWords.Facts(payload);
        if (facts.Length > 0 || link is not null)
        {
            blocks.Add(
                SlackBlock.Section(
                    SlackText.Escape(facts)
                        + (facts.Length > 0 && link is not null ? " · " : "")
                        + (link is null ? "" : $"<{link}|Open the {HookWords.LinkTo(payload, links)}>")
                )
            );
        }

        foreach (var text in new[] { HookWords.Error(payload), HookWords.Note(payload) }.OfType<string>())
        {
            blocks.Add(SlackBlock.Section(SlackText.Split(SlackText.Escape(text))[0]));
        }

        foreach (var (review, at) in payload.Reviews.Select((review, at) => (review, at)))
        {
            var own = links.Reviews.Count > 1 && links.OfReview(at) is { } url ? $"<{url}|Open the review> · " : "";
            blocks.Add(SlackBlock.Section(SlackText.Split(own + SlackText.Escape(HookWords.Review(review)))[0]));
        }

        var omitted = HookWords.Omitted(payload);
        AddOutputs(blocks, payload, MaxBlocks - (omitted is null ? 1 : 2));
        if (omitted is not null)
        {
            blocks.Add(SlackBlock.Section(SlackText.Split(SlackText.Escape(omitted))[0]));
        }

        return new SlackMessage(SlackText.Escape(title), blocks);
    }

    /// <summary>As many whole blocks as fit, and a note if there were more.</summary>
    private static void AddOutputs(List<SlackBlock> blocks, HookPayload payload, int room)
    {
        foreach (var (key, value) in payload.Outputs)
        {
            var text = SlackText.OfMarkdown(StepState.TextOf(value));
            foreach (var part in SlackText.Split($"*{SlackText.Escape(key)}*\n{text}"))
            {
                if (blocks.Count >= room)
                {
                    blocks.Add(SlackBlock.Section("_The rest is too long for a message. See the run page._"));
                    return;
                }

                blocks.Add(SlackBlock.Section(part));
            }
        }
    }
}

/// <summary>A part of a message.</summary>
internal sealed record SlackBlock(string Type, SlackText Text)
{
    /// <param name="mrkdwn">Text with content from others escaped.</param>
    public static SlackBlock Section(string mrkdwn) => new("section", new SlackText("mrkdwn", mrkdwn) { Verbatim = true });
}
