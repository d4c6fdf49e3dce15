using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Files;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.TestSets;

public sealed class TestSetServicesTests : IAsyncLifetime
{
    private static readonly TestCaseContent Case = new("First", Values("notes", "Text"), "Short", ["smoke"]);

    private TestDatabase _database = null!;
    private TestPerson _ann = null!;
    private TestPerson _architect = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestSetService Sets => _database.Get<TestSetService>();

    private TestCaseService Cases => _database.Get<TestCaseService>();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services =>
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).AddFiles().AddFeedback().AddTestSets()
        );
        _ann = await _database.AddPersonAsync(Role.Collaborator);
        _architect = await _database.AddPersonAsync(Role.Architect);
        await _database.SaveAsync(
            new Prompt
            {
                Id = "prompt-1",
                Name = "Digest",
                NormalizedName = "DIGEST",
                Content = "{{ notes }}",
                Variables = ["notes"],
            }
        );
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Create_WithANameThatIsTaken_IsRefusedAtTheField()
    {
        await CreateAsync("Core");

        var again = await Sets.CreateAsync(_architect.Actor, "prompt-1", new TestSetContent(" core ", []), Token);

        again.Problem!.Errors.Should().ContainSingle(error => error.Field == "name");
    }

    [Fact]
    public async Task Changes_OfCasesAndChecks_RaiseTheVersion_AndOthersDoNot()
    {
        var set = await CreateAsync("Core");
        var test = (await Cases.AddAsync(_ann.Actor, set.Id, Case, Token)).Value;
        await Cases.UpdateAsync(_ann.Actor, set.Id, test.Id, Case with { Expected = "Shorter" }, Token);
        var check = new Check { Kind = CheckKind.Contains, Value = "x" };
        await Sets.UpdateAsync(_architect.Actor, set.Id, new TestSetContent("Core", [check]), null, Token);
        await Sets.UpdateAsync(_architect.Actor, set.Id, new TestSetContent("Renamed", [check]), null, Token);

        var found = (await Sets.FindAsync(_ann.Actor, set.Id, Token)).Value;

        found.Version.Should().Be(4, "one for the set, one each for the case, its change and the checks; a name changes no result");
        found.Name.Should().Be("Renamed");
        found.Variables.Should().Equal(new TestVariable("notes", VariableType.Text));
        found.Cases.Should().ContainSingle().Which.Expected.Should().Be("Shorter");
    }

    [Fact]
    public async Task Update_OfAnOldRevision_IsStale()
    {
        var set = await CreateAsync("Core");
        await Cases.AddAsync(_ann.Actor, set.Id, Case, Token);

        var late = await Sets.UpdateAsync(_architect.Actor, set.Id, new TestSetContent("Core", []), set.Revision, Token);

        late.Problem!.Kind.Should().Be(ProblemKind.Stale);
    }

    [Fact]
    public async Task AddFromOutput_WithACorrection_ExpectsTheCorrection_AndOnlyOnce()
    {
        var set = await CreateAsync("Core");
        var log = TestLogs.Playground();
        var other = TestLogs.Playground(promptId: "prompt-2");
        await _database.SaveAsync(log, other);
        await _database.Get<FeedbackService>().PutAsync(_ann.Actor, log.Id, new FeedbackInput(2, "", ["tone"], "As it should be"), Token);

        var made = (await Cases.AddFromOutputAsync(_ann.Actor, set.Id, log.Id, Token)).Value;
        var again = await Cases.AddFromOutputAsync(_ann.Actor, set.Id, log.Id, Token);
        var foreign = await Cases.AddFromOutputAsync(_ann.Actor, set.Id, other.Id, Token);

        made.Expected.Should().Be("As it should be");
        made.Inputs["notes"].GetString().Should().Be(log.Input["notes"].GetString());
        made.Origin.Should().Be(CaseOrigin.Feedback);
        made.OriginId.Should().Be(log.Id);
        made.Tags.Should().Equal("tone");
        again.Problem!.Kind.Should().Be(ProblemKind.Conflict);
        foreign.Problem!.Kind.Should().Be(ProblemKind.Conflict);
    }

    [Fact]
    public async Task Import_WithOneWrongRow_AddsNone()
    {
        var set = await CreateAsync("Core");
        var longTag = new string('t', 60);

        var refused = await Cases.ImportAsync(_ann.Actor, set.Id, $"notes,tags\na,x\nb,{longTag}\n", Token);
        var added = await Cases.ImportAsync(_ann.Actor, set.Id, "notes,expected\na,A\nb,B\n", Token);

        refused.Problem!.Errors.Should().ContainSingle(error => error.Field == "cases[1].tags");
        added.Value.Added.Should().Be(2);
        var cases = (await Sets.FindAsync(_ann.Actor, set.Id, Token)).Value.Cases;
        cases
            .Select(test => (test.Number, test.Expected, test.Origin))
            .Should()
            .Equal((1, "A", CaseOrigin.File), (2, "B", CaseOrigin.File));
    }

    [Fact]
    public async Task Delete_OfACase_TakesItOutOfStoredVersionsToo()
    {
        var set = await CreateAsync("Core");
        var test = (await Cases.AddAsync(_ann.Actor, set.Id, Case, Token)).Value;
        await _database.SaveAsync(
            new TestSetVersion
            {
                TestSetId = set.Id,
                Number = 2,
                Cases = [new FrozenCase(test.Id, 1, "First", new(Case.Inputs), "Short"), new FrozenCase("other", 2, "", [], null)],
            }
        );

        (await Cases.DeleteAsync(_ann.Actor, set.Id, test.Id, Token)).IsOk.Should().BeTrue();

        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        db.TestSetVersions.Single().Cases.Select(frozen => frozen.Id).Should().Equal("other");
    }

    [Fact]
    public async Task Cases_OfOthers_AreForArchitectsToChange()
    {
        var set = await CreateAsync("Core");
        var test = (await Cases.AddAsync(_ann.Actor, set.Id, Case, Token)).Value;
        var bob = await _database.AddPersonAsync(Role.Collaborator);

        (await Cases.UpdateAsync(bob.Actor, set.Id, test.Id, Case, Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        (await Cases.DeleteAsync(bob.Actor, set.Id, test.Id, Token)).Problem!.Kind.Should().Be(ProblemKind.Forbidden);
        (await Cases.UpdateAsync(_ann.Actor, set.Id, test.Id, Case, Token)).IsOk.Should().BeTrue();
        (await Cases.DeleteAsync(_architect.Actor, set.Id, test.Id, Token)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task DeletedPerson_WithTheirTexts_LeavesNoneInCasesOrStoredVersions()
    {
        var set = await CreateAsync("Core");
        var log = TestLogs.Playground();
        await _database.SaveAsync(log);
        await _database.Get<FeedbackService>().PutAsync(_ann.Actor, log.Id, new FeedbackInput(2, "", [], "Ann's words"), Token);
        var corrected = (await Cases.AddFromOutputAsync(_architect.Actor, set.Id, log.Id, Token)).Value;
        var kept = (await Cases.AddAsync(_architect.Actor, set.Id, Case with { Expected = "Ann's words" }, Token)).Value;
        var mine = (await Cases.AddAsync(_ann.Actor, set.Id, Case, Token)).Value;
        await _database.SaveAsync(
            new TestSetVersion
            {
                TestSetId = set.Id,
                Number = 4,
                Cases = [.. new[] { corrected, kept, mine }.Select(test => new FrozenCase(test.Id, test.Number, "", [], test.Expected))],
            }
        );

        await using (var erasing = await _database.Contexts.CreateDbContextAsync(Token))
        {
            await _database.Get<IPersonalTexts>().EraseAsync(erasing, _ann.Id, Token);
            erasing.Remove(await erasing.Users.SingleAsync(user => user.Id == _ann.Id, Token));
            await erasing.SaveChangesAsync(Token);
        }

        var found = (await Sets.FindAsync(_architect.Actor, set.Id, Token)).Value;
        found.Cases.Select(test => (test.Id, test.Expected)).Should().Equal((corrected.Id, null), (kept.Id, "Ann's words"));
        found.Version.Should().Be(5, "experiments of before used other cases");
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        db.TestSetVersions.Single()
            .Cases.Select(frozen => (frozen.Id, frozen.Expected))
            .Should()
            .Equal((corrected.Id, null), (kept.Id, "Ann's words"));
        db.Feedback.Should().BeEmpty();
    }

    private async Task<TestSetView> CreateAsync(string name) =>
        (await Sets.CreateAsync(_architect.Actor, "prompt-1", new TestSetContent(name, []), Token)).Value;

    private static Dictionary<string, JsonElement> Values(string name, string text) =>
        new() { [name] = JsonSerializer.SerializeToElement(text) };
}
