using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Insights;

/// <summary>The sums equal a scan of what there is, and together with those of what was deleted, everything there ever was.</summary>
public sealed class RollupTests
{
    private readonly Random _random = new(4711);
    private readonly List<WorkflowRun> _open = [];

    /// <summary>Everything that was ever counted, by what it was.</summary>
    private readonly Dictionary<string, Fact> _ever = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sums_AfterRandomRunsEditsAndDeletions_EqualAScan()
    {
        await using var world = await RollupWorld.CreateAsync();
        var workflows = new List<string> { await world.AddWorkflowAsync("A"), await world.AddWorkflowAsync("B") };
        var people = new List<TestPerson>();
        for (var i = 0; i < 3; i++)
        {
            people.Add(await world.Database.AddPersonAsync(Role.Collaborator));
        }

        for (var round = 0; round < Samples.Count(few: 15, many: 400); round++)
        {
            for (var i = 0; i < 6; i++)
            {
                await ActAsync(world, workflows, people);
            }

            await CheckPersonalRunsAsync(world, people);
            await CheckAsync(world);
        }

        await CheckPersonalRunsAsync(world, people);

        // As a database from before weeks were summed.
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        await db.RunRollups.Where(row => row.Span == RollupSpan.Week).ExecuteDeleteAsync(Token);
        await db.CallRollups.Where(row => row.Span == RollupSpan.Week).ExecuteDeleteAsync(Token);
        await db.RatingRollups.Where(row => row.Span == RollupSpan.Week).ExecuteDeleteAsync(Token);
        await RollupWorker.AddMissingWeeksAsync(db, Token);
        await RollupWorker.AddMissingWeeksAsync(db, Token);
        await CheckAsync(world);
    }

    [Fact]
    public async Task Advance_WhenFactsWereDeletedMeanwhile_ReadsThemAgain()
    {
        await using var world = await RollupWorld.CreateAsync();
        var workflow = await world.AddWorkflowAsync("A");
        var (run, events) = RollupWorld.Run(workflow, RollupWorld.Now);
        await world.Database.SaveAsync([run, .. events]);
        await using var slow = await world.Database.Contexts.CreateDbContextAsync(Token);
        var source = RollupSource.All[0];
        var stale = await source.ProgressAsync(slow, Token);
        stale.Revision--; // As if it had been read before another change of the sums.

        (await source.AdvanceAsync(slow, world.Database.Get<WriteGate>(), 100, Token)).Should().BeTrue("there is something left to count");

        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        (await db.RunRollups.CountAsync(Token)).Should().Be(0);
        await world.CountAsync();
        (await db.RunRollups.Where(row => row.Span == RollupSpan.Hour).SumAsync(row => row.Runs, Token)).Should().Be(1);
    }

    [Fact]
    public async Task Count_OfDraftsAndExperiments_LeavesOutTheRuns_AndCountsTheCalls()
    {
        await using var world = await RollupWorld.CreateAsync();
        var workflow = await world.AddWorkflowAsync("A");
        var (draft, draftEvents) = RollupWorld.Run(workflow, RollupWorld.Now);
        draft.IsDraft = true;
        var (cell, cellEvents) = RollupWorld.Run(workflow, RollupWorld.Now);
        cell.Priority = RunPriority.Experiment;
        await world.Database.SaveAsync(draft, cell);
        await world.Database.SaveAsync([.. draftEvents, .. cellEvents]);
        await world.Database.SaveAsync(RollupWorld.Log(draft, RollupWorld.Now), RollupWorld.Log(cell, RollupWorld.Now));

        await world.CountAsync();

        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        (await db.RunRollups.CountAsync(Token)).Should().Be(0);
        (await db.CallRollups.Where(row => row.Span == RollupSpan.Day).SumAsync(row => row.Calls, Token)).Should().Be(2);
    }

    private async Task ActAsync(RollupWorld world, List<string> workflows, List<TestPerson> people)
    {
        var at = RollupWorld.Now.AddMinutes(-_random.Next(6000));
        switch (_random.Next(13))
        {
            case 0 or 1 or 2:
                await AddRunAsync(world, Pick(workflows), at, people);
                break;
            case 3:
                await EndRunAsync(world);
                break;
            case 4:
                var call = RollupWorld.Log(null, at, Version(), status: Pick(Enum.GetValues<ExecutionStatus>()), cost: _random.Next(900));
                await world.Database.SaveAsync(call);
                _ever[call.Id] = Fact.Of(call);
                break;
            case 5 or 6:
                await RateAsync(world, people);
                break;
            case 7:
                await UnrateAsync(world, people);
                break;
            case 8:
                await DeleteRunsAsync(world);
                break;
            case 9:
                await DeleteNewestCallAsync(world);
                break;
            case 10:
                await AdvanceAsync(world);
                break;
            case 11:
                await DeleteAllOfOneKindAsync(world, workflows, people);
                break;
            default:
                await RenumberOrResetAsync(world);
                break;
        }
    }

    private async Task AddRunAsync(RollupWorld world, string workflow, DateTime at, List<TestPerson> people)
    {
        var status = Pick(Enum.GetValues<RunStatus>());
        var by = _random.Next(4) == 0 ? null : Pick(people).Id;
        var (run, events) = RollupWorld.Run(
            workflow,
            at,
            status,
            by,
            Pick(Enum.GetValues<TriggerType>()),
            _random.Next(90_000),
            _random.Next(900)
        );
        await world.Database.SaveAsync(run);
        await world.Database.SaveAsync([.. events]);
        var logs = Enumerable
            .Range(0, _random.Next(3))
            .Select(_ => RollupWorld.Log(run, at, Version(), durationMs: _random.Next(90_000), cost: _random.Next(900)))
            .ToList();
        await world.Database.SaveAsync([.. logs]);
        logs.ForEach(log => _ever[log.Id] = Fact.Of(log));
        if (run.FinishedAt is null)
        {
            _open.Add(run);
        }
        else
        {
            _ever[run.Id] = Fact.Of(run);
        }
    }

    private async Task EndRunAsync(RollupWorld world)
    {
        if (_open.Count == 0)
        {
            return;
        }

        var run = Pick(_open);
        _open.Remove(run);
        (run.Status, run.FinishedAt, run.DurationMs, run.Cost) = (RunStatus.Failed, run.QueuedAt, 70, 9);
        await world.InTransactionAsync(async db =>
        {
            if (await db.WorkflowRuns.AnyAsync(stored => stored.Id == run.Id, Token))
            {
                db.Update(run);
                db.Add(RollupWorld.Finished(run));
                await db.SaveChangesAsync(Token);
                _ever[run.Id] = Fact.Of(run);
            }
        });
    }

    private async Task RateAsync(RollupWorld world, List<TestPerson> people)
    {
        if (await LogAsync(world) is { } log)
        {
            var item = await world
                .Database.Get<FeedbackService>()
                .PutAsync(new Actor.Person(Pick(people).Id), log.Id, new FeedbackInput(_random.Next(1, 6), "", []), Token);
            _ever[item.Value.Id] = Fact.Of(
                new Core.Feedback.Feedback
                {
                    ExecutionId = log.Id,
                    PromptId = log.PromptId,
                    UserId = item.Value.UserId,
                    Rating = item.Value.Rating,
                    CreatedAt = item.Value.CreatedAt,
                },
                log
            );
        }
    }

    private async Task UnrateAsync(RollupWorld world, List<TestPerson> people)
    {
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        var all = await db.Feedback.AsNoTracking().ToListAsync(Token);
        if (all.Count > 0)
        {
            var one = Pick(all);
            (await world.Database.Get<FeedbackService>().DeleteAsync(new Actor.Person(one.UserId), one.ExecutionId, null, Token))
                .IsOk.Should()
                .BeTrue();
            _ever.Remove(one.Id);
        }
    }

    private async Task DeleteRunsAsync(RollupWorld world)
    {
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        var ids = await db.WorkflowRuns.Select(run => run.Id).ToListAsync(Token);
        await world.Journal.DeleteAsync([.. ids.OrderBy(_ => _random.Next()).Take(3)], ratedStay: _random.Next(2) == 0, Token);
    }

    /// <summary>The newest row: the next one gets its number.</summary>
    private static async Task DeleteNewestCallAsync(RollupWorld world)
    {
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        var sql = $"SELECT \"Id\" AS \"Value\" FROM \"ExecutionLogs\" ORDER BY {db.RowNumber} DESC LIMIT 2";
        var newest = await db.Database.SqlQueryRaw<string>(sql).ToListAsync(Token);
        await world.Journal.DeleteCallsAsync(newest, Token);
    }

    /// <summary>Counts some, as a worker that is stopped in the middle.</summary>
    private async Task AdvanceAsync(RollupWorld world)
    {
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        await Pick(RollupSource.All).AdvanceAsync(db, world.Database.Get<WriteGate>(), _random.Next(1, 4), Token);
    }

    private async Task DeleteAllOfOneKindAsync(RollupWorld world, List<string> workflows, List<TestPerson> people)
    {
        if (_random.Next(2) == 0)
        {
            var id = Pick(workflows);
            workflows.Remove(id);
            workflows.Add(await world.AddWorkflowAsync($"W{_random.Next()}"));
            await world.InTransactionAsync(db =>
                new RollupRemoval(
                    db.WorkflowRuns.Where(run => run.WorkflowId == id),
                    db.ExecutionLogs.Where(log => log.WorkflowId == id)
                ).DeleteAsync(db, () => db.Workflows.Where(w => w.Id == id).ExecuteDeleteAsync(Token), Token)
            );
            return;
        }

        var person = Pick(people);
        people.Remove(person);
        people.Add(await world.Database.AddPersonAsync(Role.Collaborator));
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        foreach (var rating in await db.Feedback.Where(f => f.UserId == person.Id).Select(f => f.Id).ToListAsync(Token))
        {
            _ever.Remove(rating);
        }

        await db.Users.Where(user => user.Id == person.Id).ExecuteDeleteAsync(Token);
    }

    private async Task RenumberOrResetAsync(RollupWorld world)
    {
        if (_random.Next(2) == 0)
        {
            await world.InTransactionAsync(db => RollupWorker.ResetAsync(db, Token));
            return;
        }

        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        await db.Database.ExecuteSqlRawAsync("VACUUM", Token);
    }

    private async Task CheckAsync(RollupWorld world)
    {
        await world.CountAsync();
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        var runs = (await db.WorkflowRuns.AsNoTracking().Where(run => run.FinishedAt != null).ToListAsync(Token)).Select(Fact.Of);
        var logs = await db.ExecutionLogs.AsNoTracking().ToListAsync(Token);
        var byId = logs.ToDictionary(log => log.Id);
        var ratings = (await db.Feedback.AsNoTracking().ToListAsync(Token)).Select(rating => Fact.Of(rating, byId[rating.ExecutionId]));
        var stored = new List<(RollupRow Row, byte[] Latency, long[] Numbers)>();
        stored.AddRange(
            (await db.RunRollups.AsNoTracking().ToListAsync(Token)).Select(row =>
                ((RollupRow)row, row.Latency, (long[])[row.Runs, row.InputTokens, row.OutputTokens, row.Cost])
            )
        );
        stored.AddRange(
            (await db.CallRollups.AsNoTracking().ToListAsync(Token)).Select(row =>
                ((RollupRow)row, row.Latency, (long[])[row.Calls, row.InputTokens, row.OutputTokens, row.Cost])
            )
        );
        stored.AddRange(
            (await db.RatingRollups.AsNoTracking().ToListAsync(Token)).Select(row =>
                ((RollupRow)row, Array.Empty<byte>(), (long[])[row.Ratings, row.Sum, row.Squares])
            )
        );

        foreach (var span in Enum.GetValues<RollupSpan>())
        {
            Lines(stored.Where(row => row.Row.Span == span && !row.Row.IsRemoved))
                .Should()
                .Equal(Lines(Sums([.. runs, .. logs.Select(Fact.Of), .. ratings], span)), "the sums are those of what there is");
            Lines(stored.Where(row => row.Row.Span == span))
                .Should()
                .Equal(Lines(Sums(_ever.Values, span)), "nothing that was deleted is lost, and nothing is counted twice");
        }
    }

    /// <summary>However many of the ended runs are counted.</summary>
    private static async Task CheckPersonalRunsAsync(RollupWorld world, List<TestPerson> people)
    {
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        foreach (var person in people)
        {
            var since = RollupWorld.Now.AddDays(-2).Date;
            var runs = await db
                .WorkflowRuns.AsNoTracking()
                .Where(run => run.StartedBy == person.Id && run.QueuedAt >= since && run.Priority != RunPriority.Experiment)
                .ToListAsync(Token);
            var scan = runs.Select(run => new PersonalSum(run.WorkflowId, run.QueuedAt.Date, run.Status, run.IsDraft, 1, run.Cost));
            var sums = await PersonalRuns.ReadAsync(db, person.Id, since, Token);

            Added(sums).Should().Equal(Added(scan));
        }

        static IEnumerable<PersonalSum> Added(IEnumerable<PersonalSum> sums) =>
            sums.GroupBy(
                    sum => sum with { Runs = 0, Cost = 0 },
                    (key, same) => key with { Runs = same.Sum(sum => sum.Runs), Cost = same.Sum(sum => sum.Cost) }
                )
                .OrderBy(sum => sum.ToString(), StringComparer.Ordinal);
    }

    private static IEnumerable<(string Place, byte[] Latency, long[] Numbers)> Sums(IEnumerable<Fact> facts, RollupSpan span) =>
        facts.Select(fact => ($"{Start(fact.At, span):O} {fact.Key}", LatencyBuckets.Of(fact.DurationMs), fact.Numbers));

    private static List<string> Lines(IEnumerable<(RollupRow Row, byte[] Latency, long[] Numbers)> rows) =>
        Lines(rows.Select(row => ($"{row.Row.Start:O} {row.Row.Key}", row.Latency, row.Numbers)));

    /// <summary>One line for each place, with the sums of all that is there.</summary>
    private static List<string> Lines(IEnumerable<(string Place, byte[] Latency, long[] Numbers)> parts) =>
        [
            .. parts
                .GroupBy(part => part.Place)
                .Select(group =>
                {
                    var latency = group.Aggregate(Array.Empty<byte>(), (all, part) => LatencyBuckets.Merge(all, part.Latency, 1));
                    var numbers = Enumerable.Range(0, 4).Select(i => group.Sum(part => part.Numbers.ElementAtOrDefault(i)));
                    return $"{group.Key}: {string.Join(' ', numbers)}, {Convert.ToHexString(latency)}";
                })
                .Order(StringComparer.Ordinal),
        ];

    private static DateTime Start(DateTime at, RollupSpan span) =>
        span switch
        {
            RollupSpan.Hour => at.Date.AddHours(at.Hour),
            RollupSpan.Day => at.Date,
            RollupSpan.Week => Enumerable
                .Range(-6, 7)
                .Select(days => at.Date.AddDays(days))
                .Single(day => day.DayOfWeek == DayOfWeek.Monday),
        };

    private async Task<ExecutionLog?> LogAsync(RollupWorld world)
    {
        await using var db = await world.Database.Contexts.CreateDbContextAsync(Token);
        var logs = await db.ExecutionLogs.AsNoTracking().ToListAsync(Token);
        return logs.Count == 0 ? null : Pick(logs);
    }

    private string Version() => Pick(["version-1", "version-2", "version-3"]);

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    /// <summary>A run, call or rating, by the test's own reading of it.</summary>
    private sealed record Fact(DateTime At, string Key, long? DurationMs, long[] Numbers)
    {
        public static Fact Of(WorkflowRun run) =>
            new(
                run.QueuedAt,
                (run.WorkflowId, run.TriggerKind, run.StartedBy ?? "", run.Status).ToString(),
                run.DurationMs,
                [1, run.InputTokens, run.OutputTokens, run.Cost]
            );

        public static Fact Of(ExecutionLog log) =>
            new(
                log.Timestamp,
                (log.WorkflowId ?? "", log.PromptVersionId, log.ModelProfileId, log.Status).ToString(),
                log.DurationMs,
                [1, log.InputTokens, log.OutputTokens, log.Cost]
            );

        public static Fact Of(Core.Feedback.Feedback rating, ExecutionLog log) =>
            new(
                rating.CreatedAt,
                (log.WorkflowId ?? "", log.PromptVersionId, log.ModelProfileId).ToString(),
                null,
                [1, rating.Rating, rating.Rating * rating.Rating]
            );
    }
}
