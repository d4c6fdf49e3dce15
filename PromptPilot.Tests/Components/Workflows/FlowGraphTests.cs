using Bunit;
using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Tests.Components.Workflows;

public sealed class FlowGraphTests : IDisposable
{
    private static readonly IReadOnlyList<string> Inputs = ["text"];
    private static readonly IReadOnlyList<FlowStep> Steps =
    [
        new("a", "Prompt · Model", [new FlowReading("notes", "text", "some notes")]) { Key = "1" },
        new("b", "Prompt · Model", [new FlowReading("mood", "a | upcase")]) { Key = "2" },
    ];

    private readonly BunitContext _context = new();

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Click_OnAStep_TellsItAndShowsWhatFlowsIn()
    {
        string? chosen = null;
        var graph = _context.Render<FlowGraph>(p =>
            p.Add(f => f.Inputs, Inputs).Add(f => f.Steps, Steps).Add(f => f.OnSelect, key => chosen = key)
        );

        graph.Find("[data-flow-step=b]").Click();

        chosen.Should().Be("2");
        graph.Find("[data-testid=flow-facts]").TextContent.Should().Contain("mood ← a | upcase");
        graph.Find("[data-flow-step=b]").GetAttribute("aria-pressed").Should().Be("true");
        graph.FindAll("[role=button][tabindex='0']").Should().ContainSingle();
    }

    [Fact]
    public void States_OfARun_AreSignAndWordWithTime()
    {
        var graph = _context.Render<FlowGraph>(p =>
            p.Add(f => f.Inputs, Inputs)
                .Add(f => f.Steps, Steps)
                .Add(
                    f => f.States,
                    new Dictionary<string, FlowState>
                    {
                        ["1"] = new("✓", "Succeeded", "ok", "1.2 s"),
                        ["2"] = new("●", "Streaming", "run", "0:03", IsLive: true),
                    }
                )
        );

        graph.Find("[data-flow-step=a]").TextContent.Should().Contain("✓ Succeeded 1.2 s");
        graph.Find("[data-flow-step=b] > title").TextContent.Should().Contain("Streaming 0:03, text is arriving");
        graph.FindAll("[data-testid=flow-live]").Should().ContainSingle();
    }

    [Fact]
    public void Steps_OfAnotherList_AreDrawnAnew()
    {
        var graph = _context.Render<FlowGraph>(p => p.Add(f => f.Inputs, Inputs).Add(f => f.Steps, Steps));

        graph.Render(p => p.Add(f => f.Steps, [Steps[0], Steps[1] with { Readings = [new FlowReading("mood", "text")] }]));

        graph
            .FindAll("[data-testid=flow-line]")
            .Select(line => line.TextContent)
            .Should()
            .OnlyContain(text => text.Contains("reads text", StringComparison.Ordinal));
    }
}
