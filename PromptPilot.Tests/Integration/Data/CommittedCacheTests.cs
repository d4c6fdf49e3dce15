using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>What is kept in memory until the next commit.</summary>
public sealed class CommittedCacheTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_WithoutACommitInBetween_ReadsOnce()
    {
        var reads = 0;
        var cache = new CommittedCache<string>(new DataVersion(), (_, _) => Task.FromResult<string?>($"read {++reads}"));

        (await cache.FindAsync("a", Cancellation)).Should().Be("read 1");
        (await cache.FindAsync("a", Cancellation)).Should().Be("read 1");
        (await cache.FindAsync("b", Cancellation)).Should().Be("read 2");
    }

    [Fact]
    public async Task Find_WhenACommitHappensDuringTheRead_ReadsAgain()
    {
        var version = new DataVersion();
        var reads = 0;
        var cache = new CommittedCache<string>(
            version,
            (_, _) =>
            {
                if (++reads == 1)
                {
                    version.Raise();
                }

                return Task.FromResult<string?>($"read {reads}");
            }
        );

        (await cache.FindAsync("a", Cancellation)).Should().Be("read 1");
        (await cache.FindAsync("a", Cancellation)).Should().Be("read 2");
        (await cache.FindAsync("a", Cancellation)).Should().Be("read 2");
    }

    [Fact]
    public async Task Find_OfWhatIsNotThere_KeepsNothing()
    {
        string? row = null;
        var cache = new CommittedCache<string>(new DataVersion(), (_, _) => Task.FromResult(row));

        (await cache.FindAsync("a", Cancellation)).Should().BeNull();
        row = "there";
        (await cache.FindAsync("a", Cancellation)).Should().Be("there");
    }

    [Fact]
    public async Task Version_RisesWithTheCommit_AndNotWithReads()
    {
        await using var database = await TestDatabase.CreateAsync(_ => { });
        var person = await database.AddPersonAsync(Role.Viewer);
        var version = database.Get<DataVersion>();
        await using var db = await database.Contexts.CreateDbContextAsync(Cancellation);

        var before = version.Current;
        await db.Users.AsNoTracking().ToListAsync(Cancellation);
        version.Current.Should().Be(before, "a read changes nothing");

        long atWrite;
        await using (var transaction = await database.Get<WriteGate>().BeginAsync(db, Cancellation))
        {
            await db.Users.Where(u => u.Id == person.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.Name, "New"), Cancellation);
            atWrite = version.Current;
            await transaction.CommitAsync(Cancellation);
        }

        version.Current.Should().BeGreaterThan(atWrite, "others could read the old row until the commit");
    }

    [Fact]
    public async Task Version_StaysAsItIs_WhileTheJournalWrites()
    {
        await using var database = await TestDatabase.CreateAsync(services =>
            services.AddSingleton<Core.Integrations.HookOutbox>().AddSingleton<RunJournal>()
        );
        var workflow = new Core.Workflows.Workflow { Name = "w" };
        await database.SaveAsync(workflow);
        var journal = database.Get<RunJournal>();
        var first = new WorkflowRun { WorkflowId = workflow.Id, WorkflowName = "w" };
        await journal.AppendAsync(
            new JournalEntry
            {
                Run = first,
                IsNew = true,
                Events = [],
            }
        );
        var before = database.Get<DataVersion>().Current;

        var second = new WorkflowRun { WorkflowId = workflow.Id, WorkflowName = "w" };
        (
            await journal.AppendAsync(
                new JournalEntry
                {
                    Run = second,
                    IsNew = true,
                    Events = [],
                }
            )
        ).Should().Be(AppendResult.Committed);

        database.Get<DataVersion>().Current.Should().Be(before, "else each run would throw away what is kept");
    }
}
