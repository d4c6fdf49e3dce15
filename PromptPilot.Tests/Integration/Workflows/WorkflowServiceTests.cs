using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Workflows;

public sealed class WorkflowServiceTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private WorkflowService _workflows = null!;
    private Prompt _prompt = null!;
    private ModelProfile _model = null!;
    private Actor _architect = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services => services.AddWorkflows());
        _workflows = _database.Get<WorkflowService>();
        await using var db = Db();
        var user = new User
        {
            UserName = "ada@example.org",
            Email = "ada@example.org",
            Name = "Ada",
            Role = Role.Architect,
        };
        _architect = new Actor.Person(user.Id);
        _model = new ModelProfile
        {
            Name = "Fast",
            NormalizedName = "FAST",
            Provider = Providers.Offline,
            Model = "m",
        };
        _prompt = new Prompt
        {
            Name = "Summary",
            NormalizedName = "SUMMARY",
            Content = "{{ text }}",
            Variables = ["text"],
        };
        var version = new PromptVersion
        {
            PromptId = _prompt.Id,
            Number = 1,
            Version = "1.0.0",
            Name = "Summary",
            Content = "{{ text }}",
            Variables = ["text"],
        };
        _prompt.LatestVersionId = version.Id;
        db.AddRange(user, _model, _prompt, version, await Unprotected.LabelAsync(db, _prompt.Id, "production", version.Id));
        await db.SaveChangesAsync(Token);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Create_SoundContent_IsADraftWithOneManualTrigger()
    {
        var view = await CreatedAsync(Content(Step("b", "a", order: 2), Step("a", "notes", order: 1)));

        view.Status.Should().Be(WorkflowStatus.Draft);
        view.OwnerName.Should().Be("Ada");
        view.Steps.Select(s => (s.OutputKey, s.Order, s.Level)).Should().Equal(("a", 1, 1), ("b", 2, 2));
        view.ManualTrigger.Enabled.Should().BeTrue();
        view.CanRun.Should().BeFalse();
    }

    [Fact]
    public async Task Create_WithProblems_SavesNothing()
    {
        var refused = await _workflows.CreateAsync(_architect, Content(Step("a", "nots"), Step("a", "notes")), Token);

        refused.Problem!.Errors.Select(e => e.Field).Should().Equal("steps[0].inputMapping.text", "steps[1].outputKey");
        await using var db = Db();
        (await db.Workflows.CountAsync(Token)).Should().Be(0);
    }

    [Fact]
    public async Task Update_ReorderedAndExtended_KeepsTheIdsOfSteps()
    {
        var before = await CreatedAsync(Content(Step("a", "notes"), Step("b", "notes")));
        var (a, b) = (before.Steps[0], before.Steps[1]);

        var after = await _workflows.UpdateAsync(
            _architect,
            before.Id,
            Content(Step("b", "notes", b.Id), Step("c", "b"), Step("a", "c", a.Id)),
            before.Revision,
            Token
        );

        after.Value.Steps.Select(s => (s.OutputKey, s.Order)).Should().Equal(("b", 1), ("c", 2), ("a", 3));
        after.Value.Steps[0].Id.Should().Be(b.Id);
        after.Value.Steps[2].Id.Should().Be(a.Id);
        after.Value.Revision.Should().Be(before.Revision + 1);
    }

    [Fact]
    public async Task Update_WithAStepOfAnotherWorkflow_IsRefused()
    {
        var other = await CreatedAsync(Content(Step("a", "notes")));
        var mine = await CreatedAsync(Content(Step("a", "notes")));

        var refused = await _workflows.UpdateAsync(_architect, mine.Id, Content(Step("a", "notes", other.Steps[0].Id)), null, Token);

        refused.Problem!.Errors.Should().ContainSingle().Which.Field.Should().Be("steps[0].id");
    }

    [Fact]
    public async Task Update_OfAnOldRevision_IsStaleAndChangesNothing()
    {
        var view = await CreatedAsync(Content(Step("a", "notes")));
        await _workflows.UpdateAsync(_architect, view.Id, Content(Step("b", "notes", view.Steps[0].Id)), view.Revision, Token);

        var refused = await _workflows.UpdateAsync(
            _architect,
            view.Id,
            Content(Step("c", "notes", view.Steps[0].Id)),
            view.Revision,
            Token
        );

        refused.Problem!.Kind.Should().Be(ProblemKind.Stale);
        (await FoundAsync(view.Id)).Steps.Single().OutputKey.Should().Be("b");
    }

    [Fact]
    public async Task Update_WithWhatIsThere_ChangesNothing()
    {
        var view = await CreatedAsync(Content(Step("a", "notes")));

        var same = await _workflows.UpdateAsync(_architect, view.Id, view.Content(), view.Revision, Token);

        same.Value.Revision.Should().Be(view.Revision);
    }

    [Fact]
    public async Task Publish_PinsLatestAndKeepsLabels()
    {
        var view = await CreatedAsync(Content(Step("a", "notes"), Step("b", "a") with { PromptLabel = "production" }));

        var published = await PublishedAsync(view.Id);

        published.Status.Should().Be(WorkflowStatus.Published);
        published.CanRun.Should().BeTrue();
        published.Published!.Number.Should().Be(1);
        published.Published.Definition.Steps[0].PromptVersionId.Should().Be(_prompt.LatestVersionId);
        published.Published.Definition.Steps[1].PromptVersionId.Should().BeNull();
        published.Published.Definition.Steps[1].PromptLabel.Should().Be("production");
    }

    [Fact]
    public async Task Publish_ThenEdit_KeepsWhatIsPublished()
    {
        var view = await PublishedAsync((await CreatedAsync(Content(Step("a", "notes")))).Id);

        var edited = await _workflows.UpdateAsync(_architect, view.Id, Content(Step("z", "notes", view.Steps[0].Id)), view.Revision, Token);

        edited.Value.Status.Should().Be(WorkflowStatus.Published);
        edited.Value.HasUnpublishedChanges.Should().BeTrue();
        edited.Value.Published!.Definition.Steps.Single().OutputKey.Should().Be("a");
        (await PublishedAsync(view.Id)).Published!.Number.Should().Be(2);
    }

    [Fact]
    public async Task Publish_Unchanged_MakesNoVersion()
    {
        var view = await PublishedAsync((await CreatedAsync(Content(Step("a", "notes")))).Id);

        var again = await PublishedAsync(view.Id);

        again.Published!.Number.Should().Be(1);
        again.Revision.Should().Be(view.Revision);
    }

    [Fact]
    public async Task Publish_WithUnmappedVariable_IsRefusedWithTheWholeList()
    {
        var view = await CreatedAsync(Content(Step("a", ""), Step("b", "")));

        var refused = await _workflows.PublishAsync(_architect, view.Id, null, Token);

        refused.Problem!.Errors.Select(e => e.Field).Should().Equal("steps[0].inputMapping.text", "steps[1].inputMapping.text");
        (await FoundAsync(view.Id)).Published.Should().BeNull();
    }

    [Fact]
    public async Task Archive_ThenUnarchive_GivesADraft()
    {
        var view = await PublishedAsync((await CreatedAsync(Content(Step("a", "notes")))).Id);

        var archived = await _workflows.ArchiveAsync(_architect, view.Id, view.Revision, Token);
        archived.Value.Status.Should().Be(WorkflowStatus.Archived);
        (await _workflows.UpdateAsync(_architect, view.Id, view.Content(), null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        (await _workflows.PublishAsync(_architect, view.Id, null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);

        (await _workflows.UnarchiveAsync(_architect, view.Id, null, Token)).Value.Status.Should().Be(WorkflowStatus.Draft);
        (await PublishedAsync(view.Id)).Published!.Number.Should().Be(1);
    }

    [Fact]
    public async Task SetManualTrigger_Off_RefusesRuns()
    {
        var view = await PublishedAsync((await CreatedAsync(Content(Step("a", "notes")))).Id);

        (await _workflows.SetManualTriggerAsync(_architect, view.Id, false, null, Token)).Value.CanRun.Should().BeFalse();
    }

    [Fact]
    public async Task Delete_WithAnUnfinishedRun_IsRefused()
    {
        var view = await PublishedAsync((await CreatedAsync(Content(Step("a", "notes")))).Id);
        await using var db = Db();
        var run = new WorkflowRun
        {
            WorkflowId = view.Id,
            WorkflowName = view.Name,
            Status = RunStatus.Running,
        };
        db.Add(run);
        await db.SaveChangesAsync(Token);

        (await _workflows.DeleteAsync(_architect, view.Id, null, Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);

        run.Status = RunStatus.Succeeded;
        await db.SaveChangesAsync(Token);
        (await _workflows.DeleteAsync(_architect, view.Id, null, Token)).IsOk.Should().BeTrue();
        (await _workflows.FindAsync(_architect, view.Id, Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
        (await db.WorkflowRuns.CountAsync(Token)).Should().Be(0);
        (await db.WorkflowVersions.CountAsync(Token)).Should().Be(0);
    }

    [Fact]
    public async Task List_FiltersAndPages()
    {
        foreach (var name in new[] { "Alpha 100%", "Beta", "Alpha two" })
        {
            await CreatedAsync(Content(Step("a", "notes")) with { Name = name, Tags = [name[..4].ToLowerInvariant()] });
        }

        var first = await _workflows.ListAsync(_architect, new WorkflowFilter(), new PageRequest(Limit: 2), Token);
        first.Value.Items.Select(i => i.Name).Should().Equal("Alpha two", "Beta");
        var second = await _workflows.ListAsync(_architect, new WorkflowFilter(), new PageRequest(first.Value.Next, 2), Token);
        second.Value.Items.Select(i => i.Name).Should().Equal("Alpha 100%");
        second.Value.Next.Should().BeNull();
        (await NamesAsync(new WorkflowFilter(Search: "100%"))).Should().Equal("Alpha 100%");
        (await NamesAsync(new WorkflowFilter(Tag: "beta"))).Should().Equal("Beta");
        (await NamesAsync(new WorkflowFilter(Status: WorkflowStatus.Published))).Should().BeEmpty();
        (await _workflows.ListAsync(_architect, new WorkflowFilter(), new PageRequest("nonsense!"), Token))
            .Problem!.Errors.Single()
            .Field.Should()
            .Be("after");
    }

    [Fact]
    public async Task List_KnowsTheLastRun_AndCountsNoCancelledOneInTheSuccessRate()
    {
        var view = await CreatedAsync(Content(Step("a", "notes")));
        await using var db = Db();
        db.Add(
            new WorkflowRun
            {
                WorkflowId = view.Id,
                WorkflowName = "w",
                Status = RunStatus.Cancelled,
                QueuedAt = DateTime.UnixEpoch,
                FinishedAt = DateTime.UnixEpoch,
            }
        );
        db.Add(
            new WorkflowRun
            {
                WorkflowId = view.Id,
                WorkflowName = "w",
                Status = RunStatus.Succeeded,
                QueuedAt = DateTime.UnixEpoch.AddDays(1),
                FinishedAt = DateTime.UnixEpoch.AddDays(1),
            }
        );
        await db.SaveChangesAsync(Token);

        var list = await _workflows.ListAsync(_architect, new WorkflowFilter(), new PageRequest(), Token);

        var row = list.Value.Items.Single();
        row.LastRun!.Status.Should().Be(RunStatus.Succeeded);
        (row.Succeeded, row.Ended).Should().Be((1, 1));
    }

    [Fact]
    public async Task Versions_Find_GivesThePublishedDefinition()
    {
        var view = await PublishedAsync((await CreatedAsync(Content(Step("a", "notes")))).Id);
        var versions = _database.Get<WorkflowVersions>();

        var found = await versions.FindAsync(view.Published!.VersionId, Token);

        found!.Definition.Steps.Single().OutputKey.Should().Be("a");
        (await versions.FindAsync(view.Published.VersionId, Token)).Should().BeSameAs(found);
        (await versions.FindAsync("unknown", Token)).Should().BeNull();
    }

    private PromptPilotDbContext Db() => _database.Contexts.CreateDbContext();

    private async Task<WorkflowView> CreatedAsync(WorkflowContent content) =>
        (await _workflows.CreateAsync(_architect, content, Token)).Value;

    private async Task<WorkflowView> PublishedAsync(string id) => (await _workflows.PublishAsync(_architect, id, null, Token)).Value;

    private async Task<WorkflowView> FoundAsync(string id) => (await _workflows.FindAsync(_architect, id, Token)).Value;

    private async Task<IEnumerable<string>> NamesAsync(WorkflowFilter filter) =>
        (await _workflows.ListAsync(_architect, filter, new PageRequest(), Token)).Value.Items.Select(item => item.Name);

    private static WorkflowContent Content(params StepContent[] steps) =>
        new("Digest", ["weekly"], [new WorkflowInput { Name = "notes" }], steps);

    private StepContent Step(string key, string reads, string? id = null, int? order = null) =>
        new(id, _prompt.Id, null, null, _model.Id, new Dictionary<string, string> { ["text"] = reads }, key, order);
}
