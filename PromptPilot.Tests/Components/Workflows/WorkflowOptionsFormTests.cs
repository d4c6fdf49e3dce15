using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using MudBlazor.Services;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Tests.Components.Workflows;

public sealed class WorkflowOptionsFormTests : IAsyncLifetime
{
    private static readonly PromptDetails Summary = new(
        "p1",
        "Summarize",
        [new PromptVersionChoice("1.0.0", [new VariableChoice("text", null, false)])],
        []
    );

    private static readonly ModelChoices Models = new([new ModelChoice("m1", "Fast", "openai", "gpt-small", true)], "m1");

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
    public void Options_AreLinesThatSayWhatIsSet_AndOpenInPlace()
    {
        var draft = Draft(options => options.ForEach = "text | split: ','");

        var step = RenderStep(draft);

        var row = step.Find("[data-testid=option-row-each]");
        row.GetAttribute("aria-expanded").Should().Be("false");
        row.TextContent.Should().Contain("text | split: ','");
        step.FindAll("#field-steps-0-forEach").Should().BeEmpty();
        row.Click();
        step.Find("#field-steps-0-forEach").GetAttribute("value").Should().Be("text | split: ','");
        step.FindAll("#field-steps-0-when").Should().BeEmpty("only what was opened is");
        step.Find("[data-testid=option-row-each]").Click();
        step.FindAll("#field-steps-0-forEach").Should().BeEmpty();
    }

    [Fact]
    public void Options_OfAnUsualStep_SayWhatIsUsual() =>
        RenderStep(Draft(_ => { }))
            .FindAll("[data-testid=step-options] .value")
            .Select(value => value.TextContent)
            .Should()
            .Equal("Always", "Off", "Text", "Off", "3 attempts", "Fail the run", "From profile", "From profile", "One version");

    [Fact]
    public void Step_ThatRan_SaysWhatItTakes_AndWhatItsModelCosts()
    {
        var saved = new StepView(
            "s1",
            "p1",
            "Summarize",
            null,
            null,
            "m1",
            "Fast",
            new Dictionary<string, string>(),
            "summarize",
            1,
            [],
            0
        );
        var draft = WorkflowDraft.From(
            new WorkflowView(
                "w1",
                "Digest",
                [],
                [],
                [saved],
                [],
                null,
                null,
                WorkflowStatus.Draft,
                null,
                false,
                DateTime.UnixEpoch,
                DateTime.UnixEpoch,
                1
            ),
            new Dictionary<string, PromptDetails> { ["p1"] = Summary }
        );
        var step = _context.Render<StepEditor>(p =>
            p.Add(s => s.Draft, draft)
                .Add(s => s.Step, draft.Steps[0])
                .Add(s => s.Index, 0)
                .Add(
                    s => s.Models,
                    new([new("m1", "Fast", "openai", "gpt-small", true) { InputPrice = 400_000_000, OutputPrice = 1_600_000_000 }], "m1")
                )
                .Add(s => s.Problems, [])
                .Add(
                    s => s.LastRun,
                    new LastRunValues(
                        "r1",
                        DateTime.UnixEpoch,
                        new Dictionary<string, JsonElement> { ["summarize"] = AppJson.Text("Short.") }
                    )
                    {
                        Figures = new Dictionary<string, StepFigures> { ["s1"] = new(6_100, 6_000_000, Runs: 3) },
                    }
                )
        );

        step.Find("[data-testid=step-estimate]").TextContent.Should().Be("≈ 6.1 s · ≈ $0.006 per run, median of the last 3 runs");
        step.Markup.Should().Contain("$0.40 in, $1.60 out per 1M tokens");
        step.Find("[data-testid=output-sample]").TextContent.Should().Contain("Short.");
        step.Find("[data-testid=step-samples]").GetAttribute("href").Should().Be("runs/r1");
    }

    [Fact]
    public void Options_Typed_ChangeTheDraftAtOnce()
    {
        var draft = Draft(options => options.Open = [.. StepOptionSection.All.Select(row => row.Key)]);
        var changes = 0;
        var step = RenderStep(draft, [], () => changes++);

        step.Find("#field-steps-0-when").Input("text != blank");
        step.Find("#field-steps-0-maxAttempts").Change("5");

        draft.Steps[0].ToContent().Options.Should().Match<StepOptions>(o => o.When == "text != blank" && o.MaxAttempts == 5);
        changes.Should().Be(2);
        step.Find("[data-testid=step-options]").TextContent.Should().Contain("text != blank").And.Contain("5 attempts");
    }

    [Theory]
    [InlineData("when")]
    [InlineData("forEach")]
    [InlineData("maxParallelItems")]
    [InlineData("maxAttempts")]
    [InlineData("timeoutSeconds")]
    [InlineData("defaultOutput")]
    [InlineData("jsonSchema")]
    [InlineData("review.instructions")]
    [InlineData("review.timeoutSeconds")]
    [InlineData("review.onTimeout")]
    [InlineData("parameters.temperature")]
    [InlineData("parameters.maxTokens")]
    [InlineData("parameters.topP")]
    public void Problem_OfAnOption_StandsAtItsField_OrIsCountedOnTheFold(string field)
    {
        var draft = Draft(options =>
        {
            (options.Open, options.ForEach, options["onError"], options["outputFormat"]) = (
                [StepOptionSection.Of(field)!.Key],
                "text",
                "Default",
                "Json"
            );
            options.Set("review", true);
        });
        var step = RenderStep(
            draft,
            [new WorkflowProblem($"steps[0].{field}", "This is wrong.", true), new WorkflowProblem($"steps[1].{field}", "Elsewhere.", true)]
        );

        FieldsThatSay(step, "This is wrong.")
            .Should()
            .NotBeEmpty()
            .And.OnlyContain(control => control.QuerySelector($"#{FieldIds.Of($"steps[0].{field}")}") != null);
        step.Markup.Should().NotContain("Elsewhere.");
        step.Find("[data-testid=step-options] [aria-expanded=true]").Click();
        step.WaitForAssertion(() => step.Markup.Should().NotContain("This is wrong."));
        step.Find("[data-testid=step-options]").TextContent.Should().Contain("1 problem");
    }

    [Fact]
    public async Task Mapping_OfAStepThatRunsForEach_OffersTheItem()
    {
        var draft = Draft(options => options.ForEach = "text | split: ','");
        var step = RenderStep(draft);

        await step.FindAll("[data-testid=mapping-pick] button")[0].ClickAsync(new());
        var keys = _popovers.FindAll("[data-testid=mapping-key]");
        keys.Select(k => k.QuerySelector("code")!.TextContent).Should().StartWith(["item", "index"]);
        await keys[0].ClickAsync(new());

        draft.Steps[0].Mapping["text"].Should().Be("item");
    }

    [Fact]
    public void Mapping_ThatReadsAStepWithACondition_SaysThatItIsSkippedToo()
    {
        var draft = Draft(options => options.When = "text != blank");
        var second = draft.AddStep(Summary, "m1");
        second.Mapping["text"] = "summarize";

        var step = _context.Render<StepEditor>(p =>
            p.Add(s => s.Draft, draft).Add(s => s.Step, second).Add(s => s.Index, 1).Add(s => s.Models, Models).Add(s => s.Problems, [])
        );

        step.Find("[data-testid=mapping-row]").TextContent.Should().Contain("Skipped when step 1 is skipped");
        RenderStep(draft).Find("[data-testid=mapping-row]").TextContent.Should().NotContain("Skipped when");
    }

    [Fact]
    public void Limits_Typed_ChangeTheDraft_AndShowTheirProblems()
    {
        var draft = WorkflowDraft.New();
        draft.Options.IsOpen = true;
        var card = _context.Render<WorkflowOptionsEditor>(p =>
            p.Add(c => c.Options, draft.Options)
                .Add(c => c.Inputs, [])
                .Add(c => c.Problems, [new WorkflowProblem("limits.keepDays", "Too long.", true)])
        );

        card.Find("#field-timeoutSeconds").Change("30 min");
        card.Find("#field-limits-runBudget").Change("0.25");

        draft.ToContent().Options.TimeoutSeconds.Should().Be(1800);
        draft.ToContent().Limits.RunBudget.Should().Be(250_000_000);
        card.Find("[data-testid=workflow-options]").TextContent.Should().Contain("30 min per run · $0.25 per run").And.Contain("1 problem");
        FieldsThatSay(card, "Too long.")
            .Should()
            .NotBeEmpty()
            .And.OnlyContain(control => control.QuerySelector("#field-limits-keepDays") != null);
    }

    [Fact]
    public void Flow_OfMarkedSteps_SaysTheMarksInWords()
    {
        var picture = _context.Render<FlowGraph>(p =>
            p.Add(f => f.Inputs, ["text"])
                .Add(f => f.Steps, [new FlowStep("a", "Prompt · Model", [new FlowReading("notes", "text")]) { Marks = ["when", "review"] }])
        );

        picture.Find("[data-testid=flow-box]").TextContent.Should().Contain("when · review");
        picture.Find("[data-testid=flow-box] > title").TextContent.Should().Be("1 a Prompt · Model when · review. Reads notes ← text");
    }

    private static IEnumerable<AngleSharp.Dom.IElement> FieldsThatSay<T>(IRenderedComponent<T> form, string message)
        where T : IComponent => form.FindAll(".field").Where(control => control.TextContent.Contains(message, StringComparison.Ordinal));

    private static WorkflowDraft Draft(Action<StepOptionsDraft> set)
    {
        var draft = WorkflowDraft.New();
        set(draft.AddStep(Summary, "m1").Options);
        return draft;
    }

    private IRenderedComponent<StepEditor> RenderStep(
        WorkflowDraft draft,
        IReadOnlyList<WorkflowProblem>? problems = null,
        Action? changed = null
    )
    {
        IRenderedComponent<StepEditor>? step = null;
        return step = _context.Render<StepEditor>(p =>
            p.Add(s => s.Draft, draft)
                .Add(s => s.Step, draft.Steps[0])
                .Add(s => s.Index, 0)
                .Add(s => s.Models, Models)
                .Add(s => s.Problems, problems ?? [])
                .Add(
                    s => s.OnChanged,
                    EventCallback.Factory.Create(
                        this,
                        () =>
                        {
                            changed?.Invoke();
                            step?.Render();
                        }
                    )
                )
        );
    }
}
