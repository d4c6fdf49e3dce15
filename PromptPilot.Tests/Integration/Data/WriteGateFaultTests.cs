using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Data;

/// <summary>However a write ends, the gate is free afterwards.</summary>
public sealed class WriteGateFaultTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(_ => { });

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Conflict_ThatTheCallerCatches_LeavesTheGate()
    {
        var id = await AddAsync("shared");
        await using var db = await _database.Contexts.CreateDbContextAsync(Cancellation);
        await ConflictAsync(db, id);

        _database.Get<WriteGate>().Holder.Should().BeNull();
        await AddAsync("next").WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task Transaction_NobodyEnds_EndsWithItsContext()
    {
        await using (var db = await _database.Contexts.CreateDbContextAsync(Cancellation))
        {
            _ = await _database.Get<WriteGate>().BeginAsync(db, Cancellation);
        }

        _database.Get<WriteGate>().Holder.Should().BeNull();
        await AddAsync("next").WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task Transaction_InsideItself_IsRefusedAndNotWaitedFor()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Cancellation);
        await using (await _database.Get<WriteGate>().BeginAsync(db, Cancellation))
        {
            await FluentActions
                .Awaiting(() => _database.Get<WriteGate>().BeginAsync(db, Cancellation))
                .Should()
                .ThrowAsync<InvalidOperationException>();
        }

        await AddAsync("next").WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public Task RandomWrites_OfAllKindsAndEnds_LeaveTheGateFree() => RaceAsync(rounds: 25);

    [Fact]
    [Trait("Category", "Soak")]
    public Task RandomWrites_OfAllKindsAndEnds_LeaveTheGateFree_ForLong() => RaceAsync(rounds: 2_000);

    private async Task RaceAsync(int rounds)
    {
        var shared = await AddAsync("shared");
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(writer =>
                    Task.Run(
                        async () =>
                        {
                            var random = new Random(writer);
                            for (var i = 0; i < rounds; i++)
                            {
                                await WriteAsync(random, shared, $"{writer}-{i}");
                            }
                        },
                        Cancellation
                    )
                )
        );

        _database.Get<WriteGate>().Holder.Should().BeNull();
        _database.Get<WriteGate>().OldestWait.Should().Be(TimeSpan.Zero);
        await AddAsync("last").WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        await using var read = await _database.Contexts.CreateDbContextAsync(Cancellation);
        (await read.Prompts.AnyAsync(p => p.Name.StartsWith("rolled back"), Cancellation)).Should().BeFalse();
    }

    private async Task WriteAsync(Random random, string shared, string name)
    {
        using var cancel = new CancellationTokenSource();
        await using var db = await _database.Contexts.CreateDbContextAsync(Cancellation);
        var kind = random.Next(8);
        if (random.Next(3) == 0)
        {
            cancel.CancelAfter(TimeSpan.FromMicroseconds(random.Next(3000)));
        }

        try
        {
            switch (kind)
            {
                case 0:
                    db.Prompts.Add(Prompt(name));
                    await db.SaveChangesAsync(cancel.Token);
                    break;
                case 1:
                    await ConflictAsync(db, shared);
                    break;
                case 2:
                    db.Prompts.Add(Prompt("shared"));
                    await db.SaveChangesAsync(cancel.Token);
                    break;
                case 3:
                    await db
                        .Prompts.Where(p => p.Id == shared)
                        .ExecuteUpdateAsync(set => set.SetProperty(p => p.Content, name), cancel.Token);
                    break;
                case 4:
                    await db.Prompts.Where(p => p.Name == name).ExecuteDeleteAsync(cancel.Token);
                    break;
                case 5:
                    await db
                        .Prompts.Where(p => p.Id == shared)
                        .ExecuteUpdateAsync(set => set.SetProperty(p => p.Id, (string)null!), cancel.Token);
                    break;
                default:
                    await TransactAsync(db, random, shared, name, cancel.Token);
                    break;
            }
        }
        catch (Exception exception) when (exception is DbUpdateException or System.Data.Common.DbException or OperationCanceledException)
        {
            // As meant.
        }
    }

    private async Task TransactAsync(
        PromptPilotDbContext db,
        Random random,
        string shared,
        string name,
        CancellationToken cancellationToken
    )
    {
        var commits = random.Next(2) == 0;
        var transaction = await _database.Get<WriteGate>().BeginAsync(db, cancellationToken);
        if (!commits && random.Next(4) == 0)
        {
            // Left to the context.
            return;
        }

        await using (transaction)
        {
            db.Prompts.Add(Prompt(commits ? name : $"rolled back {name}"));
            await db.SaveChangesAsync(cancellationToken);
            if (random.Next(3) == 0)
            {
                await ConflictAsync(db, shared);
            }

            if (commits)
            {
                await transaction.CommitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Saves a row that was changed by somebody else, and catches the conflict, as Identity's stores do.</summary>
    private static async Task ConflictAsync(PromptPilotDbContext db, string id)
    {
        var prompt = await db.Prompts.SingleAsync(p => p.Id == id, Cancellation);
        db.Entry(prompt).Property(p => p.Revision).OriginalValue = -1;
        prompt.Content = "conflict";
        await FluentActions.Awaiting(() => db.SaveChangesAsync(Cancellation)).Should().ThrowAsync<DbUpdateConcurrencyException>();
        db.ChangeTracker.Clear();
    }

    private async Task<string> AddAsync(string name)
    {
        var prompt = Prompt(name);
        await _database.SaveAsync(prompt);
        return prompt.Id;
    }

    private static Prompt Prompt(string name) =>
        new()
        {
            Name = name,
            NormalizedName = name,
            Content = "x",
        };
}
