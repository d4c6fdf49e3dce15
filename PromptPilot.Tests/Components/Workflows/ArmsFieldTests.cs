using Bunit;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using MudBlazor.Services;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Tests.Components.Workflows;

/// <summary>An A/B test is set by rows, not by JSON.</summary>
public sealed class ArmsFieldTests : IAsyncLifetime
{
    private static readonly PromptDetails Reply = new(
        "p1",
        "Reply",
        [.. new[] { "1.2.0", "1.1.0", "1.0.0" }.Select(version => new PromptVersionChoice(version, []))],
        [new PromptLabelChoice("production", "1.1.0")]
    );

    private static readonly ModelChoices Models = new(
        [
            new ModelChoice("m1", "Fast", "openai", "gpt-small", true),
            new ModelChoice("m2", "Thorough", "openai", "gpt-large", true),
            new ModelChoice("m3", "Secret", "openai", "gpt-large", true, MayUse: false),
        ],
        "m1"
    );

    private readonly BunitContext _context = new();
    private readonly WorkflowDraft _draft = WorkflowDraft.New();

    private StepDraft Step => _draft.Steps[0];

    public ValueTask InitializeAsync()
    {
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.Services.AddMudServices();
        _context.Render<MudPopoverProvider>();
        _draft.Inputs.Add(new InputDraft());
        _draft.RenameInput(_draft.Inputs[0], "customer");
        _draft.AddStep(Reply, "m1").PinVersion("1.1.0");
        Step.Options.Open = ["arms"];
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    [Fact]
    public void Arms_AreRows_WithWhatTheyGetOfTheRuns()
    {
        var step = Render();
        step.FindAll("[data-testid=arm-row]").Should().BeEmpty();
        step.FindAll("[data-testid=option-armsBy]").Should().BeEmpty("there is nothing to share");

        step.Find("[data-testid=arms-start]").Click();
        Arms().Should().Be("""[{"version":"1.1.0","weight":50},{"version":"1.2.0","weight":50}]""");
        Shares(step).Should().Equal("50%", "50%");

        step.Find("#field-steps-0-arms-0-weight").Change("100");
        step.Find("[data-testid=arms-add]").Click();
        Arms().Should().EndWith("""{"version":"1.0.0","weight":50}]""", "it is the version that no arm has yet");
        Shares(step).Should().Equal("50%", "25%", "25%");

        Choose(step, "arms-1-model", "m2");
        Choose(step, "arms-1-version", "1.1.0");
        Choose(step, "armsBy", "customer");
        step.FindAll("[data-testid=arm-remove]")[2].Click();
        Arms().Should().Be("""[{"version":"1.1.0","weight":100},{"version":"1.1.0","weight":50,"model":"m2"}]""");
        Step.ToContent().Options.ArmsBy.Should().Be("customer");
        step.Find("[data-testid=option-row-arms]").TextContent.Should().Contain("1.1.0 on another model (33.3%)");

        step.Find("[data-testid=arms-clear]").Click();
        Step.ToContent().Options.Arms.Should().BeNull();
    }

    [Fact]
    public void Choices_SayWhatIsMeant()
    {
        var step = Render();
        step.Find("[data-testid=arms-start]").Click();

        step.Find("#field-steps-0-arms-0-version").QuerySelector("option[value='1.1.0']")!.TextContent.Should().Be("1.1.0 (production)");
        step.Find("#field-steps-0-arms-0-model").QuerySelector("option[value='']")!.TextContent.Should().Be("As the step: Fast");
    }

    [Fact]
    public void Problems_AreAtTheirRow_AndCountedOnTheFold()
    {
        Step.Options["arms"] = """[{"version":"1.1.0","weight":"many"},{"version":"1.2.0","weight":50}]""";
        var step = Render(new WorkflowProblem("steps[0].arms[0].weight", "A weight must be a whole number.", BlocksSaving: true));

        step.FindAll("[data-testid=arm-row]")[0].TextContent.Should().Contain("A weight must be a whole number.");
        step.FindAll("[data-testid=arm-row]")[1].TextContent.Should().NotContain("A weight must");
        step.Find("#field-steps-0-arms-0-weight").GetAttribute("value").Should().Be("many", "nothing typed is lost");
        Shares(step).Should().Equal("–", "100%");
        step.Find("[data-testid=option-row-arms]").TextContent.Should().Contain("1 problem");
        FieldIds.Words("steps[0].arms[0].weight").Should().Be("Step 1, A/B test");
    }

    [Theory]
    [InlineData("[{")]
    [InlineData("{}")]
    [InlineData("[1, 2]")]
    [InlineData("""[{"version":"1.0.0","weight":1,"note":"mine"}]""")]
    public void WhatIsNoListOfArms_IsEditedAsText(string text)
    {
        Step.Options["arms"] = text;

        Render().Find("#field-steps-0-arms").TagName.Should().BeOneOf("TEXTAREA", "INPUT");
    }

    [Fact]
    public void Rows_ReadWhatTheyWrite()
    {
        IReadOnlyList<ArmRow> rows = [new("1.0.0", "x"), new("", "7", "m2"), new("1.1.0", "-3")];

        ArmRows.Read(ArmRows.Write(rows)).Should().Equal(rows);
        ArmRows.Read("").Should().BeEmpty();
        ArmRows.Write([]).Should().BeEmpty();
        ArmRows.Share(rows, rows[1]).Should().Be("100%");
    }

    private static IEnumerable<string> Shares(IRenderedComponent<StepEditor> step) =>
        step.FindAll("[data-testid=arm-share]").Select(share => share.TextContent);

    private static void Choose(IRenderedComponent<StepEditor> step, string field, string value) =>
        step.Find($"#field-steps-0-{field}").Change(value);

    private string? Arms() => Step.ToContent().Options.Arms is { } arms ? System.Text.Json.JsonSerializer.Serialize(arms) : null;

    private IRenderedComponent<StepEditor> Render(params WorkflowProblem[] problems)
    {
        IRenderedComponent<StepEditor>? step = null;
        return step = _context.Render<StepEditor>(p =>
            p.Add(s => s.Draft, _draft)
                .Add(s => s.Step, Step)
                .Add(s => s.Index, 0)
                .Add(s => s.Models, Models)
                .Add(s => s.Problems, problems)
                .Add(s => s.OnChanged, EventCallback.Factory.Create(this, () => step?.Render()))
        );
    }
}
