using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>One record that cannot be written costs nobody else anything; what only has to wait, waits.</summary>
public sealed class RunJournalTests : IAsyncLifetime
{
    private const int Busy = 5;
    private const int Full = 13;

    private TestDatabase _database = null!;
    private FaultyContexts _contexts = null!;
    private RunJournal _journal = null!;
    private Workflow _workflow = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(_ => { });
        _contexts = new FaultyContexts(_database.Contexts);
        _journal = new RunJournal(
            _contexts,
            _database.Get<WriteGate>(),
            new HookOutbox(_database.Get<DataVersion>(), TimeProvider.System),
            TimeProvider.System,
            NullLogger<RunJournal>.Instance
        );
        await _database.SaveAsync(_workflow = new Workflow { Name = "W" });
    }

    public async ValueTask DisposeAsync()
    {
        _contexts.Fault = null;
        await _journal.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Append_WithRecordsThatCannotBeWritten_TellsThoseAloneAndCommitsTheRest()
    {
        var runs = Enumerable.Range(0, 40).Select(_ => Run()).ToList();
        var sick = new[] { runs[0], runs[17], runs[18], runs[39] };
        foreach (var run in sick)
        {
            run.Inputs["broken"] = default;
        }

        // All wait at the gate, so that they share a batch.
        List<Task<AppendResult>> appended;
        await using (var db = await _database.Contexts.CreateDbContextAsync(Token))
        await using (await _database.Get<WriteGate>().BeginAsync(db, Token))
        {
            appended = [.. runs.Select(run => _journal.AppendAsync(New(run)))];
        }

        for (var i = 0; i < runs.Count; i++)
        {
            if (sick.Contains(runs[i]))
            {
                (await FluentActions.Awaiting(() => appended[i]).Should().ThrowAsync<EntryUnwritableException>())
                    .Which.Message.Should()
                    .StartWith("A record of this run could not be stored: ");
            }
            else
            {
                (await appended[i]).Should().Be(AppendResult.Committed);
            }
        }

        (await IdsAsync()).Should().BeEquivalentTo(runs.Except(sick).Select(run => run.Id));
    }

    [Fact]
    public async Task Append_WhileTheDiskIsFull_RefusesNewRunsAndKeepsTheRest()
    {
        var run = Run();
        await _database.SaveAsync(run);
        _contexts.Fault = new SqliteException("database or disk is full", Full);
        run.Status = RunStatus.Succeeded;
        var change = _journal.AppendAsync(Change(run));
        await Eventually.HoldsAsync(() => _contexts.Refused > 0, "the journal to notice");
        var refused = await FluentActions.Awaiting(() => _journal.AppendAsync(New(Run()))).Should().ThrowAsync<EntryRefusedException>();

        refused.Which.Problem.Message.Should().Contain("disk").And.Contain("full");
        change.IsCompleted.Should().BeFalse("it can succeed later");
        _contexts.Fault = null;
        (await change.WaitAsync(Eventually.DefaultLimit, Token)).Should().Be(AppendResult.Committed);
    }

    [Fact]
    public async Task Dispose_WhileTheDatabaseTakesNothing_EndsAndTellsWhoWaits()
    {
        var run = Run();
        await _database.SaveAsync(run);
        _contexts.Fault = new SqliteException("database is locked", Busy);
        var change = _journal.AppendAsync(Change(run));
        await Eventually.HoldsAsync(() => _contexts.Refused > 0, "the journal to notice");

        await _journal.DisposeAsync().AsTask().WaitAsync(Eventually.DefaultLimit, Token);

        await FluentActions.Awaiting(() => change).Should().ThrowAsync<JournalClosedException>();
    }

    private async Task<List<string>> IdsAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        return await db.WorkflowRuns.Select(run => run.Id).ToListAsync(Token);
    }

    private WorkflowRun Run() =>
        new()
        {
            WorkflowId = _workflow.Id,
            WorkflowName = "W",
            LastSeq = 1,
            QueuedAt = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            Inputs = new Dictionary<string, JsonElement>(),
        };

    private static JournalEntry New(WorkflowRun run) =>
        new()
        {
            Run = run,
            IsNew = true,
            Events = [],
        };

    private static JournalEntry Change(WorkflowRun run) =>
        new()
        {
            Run = run,
            ExpectedSeq = 1,
            Events = [],
        };

    /// <summary>A database that can be made to refuse.</summary>
    private sealed class FaultyContexts(IDbContextFactory<PromptPilotDbContext> inner) : IDbContextFactory<PromptPilotDbContext>
    {
        private int _refused;

        public SqliteException? Fault { get; set; }

        public int Refused => _refused;

        public PromptPilotDbContext CreateDbContext()
        {
            if (Fault is { } fault)
            {
                Interlocked.Increment(ref _refused);
                throw fault;
            }

            return inner.CreateDbContext();
        }
    }
}
