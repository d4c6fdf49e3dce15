using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Tests.Components.Workflows;

public sealed class WorkflowFormTests : IAsyncLifetime
{
    private static readonly PromptDetails Summary = new(
        "p1",
        "Summarize",
        [
            new PromptVersionChoice(
                "2.0.0",
                [new VariableChoice("text", "What to shorten", false), new VariableChoice("tone", null, true)]
            ),
            new PromptVersionChoice("1.0.0", [new VariableChoice("notes", null, false)]),
        ],
        [new PromptLabelChoice("production", "1.0.0")]
    );

    private static readonly ModelChoices Models = new(
        [new ModelChoice("m1", "Fast", "openai", "gpt-small", true), new ModelChoice("m2", "Old", "openai", "gpt-old", false)],
        "m1"
    );

    private readonly BunitContext _context = new();
    private IRenderedComponent<MudPopoverProvider> _popovers = null!;

    public ValueTask InitializeAsync()
    {
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.Services.AddMudServices();
        _popovers = _context.Render<MudPopoverProvider>();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    [Fact]
    public void Step_HasARowForEachVariable()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, "m1");

        var step = RenderStep(draft, []);

        step.FindAll("[data-testid=mapping-row] .variable > code").Select(e => e.TextContent).Should().Equal("text", "tone");
        step.FindAll("[data-testid=mapping-row]")[1].TextContent.Should().Contain("optional");
        step.Find("#field-steps-0-inputMapping-text")
            .GetAttribute("value")
            .Should()
            .Be("text", "equal names are mapped when a prompt is added");
    }

    [Fact]
    public void Step_ShowsAProblemAtItsField()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, "m1");

        var step = RenderStep(
            draft,
            [
                new WorkflowProblem("steps[0].inputMapping.text", "There is no key “txt” here.", true, 1, 3),
                new WorkflowProblem("steps[0].outputKey", "Enter a name.", true),
                new WorkflowProblem("steps[1].outputKey", "Not here.", true),
            ]
        );

        step.FindAll("[data-testid=mapping-row]")[0].TextContent.Should().Contain("There is no key “txt” here. (column 3)");
        step.Markup.Should().Contain("Enter a name.").And.NotContain("Not here.");
    }

    [Fact]
    public void Mapping_Typed_ChangesTheDraft()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, "m1");
        var changes = 0;
        var step = RenderStep(draft, [], () => changes++);

        step.Find("#field-steps-0-inputMapping-tone").Input("'formal'");

        draft.Steps[0].Mapping["tone"].Should().Be("'formal'");
        changes.Should().Be(1);
    }

    [Fact]
    public async Task Mapping_Picked_WritesTheKey()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, "m1");
        var second = draft.AddStep(Summary, "m1");
        var step = _context.Render<StepEditor>(p =>
            p.Add(s => s.Draft, draft).Add(s => s.Step, second).Add(s => s.Index, 1).Add(s => s.Models, Models).Add(s => s.Problems, [])
        );

        await step.FindAll("[data-testid=mapping-pick] button")[0].ClickAsync(new());
        var keys = _popovers.FindAll("[data-testid=mapping-key]");
        keys.Select(k => k.QuerySelector("code")!.TextContent).Should().Equal("text", "summarize", "run.id", "trigger.payload");
        await keys[1].ClickAsync(new());

        second.Mapping["text"].Should().Be("summarize");
    }

    [Fact]
    public void Step_WithALeftoverMapping_OffersToRemoveIt()
    {
        var draft = WorkflowDraft.New();
        var added = draft.AddStep(Summary, "m1");
        added.PinVersion("1.0.0");
        var step = RenderStep(draft, [new WorkflowProblem("steps[0].inputMapping.text", "The prompt has no variable “text”.", false)]);

        step.Find("[data-testid=mapping-leftover]").TextContent.Should().Contain("no variable “text”");
        step.Find("[data-testid=mapping-leftover] button").Click();

        added.Mapping.Should().NotContainKey("text");
    }

    [Fact]
    public void Step_AtTheTop_CanOnlyBeMovedDown()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, "m1");
        draft.AddStep(Summary, "m1");
        var acts = new List<CardAct>();
        var step = _context.Render<StepEditor>(p =>
            p.Add(s => s.Draft, draft)
                .Add(s => s.Step, draft.Steps[0])
                .Add(s => s.Index, 0)
                .Add(s => s.Models, Models)
                .Add(s => s.Problems, [])
                .Add(s => s.OnAct, EventCallback.Factory.Create<CardAct>(this, acts.Add))
        );

        step.Find("[data-testid=step-up]").HasAttribute("disabled").Should().BeTrue();
        step.Find("[data-testid=step-down]").Click();
        step.Find("[data-testid=step-duplicate]").Click();
        step.Find("[data-testid=step-delete]").Click();

        acts.Should().Equal(CardAct.Down, CardAct.Duplicate, CardAct.Delete);
    }

    [Fact]
    public void Mapping_HasTheWordsThatCompleteIt()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, "m1");
        var step = RenderStep(draft, []);

        step.Find("#field-steps-0-inputMapping-tone").GetAttribute("data-complete").Should().Be("expression");
        var words = step.Find("[data-testid=step]");
        words.GetAttribute("data-complete-keys").Should().Contain("""["text","input"]""");
        words.GetAttribute("data-complete-filters").Should().Contain("\"upcase\"");
        step.Find("[data-testid=option-row-when]").Click();
        step.Find("#field-steps-0-when").GetAttribute("data-complete").Should().Be("expression");
    }

    [Fact]
    public void Problems_AreListedWithTheirPlaces_AndLeadThere()
    {
        string? gone = null;
        var list = _context.Render<ProblemList>(p =>
            p.Add(l => l.Problems, [new WorkflowProblem("steps[1].inputMapping.notes", "Say where “notes” comes from.", false)])
                .Add(l => l.OnGo, EventCallback.Factory.Create<string>(this, field => gone = field))
        );

        list.Find("h2").TextContent.Should().Be("1 problem");
        list.Find("[data-testid=problem]").TextContent.Should().Be("Step 2, notes");
        list.Find("[data-testid=problem]").Click();

        gone.Should().Be("steps[1].inputMapping.notes");
    }

    [Fact]
    public void Problems_OfANewWorkflow_AreOpenItems()
    {
        var list = _context.Render<ProblemList>(p =>
            p.Add(l => l.Problems, [new WorkflowProblem("name", "Enter a name.", true)]).Add(l => l.IsNew, true)
        );

        list.Find("h2").TextContent.Should().Be("1 open item");
        list.Find(".chip").ClassList.Should().NotContain("bad").And.NotContain("warn");
        list.Find(".message").TextContent.Trim().Should().Be("Enter a name.");
    }

    [Fact]
    public void Inputs_AddedAndTyped_ChangeTheDraft()
    {
        var draft = WorkflowDraft.New();
        var inputs = _context.Render<InputsEditor>(p =>
            p.Add(i => i.Draft, draft).Add(i => i.Problems, [new WorkflowProblem("inputs[0].name", "“Text” is not a name.", true)])
        );
        inputs.Markup.Should().Contain("“Text” is not a name.");

        inputs.Find("[data-testid=add-input]").Click();
        inputs.Find("#field-inputs-1-name").Change("tone");

        draft.Inputs.Select(i => i.Name).Should().Equal("text", "tone");
    }

    [Fact]
    public void Flow_WithHostileNames_EncodesThem()
    {
        var picture = _context.Render<FlowGraph>(p =>
            p.Add(f => f.Inputs, ["text"])
                .Add(f => f.Steps, [new FlowStep("a", "<script>alert(1)</script>", [new FlowReading("notes", "text")])])
        );

        picture.FindAll("script").Should().BeEmpty();
        picture.FindAll("[data-testid=flow-box]").Should().ContainSingle();
    }

    private IRenderedComponent<StepEditor> RenderStep(
        WorkflowDraft draft,
        IReadOnlyList<WorkflowProblem> problems,
        Action? changed = null
    ) =>
        _context.Render<StepEditor>(p =>
            p.Add(s => s.Draft, draft)
                .Add(s => s.Step, draft.Steps[0])
                .Add(s => s.Index, 0)
                .Add(s => s.Models, Models)
                .Add(s => s.Problems, problems)
                .Add(s => s.OnChanged, EventCallback.Factory.Create(this, () => changed?.Invoke()))
        );
}
