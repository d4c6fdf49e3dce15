using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Versions;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;
using TestContext = Xunit.TestContext;

namespace PromptPilot.Tests.Components.Workflows;

public sealed class WorkflowHistoryTests : ComponentTest, IAsyncLifetime
{
    private EngineHost _host = null!;
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(new ScriptedModel());
        _id = await _host.AddWorkflowAsync(("facts", ["text"]), ("digest", ["facts"]));
        AddAuthorization()
            .SetAuthorized("Author")
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, "author"), new Claim(Session.Claim, "author-session"));
        Services.AddScoped<CurrentActor>();
        Services.AddSingleton(_host.Get<WorkflowService>()).AddSingleton(_host.Get<WorkflowVersionService>());
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Versions_OfAnAuthor_CanBeComparedAndRestored()
    {
        await PublishAsync("Once more", "facts | upcase");
        var page = Open(Role.Architect);

        page.FindAll("[data-testid=workflow-versions] > li")
            .Select(row => row.QuerySelector(".chip")!.TextContent)
            .Should()
            .Equal("2", "1");
        page.Find("[data-testid=workflow-version-2]")
            .TextContent.Should()
            .Contain("Once more")
            .And.Contain("Author")
            .And.Contain("current");
        page.FindAll("[data-testid=changed-1]").Should().BeEmpty("before the first there was none");
        page.Find("[data-testid=restore-1]").GetAttribute("href").Should().Be($"workflows/{_id}/edit?restore=1");
        page.Find("[data-testid=changed-2]").Click();

        page.WaitForAssertion(() =>
            page.FindAll("[data-testid=difference]")
                .Should()
                .Contain(line => line.TextContent.Contains("facts | upcase instead of facts", StringComparison.Ordinal))
        );
        page.Find("[data-testid=version-compare]").TextContent.Should().Contain("From version 1 to version 2");
    }

    [Fact]
    public void Versions_OfAViewer_AreThereToRead()
    {
        var page = Open(Role.Viewer);

        page.FindAll("[data-testid=workflow-version-1]").Should().ContainSingle();
        page.FindAll("[data-testid=restore-1]").Should().BeEmpty();
    }

    [Fact]
    public async Task Versions_NotPublishedYet_SayHowToGetOne()
    {
        var made = await _host
            .Get<WorkflowService>()
            .CreateAsync(_host.Author, new WorkflowContent("New", [], [], []), TestContext.Current.CancellationToken);
        _id = made.Value.Id;

        Open(Role.Architect).Find("[data-testid=empty]").TextContent.Should().Contain("Not published yet");
    }

    [Fact]
    public void DifferenceList_IsShortAtFirst_AndShowsLongTextsOnDemand()
    {
        var list = Render<DifferenceList>(p =>
            p.Add(
                l => l.Differences,
                [
                    new WorkflowDifference("Step “a” has another JSON Schema.", "{}", "{\"a\":1}"),
                    .. Enumerable.Range(0, 40).Select(i => new WorkflowDifference($"Line {i}.")),
                ]
            )
        );

        list.FindAll("[data-testid=difference]").Should().HaveCount(30);
        list.FindAll("details pre").Select(text => text.TextContent).Should().Equal("{}", "{\"a\":1}");
        list.Find("[data-testid=all-differences]").Click();
        list.FindAll("[data-testid=difference]").Should().HaveCount(41);
        Render<DifferenceList>(p => p.Add(l => l.Differences, []).Add(l => l.Nothing, "Nothing yet."))
            .Markup.Should()
            .Contain("Nothing yet.");
    }

    [Fact]
    public void Conflict_NamesWhoAndWhat_AndRaisesEachWayOn()
    {
        var ways = new List<string>();
        var theirs = new WorkflowView(
            "w",
            "Digest",
            [],
            [],
            [],
            [],
            null,
            null,
            WorkflowStatus.Draft,
            null,
            false,
            Now,
            Now.AddMinutes(-2),
            3
        )
        {
            UpdatedBy = "ann",
            UpdatedByName = "Ann",
        };
        var notice = Render<ConflictNotice>(p =>
            p.Add(c => c.Conflict, new WorkflowConflict(theirs, [new WorkflowDifference("Step “a” is removed.")], []))
                .Add(c => c.OnUseTheirs, () => ways.Add("theirs"))
                .Add(c => c.OnOverwrite, () => ways.Add("mine"))
                .Add(c => c.OnCopy, () => ways.Add("copy"))
        );

        notice.Find("h2").TextContent.Should().StartWith("Ann changed this workflow");
        notice.Find("[data-testid=their-changes]").TextContent.Should().Contain("Step “a” is removed.");
        foreach (var way in new[] { "conflict-reload", "conflict-overwrite", "conflict-copy" })
        {
            notice.Find($"[data-testid={way}]").Click();
        }

        ways.Should().Equal("theirs", "mine", "copy");
    }

    [Fact]
    public void Conflict_OfADeletedWorkflow_OffersOnlyACopy()
    {
        var notice = Render<ConflictNotice>(p => p.Add(c => c.Conflict, new WorkflowConflict(null, [], [])));

        notice.FindAll("button").Should().ContainSingle().Which.TextContent.Should().Be("Save mine as a copy");
    }

    [Fact]
    public void Problems_None_AskForANote()
    {
        string? note = null;
        var list = Render<ProblemList>(p => p.Add(l => l.Problems, []).Add(l => l.NoteChanged, text => note = text));
        list.Find("[data-testid=version-note]").Change("Shorter");
        note.Should().Be("Shorter");

        Render<ProblemList>(p =>
                p.Add(l => l.Problems, [new WorkflowProblem("name", "Enter a name.", true)]).Add(l => l.NoteChanged, _ => { })
            )
            .FindAll("[data-testid=version-note]")
            .Should()
            .BeEmpty();
    }

    private IRenderedComponent<WorkflowVersionsPage> Open(Role role)
    {
        var page = Render<WorkflowVersionsPage>(p => p.Add(v => v.Id, _id).AddCascadingValue(new Principal("author", "Author", role)));
        page.WaitForAssertion(() => page.FindAll("[data-testid=loading]").Should().BeEmpty());
        return page;
    }

    private async Task PublishAsync(string note, string expression)
    {
        var content = (
            await _host.Get<WorkflowVersionService>().FindContentAsync(_host.Author, _id, 1, TestContext.Current.CancellationToken)
        ).Value;
        var changed = content with
        {
            Steps = [content.Steps[0], content.Steps[1] with { InputMapping = new Dictionary<string, string> { ["facts"] = expression } }],
        };
        (await _host.Get<WorkflowService>().UpdateAsync(_host.Author, _id, changed, null, TestContext.Current.CancellationToken))
            .Problem.Should()
            .BeNull();
        (await _host.Get<WorkflowService>().PublishAsync(_host.Author, _id, null, TestContext.Current.CancellationToken, note))
            .Problem.Should()
            .BeNull();
    }
}
