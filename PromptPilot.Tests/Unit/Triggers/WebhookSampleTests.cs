using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Triggers.Webhooks;

namespace PromptPilot.Tests.Unit.Triggers;

public class WebhookSampleTests
{
    private static readonly JsonElement Sample = JsonDocument
        .Parse(
            """{"payload":{"issue":{"title":"It rains","labels":[{"name":"bug"}]},"a b":1,"it's":2},"headers":{"x_github_event":"issues"}}"""
        )
        .RootElement;

    [Fact]
    public void Paths_AreExpressionsThatReadTheirPlace()
    {
        var paths = WebhookSample.PathsOf(Sample).ToDictionary(path => path.Expression, path => path.Value);

        paths
            .Should()
            .Contain("trigger.payload.issue.title", "It rains")
            .And.Contain("trigger.payload.issue.labels[0].name", "bug")
            .And.Contain("trigger.payload['a b']", "1")
            .And.Contain("trigger.headers.x_github_event", "issues");
        var context = new Dictionary<string, JsonElement> { ["trigger"] = Sample };
        paths
            .Keys.Should()
            .OnlyContain(path =>
                LiquidExpression.Parse(path).Errors.Count == 0
                && LiquidExpression.Parse(path).Evaluate(context, CancellationToken.None).IsOk
            );
    }

    [Fact]
    public void Paths_OfALargeSample_AreBounded()
    {
        var large = JsonSerializer.SerializeToElement(
            new { payload = Enumerable.Range(0, 5000).ToDictionary(i => $"field{i}", i => new string('x', 500)) }
        );

        WebhookSample.PathsOf(large).Should().HaveCountLessThan(100).And.OnlyContain(path => path.Value.Length < 60);
    }

    [Fact]
    public void Body_IsTheSampleOrHasAFieldForEachInput()
    {
        WebhookSample.BodyOf(Sample, ["text"]).Should().Contain("It rains");
        WebhookSample.BodyOf(null, ["text"]).Should().Be("""{"text":"an example of text"}""");
    }
}
