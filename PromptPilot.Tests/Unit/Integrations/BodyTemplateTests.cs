using System.Text.Json;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Bodies;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Integrations;

public sealed class BodyTemplateTests
{
    private const string Hard = "She said \"no\\yes\"\r\n{{ x }}\u2028🙂";

    private static readonly MessageLinks Links = new("https://p/runs/1", ["https://p/reviews/1"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Presets => [.. BodyPresets.All.Select(preset => preset.Key)];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Preset_IsJson_ForEachKindOfMessage_AndSaysWhatHappened(string key)
    {
        var body = BodyPresets.All.Single(preset => preset.Key == key).Body;

        BodyTemplate.Check(body, ["one", "größe"], Token).Should().BeNull();
        foreach (var payload in SamplePayloads.Of(["one"]).Append(Payload()))
        {
            var json = Render(body, payload);
            var title = HookWords.Title(payload)[..20];
            Texts(json).Any(text => text.Contains(title, StringComparison.Ordinal)).Should().BeTrue(json.GetRawText());
        }
    }

    /// <summary>The shapes that the receivers document, with their limits; texts are longer than each.</summary>
    [Theory]
    [InlineData("teams")]
    [InlineData("discord")]
    [InlineData("google-chat")]
    public void Preset_HasTheShapeThatItsReceiverDocuments(string key)
    {
        var template = BodyPresets.All.Single(preset => preset.Key == key).Body;
        var longest = Payload() with
        {
            WorkflowName = new string('N', 200),
            Outputs = new Dictionary<string, JsonElement> { ["one"] = AppJson.Text(new string('語', 20_000)) },
        };
        foreach (var payload in SamplePayloads.Of(["one"]).Append(longest))
        {
            foreach (var links in new[] { Links, MessageLinks.None })
            {
                var body = BodyTemplate.Render(template, payload, links, Token).Value;
                body.Length.Should().BeLessThan(28 * 1024, "Teams takes 28 KB, Google Chat 32 KB");
                Check(key, JsonElement.Parse(body), links.Main);
            }
        }
    }

    [Fact]
    public void Value_BetweenQuotes_IsTheText_WhateverItHolds()
    {
        var json = Render("""{"a": "{{ data.outputs.one }}", "b": "{{ data.outputs.one | upcase }}", "c": "{{ url }}"}""", Payload());

        json.Text("a").Should().Be(Hard);
        json.Text("b").Should().Be(Hard.ToUpperInvariant());
        json.Text("c").Should().Be("https://p/reviews/1", "one review waits");
    }

    [Fact]
    public void Value_AfterTheFilterJson_IsAValue_AndAnotherFilterMakesItATextAgain()
    {
        var json = Render(
            """
            {
              "all": {{ data.outputs | json }},
              "missing": {{ data.error.message | json }},
              "text": "{{ data.outputs | json | append: '!' }}",
              {% assign kept = data.outputs.one | json %}"kept": {{ kept }},
              {% capture both %}{{ data.outputs.one }}–{{ title }}{% endcapture %}"both": "{{ both }}",
              "list": [{% for review in data.reviews %}"{{ review.url }}"{% unless forloop.last %},{% endunless %}{% endfor %}]
            }
            """,
            Payload()
        );

        json.GetProperty("all").Text("one").Should().Be(Hard);
        json.GetProperty("missing").ValueKind.Should().Be(JsonValueKind.Null);
        JsonSerializer.Deserialize<JsonElement>(json.Text("text")[..^1]).Text("one").Should().Be(Hard);
        json.Text("kept").Should().Be(Hard);
        json.Text("both").Should().StartWith(Hard + "–");
        json.GetProperty("list")[0].GetString().Should().Be("https://p/reviews/1");
    }

    [Theory]
    [InlineData("{\"a\": \"{{ title }\"}", "Line 1", 1)]
    [InlineData("{\n  \"a\": \"{{ titl }}\"\n}", "Line 2, column 12: There is no variable “titl”. Did you mean", 2)]
    [InlineData("{\"a\": {{ title }} }", "Line 1 of the rendered body is not valid JSON", null)]
    [InlineData("{\"a\": \"{{ title | json }}\"}", "Line 1 of the rendered body is not valid JSON", null)]
    [InlineData("{\n\"a\": 1,\n}", "Line 3 of the rendered body is not valid JSON", null)]
    [InlineData("{\"a\": \"{% if data.error %}\"{% endif %}x\"}", "For the message “run.failed”", null)]
    [InlineData("Hello {{ title }}", "not valid JSON", null)]
    [InlineData("{\"a\": \"{% include \"x\" %}\"}", "cannot include parts", null)]
    [InlineData("[{% for i in (1..100000) %}\"0123456789\",{% endfor %}0]", "more than 1,000,000 bytes", null)]
    public void Template_ThatIsWrong_IsRefusedWithItsPlace(string template, string message, int? line)
    {
        var error = BodyTemplate.Check(template, ["one"], Token);

        error.Should().NotBeNull();
        error!.Field.Should().Be("body");
        error.Message.Should().Contain(message);
        error.Line.Should().Be(line);
    }

    [Fact]
    public void Template_ThatIsTooLong_IsRefused() =>
        BodyTemplate.Check($"\"{new string('x', BodyTemplate.MaxLength)}\"", [], Token)!.Message.Should().Contain("20,000");

    private static void Check(string key, JsonElement json, string? url)
    {
        switch (key)
        {
            case "teams":
                json.Text("type").Should().Be("message");
                var attachment = json.GetProperty("attachments").EnumerateArray().Should().ContainSingle().Subject;
                attachment.Text("contentType").Should().Be("application/vnd.microsoft.card.adaptive");
                var card = attachment.GetProperty("content");
                (card.Text("type"), card.Text("version")).Should().Be(("AdaptiveCard", "1.4"));
                card.GetProperty("body")
                    .EnumerateArray()
                    .Should()
                    .OnlyContain(block => block.Text("type") == "TextBlock" && block.Text("text") != "");
                (card.TryGetProperty("actions", out var actions) ? actions[0].Text("url") : null).Should().Be(url);
                break;
            case "discord":
                var embed = json.GetProperty("embeds").EnumerateArray().Should().ContainSingle().Subject;
                embed.Text("title").Length.Should().BeInRange(1, 256);
                embed.Text("description").Length.Should().BeInRange(1, 4096);
                (embed.TryGetProperty("url", out var link) ? link.GetString() : null).Should().Be(url);
                json.GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength().Should().Be(0);
                break;
            default:
                var cards = json.GetProperty("cardsV2").EnumerateArray().Should().ContainSingle().Subject;
                cards.Text("cardId").Should().NotBeEmpty();
                cards.GetProperty("card").GetProperty("header").Text("title").Should().NotBeEmpty();
                var widgets = cards.GetProperty("card").GetProperty("sections")[0].GetProperty("widgets");
                widgets[0].GetProperty("textParagraph").Text("text").Should().NotBeEmpty();
                (
                    widgets.GetArrayLength() > 1
                        ? widgets[1]
                            .GetProperty("buttonList")
                            .GetProperty("buttons")[0]
                            .GetProperty("onClick")
                            .GetProperty("openLink")
                            .Text("url")
                        : null
                )
                    .Should()
                    .Be(url);
                break;
        }
    }

    private static HookPayload Payload() =>
        SamplePayloads.Of(["one"]).First() with
        {
            Outputs = new Dictionary<string, JsonElement> { ["one"] = AppJson.Text(Hard) },
            Reviews = [new HookReview("s", "one", null, null)],
        };

    private static JsonElement Render(string template, HookPayload payload)
    {
        var body = BodyTemplate.Render(template, payload, Links, Token);
        body.Problem.Should().BeNull();
        return JsonElement.Parse(body.Value);
    }

    private static IEnumerable<string> Texts(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.String => [json.GetString()!],
            JsonValueKind.Object => json.EnumerateObject().SelectMany(field => Texts(field.Value)),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
            _ => [],
        };
}
