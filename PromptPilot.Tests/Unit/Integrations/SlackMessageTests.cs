using System.Text.Json;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Integrations;

public sealed class SlackMessageTests
{
    private static HookPayload Payload(params (string Key, string Output)[] outputs) =>
        new()
        {
            Event = HookEvent.Succeeded,
            RunId = "r1",
            WorkflowId = "w1",
            WorkflowName = "Weekly <digest> & more",
            WorkflowVersion = 4,
            Status = RunStatus.Succeeded,
            DurationMs = 3210,
            Outputs = outputs.ToDictionary(output => output.Key, output => AppJson.Text(output.Output)),
        };

    [Fact]
    public void Message_HasTitleFactsLinkAndOutputs()
    {
        var message = SlackMessage.Of(
            Payload(("digest", "# What was said\n**Release** on [Friday](https://example.org)\n- Ann")),
            new MessageLinks("https://prompts.example.org/runs/r1", [])
        );

        message.Text.Should().Be("“Weekly &lt;digest&gt; &amp; more” succeeded");
        message.Blocks[0].Should().Be(new SlackBlock("header", new SlackText("plain_text", "“Weekly <digest> & more” succeeded")));
        message
            .Blocks.Skip(1)
            .Select(block => block.Text.Text)
            .Should()
            .Equal(
                "version 4 · 3.2 s · <https://prompts.example.org/runs/r1|Open the run>",
                "*digest*\n*What was said*\n*Release* on Friday (https://example.org)\n• Ann"
            );
    }

    [Theory]
    [InlineData("<!channel> look")]
    [InlineData("<!here|x> <@U024BE7LH> <#C024BE7LR> <!subteam^S1>")]
    [InlineData("<https://evil.example|Click here>")]
    [InlineData("&lt;!channel&gt;")]
    [InlineData("[<!channel>](https://example.org)")]
    [InlineData("```\n<!everyone>\n```")]
    public void Text_OfAModel_MakesNoMentionsOrLinks(string output)
    {
        var message = SlackMessage.Of(
            Payload(("out", output)) with
            {
                Error = new RunError(ErrorCode.Internal, output, null),
                Reviews = [new HookReview("s", output, output, null)],
            },
            MessageLinks.None
        );

        message
            .Blocks.Select(block => block.Text)
            .Where(text => text.Type == "mrkdwn")
            .Should()
            .OnlyContain(text => text.Verbatim == true && !text.Text.Contains('<') && !text.Text.Contains('>'));
        JsonSerializer.Serialize(message, AppJson.Options).Should().NotContain("&amp;lt;amp");
    }

    [Theory]
    [InlineData("x", 400_000)]
    [InlineData("&", 40_000)]
    [InlineData("😀", 40_000)]
    [InlineData("A line of text.\n", 20_000)]
    [InlineData("```\ncode &\n```\n", 20_000)]
    [InlineData("```\n&&&&&&&&", 20_000)]
    public void LongOutputs_StayWithinSlacksLimits(string part, int times)
    {
        var text = string.Concat(Enumerable.Repeat(part, times));

        var message = SlackMessage.Of(
            Payload(("one", text), ("two", text)) with
            {
                OmittedOutputs = ["three"],
            },
            new MessageLinks("https://prompts.example.org/runs/r1", [])
        );

        message.Blocks.Count.Should().BeLessThanOrEqualTo(SlackMessage.MaxBlocks);
        foreach (var block in message.Blocks.Skip(1))
        {
            block.Text.Text.Length.Should().BeInRange(1, SlackMessage.MaxSection);
            block.Text.Text.Replace("&amp;", "", StringComparison.Ordinal).Should().NotContain("&", "no entity is cut");
            Unicode.WellFormed(block.Text.Text).Should().Be(block.Text.Text, "no pair of surrogates is cut");
        }

        message.Blocks.Should().Contain(block => block.Text.Text.Contains("too long for a message"));
        message.Blocks[^1].Text.Text.Should().Contain("three");
    }

    [Fact]
    public void Reviews_AreLinked_OneByTheMainLink_SeveralEachByItsOwn()
    {
        var one = Payload() with { Event = HookEvent.Waiting, Reviews = [new HookReview("s", "reply", null, null)] };
        var two = one with { Reviews = [.. one.Reviews, new HookReview("t", "title", "Is it short?", null)] };

        Texts(one, new MessageLinks("https://p/runs/r1", ["https://p/reviews/1"]))
            .Should()
            .Equal("version 4 · 3.2 s · <https://p/reviews/1|Open the review>", "Approve, edit or reject the output “reply”.");
        Texts(two, new MessageLinks("https://p/runs/r1", ["https://p/reviews/1", "https://p/reviews/2"]))
            .Should()
            .Equal(
                "version 4 · 3.2 s · <https://p/runs/r1|Open the run>",
                "<https://p/reviews/1|Open the review> · Approve, edit or reject the output “reply”.",
                "<https://p/reviews/2|Open the review> · Approve, edit or reject the output “title”. Is it short?"
            );
    }

    private static IEnumerable<string> Texts(HookPayload payload, MessageLinks links) =>
        SlackMessage.Of(payload, links).Blocks.Skip(1).Select(block => block.Text.Text);

    [Fact]
    public void Header_IsCutAtItsLimit()
    {
        var message = SlackMessage.Of(Payload() with { WorkflowName = string.Concat(Enumerable.Repeat("😀", 200)) }, MessageLinks.None);

        message.Blocks[0].Text.Text.Length.Should().BeLessThanOrEqualTo(SlackMessage.MaxHeader);
        Unicode.WellFormed(message.Blocks[0].Text.Text).Should().Be(message.Blocks[0].Text.Text);
    }

    [Fact]
    public void Json_IsWhatSlackReads()
    {
        var json = JsonSerializer.SerializeToElement(SlackMessage.Of(Payload(("out", "")), MessageLinks.None), AppJson.Options);

        json.GetProperty("unfurl_links").GetBoolean().Should().BeFalse();
        json.GetProperty("blocks")[0].GetProperty("text").GetProperty("type").GetString().Should().Be("plain_text");
        json.GetProperty("blocks")[0].GetProperty("text").TryGetProperty("verbatim", out _).Should().BeFalse();
        json.GetProperty("blocks")[1].GetProperty("text").GetProperty("verbatim").GetBoolean().Should().BeTrue();
    }
}
