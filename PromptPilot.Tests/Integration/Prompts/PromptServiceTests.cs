using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Prompts;

public sealed class PromptServiceTests : IAsyncLifetime
{
    private static readonly PromptDraft Digest = new()
    {
        Name = "Digest",
        Content = "Write {{ notes }}",
        Category = "writing",
        Tags = ["weekly", "support"],
    };

    private TestDatabase _database = null!;
    private Actor _author = null!;

    private PromptService Prompts => _database.Get<PromptService>();

    private PromptLabelService Labels => _database.Get<PromptLabelService>();

    private PromptVersions Versions => _database.Get<PromptVersions>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services => services.AddPrompts());
        _author = new Actor.Person((await _database.AddPersonAsync(Role.Architect)).Id);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Create_Prompt_DerivesVariablesAndMakesTheFirstVersion()
    {
        var prompt = await CreateAsync(Digest with { SystemMessage = "Be {{ tone }}" });

        prompt.Variables.Should().Equal("notes", "tone");
        prompt.Version.Should().Be("1.0.0");
        var versions = (await Prompts.ListVersionsAsync(_author, prompt.Id, new PageRequest(), Token)).Value.Items;
        versions
            .Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(
                new
                {
                    prompt.Content,
                    prompt.SystemMessage,
                    prompt.Variables,
                    Version = "1.0.0",
                    Number = 1,
                }
            );
        (await Versions.ResolveVersionAsync(prompt.Id, null, Token)).Should().Be(versions[0].Id);
        (await Versions.FindAsync(versions[0].Id, Token)).Should().BeSameAs(await Versions.FindAsync(versions[0].Id, Token));
    }

    [Theory]
    [InlineData("", "Write", "name")]
    [InlineData("x", "", "content")]
    [InlineData("x", "{{ a | nope }}", "content")]
    [InlineData("x", "{{ trigger }}", "content")]
    [InlineData("bad\u0007name", "Write", "name")]
    public async Task Create_Wrong_IsRefusedAtTheField(string name, string content, string field)
    {
        var result = await Prompts.CreateAsync(_author, new PromptDraft { Name = name, Content = content }, Token);

        result.Problem!.Errors.Should().Contain(e => e.Field == field);
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.Prompts.CountAsync(Token)).Should().Be(0);
    }

    [Fact]
    public async Task Create_DefinitionsThatDoNotFit_AreRefusedAtTheirFields()
    {
        var result = await Prompts.CreateAsync(
            _author,
            Digest with
            {
                VariableDefinitions =
                [
                    new() { Name = "ghost" },
                    new()
                    {
                        Name = "notes",
                        Type = VariableType.Number,
                        Default = AppJson.Text("three"),
                    },
                    new() { Name = "notes", Type = VariableType.Choice },
                ],
            },
            Token
        );

        result
            .Problem!.Errors.Select(e => e.Field)
            .Should()
            .BeEquivalentTo(
                "variableDefinitions[0].name",
                "variableDefinitions[1].default",
                "variableDefinitions[2].name",
                "variableDefinitions[2].choices"
            );
    }

    [Fact]
    public async Task Create_TooLong_IsRefused() =>
        (await Prompts.CreateAsync(_author, Digest with { Content = new string('x', (1024 * 1024) + 1) }, Token))
            .Problem!.Errors.Should()
            .ContainSingle(e => e.Field == "content");

    [Fact]
    public async Task Create_NameTaken_InAnyCase_IsAConflict()
    {
        await CreateAsync(Digest);
        var again = await Prompts.CreateAsync(_author, Digest with { Name = "DIGEST" }, Token);
        again.Problem!.Kind.Should().Be(ProblemKind.Conflict);
        again.Problem.Errors.Should().ContainSingle(e => e.Field == "name");
    }

    [Fact]
    public async Task Create_SameNameAtOnce_OneWins()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Prompts.CreateAsync(_author, Digest, Token)));
        results.Count(r => r.IsOk).Should().Be(1);
    }

    [Fact]
    public async Task Update_Change_MakesAVersion_AndWithoutChangeNone()
    {
        var prompt = await CreateAsync(Digest);
        var changed = (
            await Prompts.UpdateAsync(
                _author,
                prompt.Id,
                Digest with
                {
                    Content = "Please write {{ notes }}",
                    Message = "politer",
                },
                prompt.Revision,
                Token
            )
        ).Value;
        (changed.Version, changed.Revision).Should().Be(("1.1.0", 2));

        var same = (await Prompts.UpdateAsync(_author, prompt.Id, PromptDraft.Of(changed), changed.Revision, Token)).Value;
        (same.Version, same.Revision).Should().Be(("1.1.0", 2));

        var versions = (await Prompts.ListVersionsAsync(_author, prompt.Id, new PageRequest(Limit: 1), Token)).Value;
        versions.Items.Should().ContainSingle().Which.Message.Should().Be("politer");
        var older = (await Prompts.ListVersionsAsync(_author, prompt.Id, new PageRequest(versions.Next, 5), Token)).Value;
        older.Items.Should().ContainSingle().Which.Content.Should().Be("Write {{ notes }}", "a version never changes");
        older.Next.Should().BeNull();
    }

    [Fact]
    public async Task Update_StaleRevision_IsRefused_AndNothingIsLost()
    {
        var prompt = await CreateAsync(Digest);
        var results = await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(i =>
                    Prompts.UpdateAsync(_author, prompt.Id, Digest with { Content = $"Write {i} {{{{ notes }}}}" }, prompt.Revision, Token)
                )
        );
        results.Count(r => r.IsOk).Should().Be(1);
        results.Where(r => !r.IsOk).Should().OnlyContain(r => r.Problem!.Kind == ProblemKind.Stale);
        (await Prompts.ListVersionsAsync(_author, prompt.Id, new PageRequest(), Token)).Value.Items.Should().HaveCount(2);
    }

    [Fact]
    public async Task List_SearchAndFilters_FindByNameTextCategoryAndTag()
    {
        await CreateAsync(Digest);
        await CreateAsync(
            new PromptDraft
            {
                Name = "Émile 100%",
                Content = "Translate {{ text }}",
                Category = "language",
                Tags = ["fr"],
            }
        );

        (await NamesAsync(new PromptFilter())).Should().Equal("Digest", "Émile 100%");
        (await NamesAsync(new PromptFilter("dIG"))).Should().Equal("Digest");
        (await NamesAsync(new PromptFilter("émile"))).Should().Equal("Émile 100%");
        (await NamesAsync(new PromptFilter("translate"))).Should().Equal("Émile 100%");
        (await NamesAsync(new PromptFilter("writ"))).Should().Equal("Digest");
        (await NamesAsync(new PromptFilter("weekl"))).Should().Equal("Digest");
        (await NamesAsync(new PromptFilter("0%"))).Should().Equal("Émile 100%");
        (await NamesAsync(new PromptFilter("_"))).Should().BeEmpty();
        (await NamesAsync(new PromptFilter(Category: "language"))).Should().Equal("Émile 100%");
        (await NamesAsync(new PromptFilter(Tag: "support"))).Should().Equal("Digest");
        var facets = (await Prompts.ListFacetsAsync(_author, Token)).Value;
        facets.Categories.Should().Equal("language", "writing");
        facets.Tags.Should().Equal("fr", "support", "weekly");
    }

    [Fact]
    public async Task List_Pages_CoverEverythingOnce()
    {
        for (var i = 0; i < 7; i++)
        {
            await CreateAsync(Digest with { Name = $"Prompt {i}" });
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = (await Prompts.ListAsync(_author, new PromptFilter(), new PageRequest(after, 3), Token)).Value;
            seen.AddRange(page.Items.Select(p => p.Name));
            after = page.Next;
        } while (after is not null);
        seen.Should().Equal(Enumerable.Range(0, 7).Select(i => $"Prompt {i}"));
        (await Prompts.ListAsync(_author, new PromptFilter(), new PageRequest("?"), Token))
            .Problem!.Errors.Should()
            .ContainSingle(e => e.Field == "after");
    }

    [Fact]
    public async Task Labels_Move_AndUnknownOnesAreNotFound()
    {
        var prompt = await CreateAsync(Digest);
        await Prompts.UpdateAsync(_author, prompt.Id, Digest with { Content = "Two {{ notes }}" }, null, Token);
        (await Labels.SetLabelAsync(_author, prompt.Id, "production", "1.0.0", Token)).IsOk.Should().BeTrue();

        (await Prompts.FindByNameAsync(_author, "digest", "production", Token)).Value.Version.Should().Be("1.0.0");
        (await Prompts.FindByNameAsync(_author, "Digest", null, Token)).Value.Version.Should().Be("1.1.0");
        (await Prompts.FindByNameAsync(_author, "Digest", "latest", Token)).Value.Version.Should().Be("1.1.0");
        (await Prompts.FindByNameAsync(_author, "Digest", "staging", Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
        (await Versions.ResolveLabelAsync(prompt.Id, "staging", Token)).Should().BeNull();

        await Labels.SetLabelAsync(_author, prompt.Id, "production", "1.1.0", Token);
        (await Labels.ListLabelsAsync(_author, prompt.Id, Token)).Value.Should().ContainSingle().Which.Version.Should().Be("1.1.0");
        (await Versions.ResolveLabelAsync(prompt.Id, "production", Token))
            .Should()
            .Be(await Versions.ResolveVersionAsync(prompt.Id, "1.1.0", Token));
        (await Labels.SetLabelAsync(_author, prompt.Id, "latest", "1.0.0", Token))
            .Problem!.Errors.Should()
            .ContainSingle(e => e.Field == "label");
        (await Labels.SetLabelAsync(_author, prompt.Id, "staging", "9.0.0", Token))
            .Problem!.Errors.Should()
            .ContainSingle(e => e.Field == "version");
        (await Labels.RemoveLabelAsync(_author, prompt.Id, "production", Token)).IsOk.Should().BeTrue();
        (await Labels.RemoveLabelAsync(_author, prompt.Id, "production", Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    [Fact]
    public async Task Delete_UsedInADraft_IsRefused_UnusedGoesWithVersionsAndLabels()
    {
        var prompt = await CreateAsync(Digest);
        await Labels.SetLabelAsync(_author, prompt.Id, "production", "1.0.0", Token);
        var profile = new ModelProfile
        {
            Name = "Offline",
            NormalizedName = "OFFLINE",
            Provider = "offline",
            Model = "extractive",
        };
        var workflow = new Workflow
        {
            Name = "Weekly",
            Steps =
            [
                new WorkflowStep
                {
                    PromptId = prompt.Id,
                    PromptLabel = "production",
                    Model = profile.Id,
                    OutputKey = "digest",
                    Order = 1,
                },
            ],
        };
        await _database.SaveAsync(profile, workflow);

        (await Prompts.DeleteAsync(_author, prompt.Id, null, Token))
            .Problem!.Should()
            .Match<Problem>(p => p.Kind == ProblemKind.Conflict && p.Message.Contains("“Weekly”"));
        (await Labels.RemoveLabelAsync(_author, prompt.Id, "production", Token)).Problem!.Kind.Should().Be(ProblemKind.Conflict);
        (await Prompts.ListAsync(_author, new PromptFilter(), new PageRequest(), Token)).Value.Items[0].UsedBy.Should().Be(1);

        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        await db.WorkflowSteps.ExecuteDeleteAsync(Token);
        (await Prompts.DeleteAsync(_author, prompt.Id, 7, Token)).Problem!.Kind.Should().Be(ProblemKind.Stale);
        (await Prompts.DeleteAsync(_author, prompt.Id, 1, Token)).IsOk.Should().BeTrue();
        (await db.PromptVersions.CountAsync(Token) + await db.PromptLabels.CountAsync(Token)).Should().Be(0);
    }

    [Fact]
    public async Task Delete_UsedInAPublishedVersionOnly_IsRefused()
    {
        var prompt = await CreateAsync(Digest);
        var workflow = new Workflow { Name = "Frozen" };
        var step = new StepDefinition("s", prompt.Id, prompt.LatestVersionId, null, "m", new Dictionary<string, string>(), "out", 1);
        await _database.SaveAsync(workflow);
        await _database.SaveAsync(
            new WorkflowVersion
            {
                WorkflowId = workflow.Id,
                Number = 1,
                Definition = new WorkflowDefinition("Frozen", [], [step]),
            }
        );

        (await Prompts.DeleteAsync(_author, prompt.Id, null, Token)).Problem!.Message.Should().Contain("“Frozen”");
        (await Prompts.ListUsesAsync(_author, prompt.Id, Token))
            .Value.Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(new { InDraft = false, InPublished = true });
    }

    [Fact]
    public async Task Preview_ByAViewer_RendersExamplesDefaultsAndStandIns()
    {
        var viewer = new Actor.Person((await _database.AddPersonAsync(Role.Viewer)).Id);
        var draft = new PromptDraft
        {
            Name = "x",
            Content = "{{ notes }} {{ tone }} {{ count }} {{ rest }}",
            VariableDefinitions =
            [
                new() { Name = "notes", Example = AppJson.Text("{{ raw }}") },
                new() { Name = "tone", Default = AppJson.Text("kind") },
                new() { Name = "count", Type = VariableType.Number },
            ],
        };

        var preview = (
            await Prompts.PreviewAsync(viewer, draft, new Dictionary<string, JsonElement> { ["tone"] = AppJson.Text("dry") }, Token)
        ).Value;
        preview.Texts!.Messages.Single().Text.Should().Be("{{ raw }} dry 1 ‹rest›");
        preview.Variables.Should().Equal("notes", "tone", "count", "rest");
        (await Prompts.PreviewAsync(viewer, draft with { Content = "{{ x" }, null, Token))
            .Value.Errors.Should()
            .ContainSingle(e => e.Field == "content" && e.Line == 1);
        (await Prompts.CreateAsync(viewer, draft, Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
    }

    private async Task<Prompt> CreateAsync(PromptDraft draft)
    {
        var result = await Prompts.CreateAsync(_author, draft, Token);
        result.Problem.Should().BeNull();
        return result.Value;
    }

    private async Task<IEnumerable<string>> NamesAsync(PromptFilter filter) =>
        (await Prompts.ListAsync(_author, filter, new PageRequest(), Token)).Value.Items.Select(p => p.Name);
}
