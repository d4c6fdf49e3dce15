using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>Limits of workflows and of a profile, and a budget, all at once on two hosts.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class AllLimitsTests
{
    private const int Runs = 5;
    private const int Concurrent = 3;
    private const int PerMinute = 20;
    private const int Budgeted = 10;
    private const int Free = 5;
    private const int Asked = 60;

    /// <summary>Cost of a call of <see cref="ScriptedModel"/>, which is also the most it can cost here.</summary>
    private const int Cost = 15;

    /// <summary>The most calls that overlap one, and the most that began within a minute.</summary>
    private const string Overlaps = """
        WITH l AS (SELECT "Timestamp" AS s, "Timestamp" + "DurationMs" * interval '1 millisecond' AS e FROM "ExecutionLogs"
          WHERE "ErrorCode" IS NULL)
        SELECT max((SELECT count(*)::int FROM l b WHERE b.s <= a.s AND b.e > a.s AND (b.s, b.e) <> (a.s, a.e))) + 1 AS "AtOnce",
          max((SELECT count(*)::int FROM l b WHERE b.s >= a.s AND b.s < a.s + interval '59 seconds')) AS "InAMinute"
        FROM l a
        """;

    private const string Running = """
        SELECT coalesce(max(n), 0)::int AS "Value" FROM (
          SELECT count(*) AS n FROM "WorkflowRuns" WHERE "Status" = 'Running' GROUP BY "WorkflowId") AS w
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private sealed record Most(int AtOnce, int InAMinute);

    [Fact]
    public async Task Limits_AllAtOnce_AskedTwoHundredTimes_AreNeverExceeded()
    {
        var model = new SlowModel();
        await using var engines = await TwoEngines.StartAsync(model, model);
        await LimitAsync(engines);
        var (budgeted, free) = (await AddAsync(engines, 10 * Cost), await AddAsync(engines, null));
        using var ended = new CancellationTokenSource();
        var watching = WatchAsync(engines, ended.Token);

        await StartAsync(engines, free, Free);
        await Eventually.HoldsAsync(
            async () => await CountAsync(engines, run => run.Status == RunStatus.Succeeded) == Free,
            "the first calls"
        );
        await StartAsync(engines, budgeted, Asked);
        await Eventually.HoldsAsync(
            async () => await CountAsync(engines, run => run.WorkflowId == budgeted && run.FinishedAt != null) == Asked,
            "all of them to end, because a call that its budget refuses uses no permit of the minute",
            TimeSpan.FromSeconds(50)
        );
        await StartAsync(engines, free, 200 - Free - Asked);
        await Eventually.HoldsAsync(
            async () => await CountAsync(engines, run => run.Status == RunStatus.Succeeded) >= PerMinute,
            "the permits of the minute to be used",
            TimeSpan.FromSeconds(50)
        );
        await Eventually.HoldsAsync(
            async () => await CountAsync(engines, run => run.Status == RunStatus.Waiting) > 0,
            "the next runs to wait for the next minute"
        );
        await ended.CancelAsync();

        (await watching).Should().BeInRange(1, Runs);
        model.Calls.Should().Be(PerMinute);
        model.MostAtOnce.Should().BeInRange(2, Concurrent);
        (await CountAsync(engines, run => run.WorkflowId == budgeted && run.Status == RunStatus.Succeeded)).Should().Be(Budgeted);
        (await CountAsync(engines, run => run.ErrorCode == ErrorCode.Budget)).Should().Be(Asked - Budgeted);
        await using var db = engines.A.Db();
        var most = await db.Database.SqlQueryRaw<Most>(Overlaps).SingleAsync(Cancellation);
        most.AtOnce.Should().BeLessThanOrEqualTo(Concurrent);
        most.InAMinute.Should().BeLessThanOrEqualTo(PerMinute);
    }

    private static async Task LimitAsync(TwoEngines engines)
    {
        await using var db = engines.A.Db();
        var profile = await db.ModelProfiles.SingleAsync(Cancellation);
        (profile.Limits.ConcurrentCalls, profile.Limits.RequestsPerMinute) = (Concurrent, PerMinute);
        profile.Parameters.MaxTokens = Cost;
        profile.Prices = new ModelPrices { OutputPerMillion = 1_000_000 };
        await db.SaveChangesAsync(Cancellation);
        engines.A.Get<ModelProfiles>().Drop(profile.Id);
        engines.B.Get<ModelProfiles>().Drop(profile.Id);
    }

    private static async Task<string> AddAsync(TwoEngines engines, long? budget)
    {
        var id = await engines.A.AddWorkflowAsync(("one", ["text"]));
        await using var db = engines.A.Db();
        var workflow = await db.Workflows.SingleAsync(row => row.Id == id, Cancellation);
        workflow.Limits = workflow.Limits with { MaxConcurrentRuns = Runs, DayBudget = budget };
        await db.SaveChangesAsync(Cancellation);
        engines.A.Get<LiveLimits>().Drop(id);
        engines.B.Get<LiveLimits>().Drop(id);
        return id;
    }

    private static Task StartAsync(TwoEngines engines, string workflow, int runs) =>
        Task.WhenAll(
            Enumerable.Range(0, runs).Select(number => (number % 2 == 0 ? engines.A : engines.B).StartRunAsync(workflow, $"{number}"))
        );

    private static async Task<int> CountAsync(TwoEngines engines, System.Linq.Expressions.Expression<Func<WorkflowRun, bool>> condition)
    {
        await using var db = engines.A.Db();
        return await db.WorkflowRuns.CountAsync(condition, Cancellation);
    }

    /// <returns>The most runs of a workflow that were seen running at the same time.</returns>
    private static async Task<int> WatchAsync(TwoEngines engines, CancellationToken ended)
    {
        var most = 0;
        await using var db = engines.B.Db();
        while (!ended.IsCancellationRequested)
        {
            most = Math.Max(most, (await db.Database.SqlQueryRaw<int>(Running).ToListAsync(Cancellation))[0]);
        }

        return most;
    }

    /// <summary>A provider that takes its time, and counts calls.</summary>
    private sealed class SlowModel : IModelGateway
    {
        private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(50);

        private readonly ScriptedModel _model = new();
        private int _open;
        private int _calls;
        private int _most;

        public int Calls => Volatile.Read(ref _calls);

        public int MostAtOnce => Volatile.Read(ref _most);

        public async Task<ModelReply> CallAsync(ModelRequest request, Action<string> onText, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            var open = Interlocked.Increment(ref _open);
            for (var seen = MostAtOnce; open > seen; seen = MostAtOnce)
            {
                Interlocked.CompareExchange(ref _most, open, seen);
            }

            try
            {
                await Task.Delay(Duration, cancellationToken);
                return await _model.CallAsync(request, onText, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
