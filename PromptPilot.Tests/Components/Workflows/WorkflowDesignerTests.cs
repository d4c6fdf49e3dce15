using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Tests.Components.Workflows;

public sealed class WorkflowDesignerTests : ComponentTest, IAsyncLifetime
{
    private static readonly ModelChoices Models = new([new ModelChoice("m1", "Fast", "openai", "gpt-small", true)], "m1");

    private EngineHost _host = null!;
    private DesignSession _session = null!;
    private int _changes;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(new ScriptedModel());
        await _host.AddWorkflowAsync(("facts", ["text"]), ("mood", ["text"]), ("digest", ["facts", "mood"]));
        AddAuthorization()
            .SetAuthorized("Person")
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, "person"), new Claim(Session.Claim, "person-session"));
        JSInterop.SetupModule("./js/designer.js").Mode = JSRuntimeMode.Loose;
        JSInterop.SetupModule("./js/canvas.js").Mode = JSRuntimeMode.Loose;
        Services.AddScoped<CurrentActor>();
        Services.AddSingleton(_host.Get<StepPickerService>());
        _session = new DesignSession(WorkflowDraft.New(), Time);
        Render<MudPopoverProvider>();
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _host.DisposeAsync();
    }

    private IEnumerable<string> Keys => _session.Draft.Steps.Select(step => step.Prompt.Name.Split(' ')[0]);

    [Fact]
    public void Palette_EnterOnAPrompt_AddsItMapped_AndShowsItsInspector()
    {
        var page = Open();

        Prompt(page, "facts").Click();

        page.WaitForAssertion(() => page.FindAll("[data-testid=step-card]").Should().ContainSingle());
        _session.Draft.Steps.Single().Mapping.Should().Contain("text", "text");
        page.Find("[data-testid=step]").TextContent.Should().Contain("facts");
        page.Find("[data-testid=designer-said]").TextContent.Should().Contain("is step 1");
        _changes.Should().Be(1);
    }

    [Fact]
    public async Task Canvas_PromptDroppedOnAStep_ReadsItsOutput_AndIsDrawnBeforeItIsChecked()
    {
        var checking = new TaskCompletionSource();
        var page = Open(onChanged: () => checking.Task);
        var acts = page.FindComponent<FlowCanvas>().Instance.Acts;
        _session.Add(await FindAsync("facts"), "m1", 0);
        var (digest, facts) = (await FindAsync("digest"), _session.Draft.Steps[0].Key);

        var offers = (await page.InvokeAsync(() => acts.PlanDrops(digest.Id)))!;
        offers.Steps[facts].Detail.Should().StartWith("facts ← facts");
        offers.Lines.Should().ContainKey($"inputs>{facts}");
        var dropped = page.InvokeAsync(() => acts.Drop(digest.Id, facts, null));

        page.WaitForAssertion(() => page.FindAll("[data-testid=step-card]").Should().HaveCount(2));
        page.FindAll("[data-testid=canvas-line]").Should().HaveCount(2);
        _session.Draft.Steps[1].Mapping.Should().Contain("facts", _session.Draft.Steps[0].OutputKey);
        checking.SetResult();
        await dropped;
    }

    [Fact]
    public void Line_Chosen_ShowsItsExpression_AndIsDeleted()
    {
        var page = Open();
        Add(page, "facts");

        page.Find("[data-testid=canvas-label]").Click();
        page.Find("[data-testid=line-expression]").TextContent.Should().Be("text");
        page.Find("[data-testid=line-delete]").Click();

        _session.Draft.Steps[0].Mapping.Should().BeEmpty();
        page.FindAll("[data-testid=canvas-line]").Should().BeEmpty();
    }

    [Fact]
    public void Cards_ChosenWithShift_AreDeletedTogether()
    {
        var page = Open();
        Add(page, "facts");
        Add(page, "mood");

        page.FindAll("[data-testid=step-card]")[0]
            .Click(new Microsoft.AspNetCore.Components.Web.MouseEventArgs { Detail = 1, ShiftKey = true });
        page.Find("[data-testid=selection-inspector]").TextContent.Should().Contain("2 steps selected");
        page.Find("[data-testid=selection-delete]").Click();

        _session.Draft.Steps.Should().BeEmpty();
    }

    [Fact]
    public async Task Card_DraggedOntoTheFirst_ComesBelowIt_AndCanBeUndone()
    {
        var page = Open();
        Add(page, "facts");
        Add(page, "mood");
        Add(page, "digest");

        await DragAsync(page, Card(page, 2), Card(page, 0));

        page.WaitForAssertion(() => Keys.Should().Equal("facts", "digest", "mood"));
        page.FindAll("[data-testid=outline-card] .sub").Select(sub => sub.TextContent.Split(' ')[0]).Should().Equal(Keys);
        await page.InvokeAsync(() => page.Instance.UndoAsync(redo: false));
        Keys.Should().Equal("facts", "mood", "digest");
        page.WaitForAssertion(() =>
            page.FindAll("[data-testid=outline-card] .sub")
                .Select(sub => sub.TextContent.Split(' ')[0])
                .Should()
                .Equal("facts", "mood", "digest")
        );
    }

    [Fact]
    public void Card_ByKeyboard_MovesAndDeletes()
    {
        var page = Open();
        Add(page, "facts");
        Add(page, "mood");

        page.FindAll("[data-testid=outline-card]")[1]
            .KeyDown(new Microsoft.AspNetCore.Components.Web.KeyboardEventArgs { Key = "ArrowUp", AltKey = true });
        Keys.Should().Equal("mood", "facts");
        page.FindAll("[data-testid=outline-card]")[1].KeyDown("Delete");

        Keys.Should().Equal("mood");
        page.FindAll("[data-testid=outline-card]").Should().ContainSingle();
    }

    [Fact]
    public void Problem_Clicked_SelectsItsStep()
    {
        var page = Open([new WorkflowProblem("steps[0].model", "Choose a model profile.", true)]);
        Add(page, "facts");
        Add(page, "mood");

        page.Find("[data-testid=problem]").Click();

        _session.Selected.Should().Be(_session.Draft.Steps[0]);
        page.Find("[data-testid=step]").TextContent.Should().Contain("Choose a model profile.");
        page.FindAll("[data-testid=outline-card]")[0].TextContent.Should().Contain("1 problem");
    }

    [Fact]
    public void Typing_InTheInspector_DrawsNoOtherCard()
    {
        var page = Open();
        Add(page, "facts");
        Add(page, "mood");
        var before = page.FindComponents<StepCard>().Select(card => card.RenderCount).ToList();

        page.Find("#field-steps-1-inputMapping-text").Input("text | upcase");

        _session.Draft.Steps[1].Mapping["text"].Should().Be("text | upcase");
        page.FindComponents<StepCard>().Select(card => card.RenderCount).Should().Equal(before);
    }

    private IRenderedComponent<WorkflowDesigner> Open(IReadOnlyList<WorkflowProblem>? problems = null, Func<Task>? onChanged = null)
    {
        var page = Render<WorkflowDesigner>(p =>
            p.Add(d => d.Session, _session)
                .Add(d => d.Models, Models)
                .Add(d => d.Problems, problems ?? [])
                .Add(d => d.ShownProblems, problems ?? [])
                .Add(d => d.Graph, [])
                .Add(d => d.Picture, DesignPicture.Empty)
                .Add(d => d.OnChanged, EventCallback.Factory.Create(this, onChanged ?? Count))
        );
        page.WaitForAssertion(() => page.FindAll("[data-testid=palette-prompt]").Should().HaveCount(3));
        return page;
    }

    private Task Count()
    {
        _changes++;
        return Task.CompletedTask;
    }

    private void Add(IRenderedComponent<WorkflowDesigner> page, string prompt)
    {
        var count = _session.Draft.Steps.Count;
        Prompt(page, prompt).Click();
        page.WaitForAssertion(() => page.FindAll("[data-testid=step-card]").Should().HaveCount(count + 1));
    }

    private async Task<PromptDetails> FindAsync(string prompt)
    {
        var pickers = _host.Get<StepPickerService>();
        var found = await pickers.ListPromptsAsync(_host.Person, prompt, CancellationToken.None);
        var choice = found.Value.First(choice => choice.Name.StartsWith(prompt, StringComparison.Ordinal));
        return (await pickers.FindPromptAsync(_host.Person, choice.Id, CancellationToken.None)).Value;
    }

    private static AngleSharp.Dom.IElement Prompt(IRenderedComponent<WorkflowDesigner> page, string name) =>
        page.FindAll("[data-testid=palette-prompt]")
            .First(prompt =>
                prompt.QuerySelector(".version")!.PreviousElementSibling!.TextContent.StartsWith("Add " + name, StringComparison.Ordinal)
            );

    private static AngleSharp.Dom.IElement Card(IRenderedComponent<WorkflowDesigner> page, int index) =>
        Parent(page.FindAll("[data-testid=outline-card]")[index]);

    private static AngleSharp.Dom.IElement Parent(AngleSharp.Dom.IElement element) => element.Closest(".mud-drop-item")!;

    private static IEnumerable<AngleSharp.Dom.IElement> Cards(IRenderedComponent<WorkflowDesigner> page) =>
        page.FindAll("[data-testid=outline-card]").Select(Parent);

    /// <summary>As MudBlazor sees a drag: start on the item, enter the zone and the card below, if any, drop on the zone.</summary>
    private static async Task DragAsync(
        IRenderedComponent<WorkflowDesigner> page,
        AngleSharp.Dom.IElement item,
        AngleSharp.Dom.IElement? target
    )
    {
        var index = target is null ? -1 : Cards(page).ToList().FindIndex(other => other.InnerHtml == target.InnerHtml);
        await item.DragStartAsync(new());
        await page.Find("[data-testid=steps-zone]").DragEnterAsync(new());
        if (index >= 0)
        {
            await Cards(page).ElementAt(index).DragEnterAsync(new());
        }

        await page.Find("[data-testid=steps-zone]").DropAsync(new());
    }
}
