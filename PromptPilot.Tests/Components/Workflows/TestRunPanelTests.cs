using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Drafts;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Trial;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;
using TestContext = Xunit.TestContext;

namespace PromptPilot.Tests.Components.Workflows;

public sealed class TestRunPanelTests : ComponentTest, IAsyncLifetime
{
    private readonly ScriptedModel _model = new();
    private readonly Trials _trials = new();
    private readonly List<string> _wentTo = [];
    private EngineHost _host = null!;
    private DesignSession _session = null!;
    private int _saves;
    private int _ended;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_model);
        await _host.AddWorkflowAsync(("facts", ["text"]), ("mood", ["text"]), ("digest", ["facts", "mood"]));
        AddAuthorization()
            .SetAuthorized("Author")
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, "author"), new Claim(Session.Claim, "author-session"));
        Services.AddScoped<CurrentActor>();
        Services.AddSingleton(_host.Get<DraftRunService>()).AddSingleton(_host.Get<RunService>());
        Services.AddSingleton(TimeProvider.System);
        Render<MudPopoverProvider>();
        _session = await BeginAsync();
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Run_ShowsEachStepAndTellsTheEnd()
    {
        var panel = await OpenAsync(null);
        panel.Find("#input-text").Change("hello");
        panel.Find("form").Submit();

        panel.WaitForAssertion(
            () => panel.Find("[data-testid=test-run-status]").GetAttribute("data-status").Should().Be("succeeded"),
            EngineHost.Limit
        );
        panel.WaitForAssertion(() => _ended.Should().Be(1), EngineHost.Limit);
        var digest = _session.Draft.Steps[2];
        _trials.Of(digest.Key)!.Step.Outputs.Single().Attempt.Text.Should().Be("[digest: [facts: hello] [mood: hello]]");
        panel.Find("[data-testid=test-run-link]").GetAttribute("href").Should().Be($"runs/{_trials.CurrentRunId}");
        panel.Find("form").Closest(".body")!.HasAttribute("hidden").Should().BeTrue("what it does is worth more room than its form");
        panel.Find("[data-testid=test-run-again]").Click();
        panel.Find("#input-text").GetAttribute("value").Should().Be("hello");
    }

    [Fact]
    public async Task StepAlone_AsksForWhatItReads_AndKeepsWhatWasTyped()
    {
        var panel = await OpenAsync(_session.Draft.Steps[2]);
        panel.FindAll("textarea").Select(field => field.Id).Should().Equal("input-facts", "input-mood");
        panel.Find("#input-facts").Change("typed");
        panel.Find("form").Submit();
        panel.WaitForAssertion(() => panel.Find("[data-testid=input-mood-error]").TextContent.Should().NotBeEmpty());
        panel.Find("#input-mood").Change("good");
        panel.Find("form").Submit();

        panel.WaitForAssertion(
            () => panel.Find("[data-testid=test-run-status]").GetAttribute("data-status").Should().Be("succeeded"),
            EngineHost.Limit
        );
        _model.Calls.Should().Equal("digest");
        await panel.InvokeAsync(() => panel.Instance.OpenAsync(null));
        await panel.InvokeAsync(() => panel.Instance.OpenAsync(_session.Draft.Steps[2]));
        panel.Find("#input-facts").GetAttribute("value").Should().Be("typed");
    }

    [Fact]
    public async Task FromAStep_RunsAtOnce_AndKeepsWhatIsBefore()
    {
        var panel = await OpenAsync(null);
        await panel.InvokeAsync(() => panel.Instance.RunFromAsync(_session.Draft.Steps[2]));
        panel.Markup.Should().Contain("Run the draft once, then run it from digest.");
        panel.Find("#input-text").Change("hello");
        panel.Find("form").Submit();
        AwaitSuccess(panel);
        _model.Calls.Clear();

        await panel.InvokeAsync(() => panel.Instance.RunFromAsync(_session.Draft.Steps[2]));

        panel.Find("#test-run-title").TextContent.Should().Be("Test run from digest");
        AwaitSuccess(panel);
        _model.Calls.Should().Equal("digest");
        _session.Draft.Steps.Select(step => _trials.Of(step.Key)!.Step.Step.IsReused).Should().Equal(true, true, false);
    }

    private void AwaitSuccess(IRenderedComponent<TestRunPanel> panel) =>
        panel.WaitForAssertion(
            () =>
            {
                panel.Find("[data-testid=test-run-status]").GetAttribute("data-status").Should().Be("succeeded");
                _trials.IsLive.Should().BeFalse();
            },
            EngineHost.Limit
        );

    [Fact]
    public async Task Draft_WithAProblem_StartsNothing_AndLinksIt()
    {
        _session.Draft.Steps[1].Model = "";
        var panel = await OpenAsync(null);
        panel.Find("#input-text").Change("hello");
        panel.Find("form").Submit();

        panel.WaitForAssertion(() => panel.Find("[data-testid=test-run-problem]").TextContent.Should().Be("Step 2, model profile"));
        panel.Find("[data-testid=test-run-problem]").Click();
        _wentTo.Should().Equal("steps[1].model");
        _trials.CurrentRunId.Should().BeNull();
        panel.Find("#input-text").GetAttribute("value").Should().Be("hello");
    }

    [Fact]
    public async Task Input_AddedToTheDraftMeanwhile_AppearsBesideWhatWasTyped()
    {
        var panel = await OpenAsync(null);
        panel.Find("#input-text").Change("hello");

        _session.Draft.Inputs.Add(new InputDraft { Name = "tone" });
        Draw(panel);

        panel.FindAll("textarea").Select(field => field.Id).Should().Equal("input-text", "input-tone");
        panel.Find("#input-text").GetAttribute("value").Should().Be("hello");
    }

    [Fact]
    public async Task Step_DeletedMeanwhile_ClosesThePanel()
    {
        var panel = await OpenAsync(_session.Draft.Steps[2]);

        _session.Delete(_session.Draft.Steps[2]);
        Draw(panel);

        panel.FindAll("[data-testid=test-run-panel]").Should().BeEmpty();
    }

    [Fact]
    public async Task Failure_IsSaidWithWhatToDo_AndTheStepShowsIt()
    {
        _model.Fault("mood", ErrorCode.Auth);
        var panel = await OpenAsync(null);
        panel.Find("#input-text").Change("hello");
        panel.Find("form").Submit();

        panel.WaitForAssertion(
            () => panel.Find("[data-testid=test-run-error]").TextContent.Should().Contain("as the test wished"),
            EngineHost.Limit
        );
        panel.FindAll("[data-testid=test-run-cancel]").Should().BeEmpty();
    }

    [Fact]
    public async Task NeverSaved_SavesFirst_AndStartsNothingWhenThatIsRefused()
    {
        _session = new DesignSession(WorkflowDraft.New(), Time);
        var panel = await OpenAsync(null);
        panel.Find("[data-testid=run-submit]").TextContent.Should().Be("Save and run");
        panel.Find("#input-text").Change("hello");
        panel.Find("form").Submit();

        panel.WaitForAssertion(() => _saves.Should().Be(1));
        panel.WaitForAssertion(() => panel.Markup.Should().Contain("could not be saved"));
        _trials.CurrentRunId.Should().BeNull();
    }

    private async Task<DesignSession> BeginAsync()
    {
        // What is published has no rows of a draft here: they are made as an author would.
        await using var db = _host.Db();
        var workflow = await db.Workflows.SingleAsync(TestContext.Current.CancellationToken);
        var definition = (await db.WorkflowVersions.SingleAsync(TestContext.Current.CancellationToken)).Definition;
        var content = new WorkflowContent(
            workflow.Name,
            [],
            definition.Inputs,
            [.. definition.Steps.Select(s => new StepContent(null, s.PromptId, null, null, s.Model, s.InputMapping, s.OutputKey))]
        );
        var saved = (
            await _host.Get<WorkflowService>().UpdateAsync(_host.Author, workflow.Id, content, null, TestContext.Current.CancellationToken)
        ).Value;
        var prompts = new Dictionary<string, PromptDetails>();
        foreach (var step in saved.Steps)
        {
            prompts[step.PromptId] = (
                await _host.Get<StepPickerService>().FindPromptAsync(_host.Author, step.PromptId, TestContext.Current.CancellationToken)
            ).Value;
        }

        return new DesignSession(WorkflowDraft.From(saved, prompts), Time);
    }

    private async Task<IRenderedComponent<TestRunPanel>> OpenAsync(StepDraft? step)
    {
        var panel = Render<TestRunPanel>(p =>
            p.Add(t => t.Session, _session)
                .Add(t => t.Trials, _trials)
                .Add(t => t.Save, SaveAsync)
                .Add(t => t.OnGo, _wentTo.Add)
                .Add(t => t.OnEnded, () => _ended++)
        );
        await panel.InvokeAsync(() => panel.Instance.OpenAsync(step));
        return panel;
    }

    private Task<bool> SaveAsync()
    {
        _saves++;
        return Task.FromResult(false);
    }

    private void Draw(IRenderedComponent<TestRunPanel> panel) => panel.Render(p => p.Add(t => t.Session, _session));
}
