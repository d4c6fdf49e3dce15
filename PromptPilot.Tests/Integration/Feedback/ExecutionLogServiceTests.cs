using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Feedback;

public sealed class ExecutionLogServiceTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private ExecutionLogService _service = null!;
    private Actor _reader = Actor.Nobody;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(services => services.AddSingleton<ExecutionLogService>());
        _service = _database.Get<ExecutionLogService>();
        _reader = (await _database.AddPersonAsync(Role.Viewer)).Actor;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task List_PageByPage_ShowsEachLogOnceNewestFirst()
    {
        // Five instants with three logs each: rows of one instant must neither repeat nor vanish at a page's edge.
        var logs = Enumerable.Range(0, 15).Select(i => TestLogs.Playground($"output {i}", TimeSpan.FromSeconds(i / 3))).ToArray();
        await _database.SaveAsync([.. logs]);

        var seen = new List<ExecutionLog>();
        string? after = null;
        do
        {
            var page = (await _service.ListAsync(_reader, new ExecutionLogFilter(), new PageRequest(after, 4), Token)).Value;
            seen.AddRange(page.Items);
            after = page.Next;
        } while (after is not null);

        seen.Select(log => log.Id).Should().BeEquivalentTo(logs.Select(log => log.Id)).And.OnlyHaveUniqueItems();
        seen.Select(log => log.Timestamp).Should().BeInDescendingOrder();
    }

    [Fact]
    public async Task List_Filtered_ShowsOnlyWhatMatches()
    {
        var failed = TestLogs.Playground(status: ExecutionStatus.Timeout);
        var other = TestLogs.Playground(promptId: "prompt-2");
        await _database.SaveAsync(TestLogs.Playground(), failed, other);

        (await ListAsync(new ExecutionLogFilter(Status: ExecutionStatus.Timeout))).Should().Equal(failed.Id);
        (await ListAsync(new ExecutionLogFilter(PromptId: "prompt-2"))).Should().Equal(other.Id);
        (await ListAsync(new ExecutionLogFilter(RunId: "no-run"))).Should().BeEmpty();
        (await ListAsync(new ExecutionLogFilter(WorkflowId: "no-workflow"))).Should().BeEmpty();
    }

    [Fact]
    public async Task List_AfterACursorOfSomethingElse_IsRefusedAtTheField()
    {
        var page = await _service.ListAsync(_reader, new ExecutionLogFilter(), new PageRequest("nonsense"), Token);

        page.Problem!.Errors.Should().ContainSingle(error => error.Field == "after");
    }

    [Fact]
    public async Task Find_GivesTheLogWhole()
    {
        var log = TestLogs.Playground("split emoji: 👩‍👩‍👧 and ‏עברית");
        await _database.SaveAsync(log);

        var found = await _service.FindAsync(_reader, log.Id, Token);

        found.Value.Output.Should().Be(log.Output);
        found.Value.Input["notes"].GetString().Should().Be("Grüße 👋");
        found.Value.Timestamp.Should().Be(log.Timestamp);
        (await _service.FindAsync(_reader, "nothing", Token)).Problem!.Kind.Should().Be(ProblemKind.NotFound);
    }

    private async Task<IEnumerable<string>> ListAsync(ExecutionLogFilter filter) =>
        (await _service.ListAsync(_reader, filter, new PageRequest(), Token)).Value.Items.Select(log => log.Id);
}
