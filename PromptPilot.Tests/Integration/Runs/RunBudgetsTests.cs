using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Budgets hold whatever is asked at the same time, over the turn of days and months, over restarts and deleted runs.</summary>
public sealed class RunBudgetsTests : IAsyncLifetime
{
    private const long Cent = 10_000_000;
    private const long Dollar = 100 * Cent;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 7, 15, 12, 0, 0, TimeSpan.Zero));
    private TestDatabase _database = null!;
    private CountingContexts _contexts = null!;
    private RunBudgets _budgets = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(_ => { });
        _contexts = new CountingContexts(_database.Contexts);
        Restart();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Reserve_TwoHundredAtOnceForABudgetOfTen_LetsTenThrough()
    {
        var profile = await AddProfileAsync(day: 10 * Cent);
        await AddLogAsync(profile, null, 0, _time.GetUtcNow().UtcDateTime);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var asked = Enumerable
            .Range(0, 200)
            .Select(_ =>
                Task.Run(async () =>
                {
                    await start.Task;
                    return await ReserveAsync(profile, Cent);
                })
            )
            .ToList();
        start.SetResult();
        var answers = await Task.WhenAll(asked);

        answers.Count(answer => answer.IsOk).Should().Be(10);
        Parallel.ForEach(answers.Where(answer => answer.IsOk), answer => answer.Value.Settle(Cent));
        (await ReserveAsync(profile, 1)).IsOk.Should().BeFalse();
        (await _budgets.SpentByProfileAsync(profile, Token)).Should().Be((10 * Cent, 10 * Cent, 0L));
    }

    [Fact]
    public async Task Settle_Lower_FreesTheDifference_Once()
    {
        var profile = await AddProfileAsync(day: 10 * Cent);
        var first = (await ReserveAsync(profile, 8 * Cent)).Value;
        (await ReserveAsync(profile, 3 * Cent)).IsOk.Should().BeFalse();

        first.Settle(Cent);
        first.Settle(9 * Cent);
        first.Dispose();

        (await _budgets.SpentByProfileAsync(profile, Token)).Should().Be((Cent, Cent, 0L));
        (await ReserveAsync(profile, 9 * Cent)).IsOk.Should().BeTrue();
        (await ReserveAsync(profile, 1)).IsOk.Should().BeFalse();
    }

    [Fact]
    public async Task Dispose_WithoutSettling_GivesAllBack()
    {
        var profile = await AddProfileAsync(month: Cent);

        (await ReserveAsync(profile, Cent)).Value.Dispose();

        (await ReserveAsync(profile, Cent)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task Settle_AboveTheBound_CountsInFull()
    {
        var profile = await AddProfileAsync(day: 10 * Cent);
        (await ReserveAsync(profile, Cent)).Value.Settle(10 * Cent);

        (await ReserveAsync(profile, 1)).IsOk.Should().BeFalse();
    }

    [Fact]
    public async Task NextDayAndNextMonth_StartAnew()
    {
        var profile = await AddProfileAsync(day: Dollar, month: 2 * Dollar);
        (await ReserveAsync(profile, Dollar)).Value.Settle(Dollar);
        (await ReserveAsync(profile, Cent)).Problem!.Message.Should().Contain("$1.00 a day");

        _time.Advance(TimeSpan.FromHours(12));
        (await ReserveAsync(profile, Dollar)).Value.Settle(Dollar);
        _time.Advance(TimeSpan.FromDays(1));
        (await ReserveAsync(profile, Cent))
            .Problem!.Message.Should()
            .Contain("$2.00 a month")
            .And.Contain("wait until 1 August, 00:00 UTC");

        _time.SetUtcNow(new DateTimeOffset(2030, 8, 1, 0, 0, 0, TimeSpan.Zero));
        (await ReserveAsync(profile, Dollar)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task CallOverMidnight_IsHeldUntilItEnds_AndCountsToTheDayItBegan()
    {
        var profile = await AddProfileAsync(day: Dollar);
        var late = (await ReserveAsync(profile, Dollar)).Value;
        _time.Advance(TimeSpan.FromHours(12));
        (await ReserveAsync(profile, Cent)).IsOk.Should().BeFalse();

        late.Settle(Dollar);

        (await _budgets.SpentByProfileAsync(profile, Token)).Should().Be((0L, Dollar, 0L));
        (await ReserveAsync(profile, Dollar)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task Restart_ReadsWhatTheLogsOfThePeriodCost()
    {
        var profile = await AddProfileAsync(day: 5 * Dollar, month: 20 * Dollar);
        var workflow = await AddWorkflowAsync(new WorkflowLimits { DayBudget = 4 * Dollar });
        var now = _time.GetUtcNow().UtcDateTime;
        await AddLogAsync(profile, workflow, 3 * Dollar, now.Date);
        await AddLogAsync(profile, "other", Dollar, now.AddHours(-1));
        await AddLogAsync(profile, workflow, 7 * Dollar, now.Date.AddSeconds(-1));
        await AddLogAsync(profile, workflow, 9 * Dollar, new DateTime(2030, 6, 30, 23, 59, 59, DateTimeKind.Utc));
        await AddLogAsync("another", "other", 50 * Dollar, now);

        (await _budgets.SpentByProfileAsync(profile, Token)).Should().Be((4 * Dollar, 11 * Dollar, 0L));
        (await ReserveAsync(profile, Dollar + 1)).IsOk.Should().BeFalse();
        (await ReserveAsync(profile, Dollar, workflow)).IsOk.Should().BeTrue();
        (await ReserveAsync("none", 1, workflow))
            .Problem!.Message.Should()
            .Contain("this workflow may spend $4.00 a day and $4.00 is spent or reserved");
    }

    [Fact]
    public async Task DeletedRuns_GiveNothingBack_AfterARestartNeither()
    {
        var profile = await AddProfileAsync(day: 5 * Dollar, month: 20 * Dollar);
        var workflow = await AddWorkflowAsync(new WorkflowLimits { MonthBudget = 12 * Dollar });
        var now = _time.GetUtcNow().UtcDateTime;
        await AddLogAsync(profile, workflow, 3 * Dollar, now);
        await AddLogAsync(profile, workflow, 7 * Dollar, now.AddDays(-2));
        await AddLogAsync(profile, workflow, 7 * Dollar, now.AddDays(-40));
        await DeleteLogsAsync();
        await AddLogAsync(profile, workflow, Dollar, now);
        await DeleteLogsAsync();

        (await _budgets.SpentByProfileAsync(profile, Token)).Should().Be((4 * Dollar, 11 * Dollar, 0L));
        (await ReserveAsync("none", Dollar, workflow)).IsOk.Should().BeTrue();
        (await ReserveAsync("none", 1, workflow)).IsOk.Should().BeFalse();

        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.DeletedCosts.CountAsync(Token)).Should().Be(2, "one row a day, profile and workflow");
    }

    [Fact]
    public async Task DeletingARunOrItsWorkflow_KeepsWhatTheyCost()
    {
        var profile = await AddProfileAsync(day: 5 * Dollar);
        var workflow = await AddWorkflowAsync(new WorkflowLimits());
        var run = new WorkflowRun
        {
            WorkflowId = workflow,
            WorkflowName = "W",
            Status = RunStatus.Succeeded,
            FinishedAt = _time.GetUtcNow().UtcDateTime,
        };
        var other = new WorkflowRun
        {
            WorkflowId = workflow,
            WorkflowName = "W",
            Status = RunStatus.Failed,
            FinishedAt = _time.GetUtcNow().UtcDateTime,
        };
        await _database.SaveAsync(run, other);
        await AddLogAsync(profile, workflow, Dollar, _time.GetUtcNow().UtcDateTime, run.Id);
        await AddLogAsync(profile, workflow, Dollar, _time.GetUtcNow().UtcDateTime, other.Id);
        var admin = await _database.AddPersonAsync(Role.Admin);
        var gate = _database.Get<WriteGate>();

        await using (
            var journal = new RunJournal(
                _database.Contexts,
                gate,
                new HookOutbox(_database.Get<DataVersion>(), _time),
                _time,
                NullLogger<RunJournal>.Instance
            )
        )
        {
            (await journal.DeleteAsync([run.Id], ratedStay: true, Token)).Goes.Should().Equal(run.Id);
        }

        var workflows = new WorkflowService(_database.Get<Operations>(), new LiveLimits(_contexts), _time);
        (await workflows.DeleteAsync(admin.Actor, workflow, null, Token)).IsOk.Should().BeTrue();

        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        (await db.ExecutionLogs.CountAsync(Token)).Should().Be(0);
        (await _budgets.SpentByProfileAsync(profile, Token)).Should().Be((2 * Dollar, 2 * Dollar, 0L));
    }

    [Fact]
    public async Task WithoutAnyBudget_NothingIsRead()
    {
        var profile = await AddProfileAsync();
        var workflow = await AddWorkflowAsync(new WorkflowLimits { MaxConcurrentRuns = 3 });
        (await ReserveAsync(profile, Dollar, workflow, "run")).Value.Settle(Dollar);
        var before = _contexts.Count;

        for (var i = 0; i < 100; i++)
        {
            (await ReserveAsync(profile, 1_000 * Dollar, workflow, "run")).Value.Settle(Dollar);
        }

        _contexts.Count.Should().Be(before);
    }

    [Fact]
    public async Task WithABudget_SumsAreReadOnce()
    {
        var profile = await AddProfileAsync(day: 1_000 * Dollar, month: 1_000 * Dollar);
        (await ReserveAsync(profile, Cent)).Value.Settle(Cent);
        var before = _contexts.Count;

        await Parallel.ForAsync(0, 100, Token, async (_, _) => (await ReserveAsync(profile, Cent)).Value.Settle(Cent));

        _contexts.Count.Should().Be(before);
        (await _budgets.SpentByProfileAsync(profile, Token)).Day.Should().Be(101 * Cent);
    }

    [Fact]
    public async Task CallThatBeganBeforeTheBudgetWasSet_CountsWhenItEnds()
    {
        var profile = await AddProfileAsync();
        var early = (await ReserveAsync(profile, Dollar)).Value;
        await _budgets.SpentByProfileAsync(profile, Token);

        early.Settle(Dollar);

        (await _budgets.SpentByProfileAsync(profile, Token)).Day.Should().Be(Dollar);
    }

    [Fact]
    public async Task RunBudget_HoldsForParallelItems_WhateverTheCallerSawOfTheLogs()
    {
        var workflow = await AddWorkflowAsync(new WorkflowLimits { RunBudget = 10 * Cent });
        (await ReserveAsync("none", 5 * Cent, workflow, "run", runSpent: 6 * Cent))
            .Problem!.Message.Should()
            .Be(
                "Stopped by budget: a run of this workflow may spend $0.10 and $0.06 is spent or reserved; this call could "
                    + "cost up to $0.05. Raise the run budget in the workflow's limits, then retry the run."
            );
        var first = (await ReserveAsync("none", 4 * Cent, workflow, "run", runSpent: 6 * Cent)).Value;
        first.Settle(2 * Cent);

        (await ReserveAsync("none", 3 * Cent, workflow, "run", runSpent: 6 * Cent))
            .IsOk.Should()
            .BeFalse("8 cents are spent, though the caller looked before the last two");
        (await ReserveAsync("none", 2 * Cent, workflow, "run", runSpent: 8 * Cent)).IsOk.Should().BeTrue();
        (await ReserveAsync("none", 10 * Cent, workflow, "other run")).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task Refusal_SaysWhichBudgetAndWhatToDo()
    {
        var profile = await AddProfileAsync(day: 5 * Dollar);
        await AddLogAsync(profile, null, (5 * Dollar) - Cent, _time.GetUtcNow().UtcDateTime);

        (await ReserveAsync(profile, 3 * Cent))
            .Problem!.Message.Should()
            .Be(
                "Stopped by budget: profile “X” may spend $5.00 a day and $4.99 is spent or reserved; this call could cost up "
                    + "to $0.03. Raise the budget or wait until 00:00 UTC."
            );
        (await ReserveAsync(profile, 6 * Dollar))
            .Problem!.Message.Should()
            .EndWith("this call could cost up to $6.00. Lower max tokens or raise the budget.");
    }

    [Fact]
    public async Task CallThatCostsNothing_PassesEvenWhenAllIsSpent()
    {
        var profile = await AddProfileAsync(day: Cent);
        (await ReserveAsync(profile, Cent)).Value.Settle(Cent);

        (await ReserveAsync(profile, 0)).IsOk.Should().BeTrue();
    }

    [Fact]
    public async Task UpperBound_CoversEveryByteAndTheLongestAnswer()
    {
        var prices = new ModelPrices { InputPerMillion = 2 * Dollar, OutputPerMillion = 10 * Dollar };
        RunBudgets.UpperBound(prices, 872, 500).Should().Be((1000 * 2_000) + (500 * 10_000));
        RunBudgets.UpperBound(prices, long.MaxValue / 2, 1).Should().BeGreaterThan(0);

        var profile = await AddProfileAsync(change: p => (p.Prices, p.Parameters.MaxTokens) = (prices, 100));
        var request = new ModelRequest(profile, "summary", "Grüße", "👍");
        (await _budgets.UpperBoundAsync(request, Token)).Should().Be(((7 + 4 + 128) * 2_000) + (100 * 10_000));
        (await _budgets.UpperBoundAsync(request with { Parameters = new ParameterChanges(MaxTokens: 7) }, Token))
            .Should()
            .Be((139 * 2_000) + (7 * 10_000));
        (await _budgets.UpperBoundAsync(request with { ProfileId = await AddProfileAsync() }, Token)).Should().Be(0);

        // A patch of 32 pixels is a token.
        var picture = new CallPicture("photo", new(new string('a', 64), "a.png", "image/png", 1), "👍") { Width = 2800, Height = 2800 };
        (await _budgets.UpperBoundAsync(request with { Pictures = [picture] }, Token))
            .Should()
            .Be((((88 * 88) + 7 + 4 + 128) * 2_000) + (100 * 10_000));
    }

    private void Restart() =>
        _budgets = new RunBudgets(new ModelProfiles(_contexts), new LiveLimits(_contexts), _contexts, new LocalHolds(), _time);

    private async Task<Result<BudgetReservation>> ReserveAsync(
        string profile,
        long upperBound,
        string? workflow = null,
        string? run = null,
        long runSpent = 0
    ) => await _budgets.ReserveAsync(run, workflow, profile, upperBound, runSpent, Token);

    private async Task<string> AddProfileAsync(long? day = null, long? month = null, Action<ModelProfile>? change = null)
    {
        var profile = new ModelProfile
        {
            Name = "X",
            NormalizedName = Ids.New(),
            Provider = Providers.OpenAI,
            Model = "m",
            Budgets = new ModelBudgets { Day = day, Month = month },
        };
        change?.Invoke(profile);
        await _database.SaveAsync(profile);
        return profile.Id;
    }

    private async Task<string> AddWorkflowAsync(WorkflowLimits limits)
    {
        var workflow = new Workflow { Name = "W", Limits = limits };
        await _database.SaveAsync(workflow);
        return workflow.Id;
    }

    private Task AddLogAsync(string profile, string? workflow, long cost, DateTime at, string? run = null) =>
        _database.SaveAsync(
            new ExecutionLog
            {
                RunId = run,
                PromptId = "p",
                PromptVersionId = "v",
                ModelProfileId = profile,
                WorkflowId = workflow,
                ModelUsed = "m",
                Cost = cost,
                Timestamp = at,
            }
        );

    private async Task DeleteLogsAsync()
    {
        await using var db = await _database.Contexts.CreateDbContextAsync(Token);
        await using var transaction = await _database.Get<WriteGate>().BeginAsync(db, Token);
        await SpentSums.KeepAsync(db, db.ExecutionLogs, _time.GetUtcNow().UtcDateTime, Token);
        await db.ExecutionLogs.ExecuteDeleteAsync(Token);
        await transaction.CommitAsync(Token);
    }

    /// <summary>Counts how often the database is opened.</summary>
    private sealed class CountingContexts(IDbContextFactory<PromptPilotDbContext> inner) : IDbContextFactory<PromptPilotDbContext>
    {
        private int _count;

        public int Count => _count;

        public PromptPilotDbContext CreateDbContext()
        {
            Interlocked.Increment(ref _count);
            return inner.CreateDbContext();
        }
    }
}
