using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Cluster.Calls;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>The limits of a model profile are one for all hosts.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class SharedCallTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConcurrentCalls_AskedTwoHundredTimesOnTwoHosts_AreNeverMoreThanTheLimit()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, limits => limits.ConcurrentCalls = 3);

        (await AskAsync(engines, profile, 200)).Should().Be(3);
        (await OpenAsync(engines)).Should().Be(3);
        Limiters(engines.A).OpensAt(profile).Should().BeNull("a call has to end first");
        await ReleaseAllAsync(engines, profile);
        // Otherwise the host that asks first leaves a call to the other, which has waited longer.
        await Eventually.HoldsAsync(async () => await WaitsAsync(engines) == 0, "the hosts to no longer wait");

        (await AskAsync(engines, profile, 200)).Should().Be(3);
    }

    [Fact]
    public async Task CallsPerMinute_AskedTwoHundredTimesOnTwoHosts_AreNeverMoreThanTheLimit()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, limits => limits.RequestsPerMinute = 20);

        (await AskAsync(engines, profile, 200)).Should().Be(20);
        await ReleaseAllAsync(engines, profile);

        (await AskAsync(engines, profile, 20)).Should().Be(0, "calls that have ended are counted for a minute");
        var opensAt = await Eventually.GetAsync(
            async () =>
            {
                await Limiters(engines.B).TryAcquireAsync(profile, Cancellation);
                return Limiters(engines.B).OpensAt(profile) is { } at ? (object)at : null;
            },
            "the host to know when the next call may begin"
        );
        ((DateTime)opensAt).Should().BeWithin(TimeSpan.FromSeconds(61)).After(DateTime.UtcNow);
    }

    [Fact]
    public async Task CallsPerMinute_OfCallsThatWereNotMade_AreNotCountedOnEitherHost()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, limits => limits.RequestsPerMinute = 1);
        (await Limiters(engines.A).TryAcquireAsync(profile, Cancellation)).Should().BeTrue();
        (await Limiters(engines.B).TryAcquireAsync(profile, Cancellation)).Should().BeFalse();
        Limiters(engines.B).OpensAt(profile).Should().NotBeNull("the minute has to end");
        var freed = Limiters(engines.B).Freed.Count;

        Limiters(engines.A).Release(profile, wasCalled: false);
        await Eventually.HoldsAsync(async () => await OpenAsync(engines) == 0, "the call to end");
        // Instead of the notification.
        engines.B.Get<SharedCallSlots>().Hear(profile + CallSlotRows.UnusedSign);

        Limiters(engines.B).Freed.Count.Should().BeGreaterThan(freed);
        (await Limiters(engines.B).TryAcquireAsync(profile, Cancellation)).Should().BeTrue();
        Limiters(engines.B).Release(profile);
        await Eventually.HoldsAsync(async () => await OpenAsync(engines) == 0, "the call to end");
        (await Limiters(engines.A).TryAcquireAsync(profile, Cancellation)).Should().BeFalse("this one was made");
    }

    [Fact]
    public async Task Runs_OfALimitedWorkflowOnALimitedProfile_StayWithinBothOnTwoHosts()
    {
        var model = new ScriptedModel().Hold("one");
        await using var engines = await TwoEngines.StartAsync(model, model);
        await LimitAsync(engines, limits => limits.ConcurrentCalls = 3);
        var workflow = await engines.A.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]));
        await using (var db = engines.A.Db())
        {
            var row = await db.Workflows.SingleAsync(row => row.Id == workflow, Cancellation);
            row.Limits = row.Limits with { MaxConcurrentRuns = 5 };
            await db.SaveChangesAsync(Cancellation);
        }

        engines.A.Get<LiveLimits>().Drop(workflow);
        engines.B.Get<LiveLimits>().Drop(workflow);
        var runs = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(number => (number % 2 == 0 ? engines.A : engines.B).StartRunAsync(workflow, $"{number}"))
        );
        await Eventually.HoldsAsync(async () => model.Calls.Count == 3 && await OpenAsync(engines) == 3, "three calls to begin");
        model.Release("one");

        foreach (var run in runs)
        {
            (await EndOfAsync(engines.A, run)).Status.Should().Be(RunStatus.Succeeded);
        }

        model.MostAtOnce.Should().Be(3);
        model.Calls.Should().HaveCount(80);
        await Eventually.HoldsAsync(async () => await OpenAsync(engines) == 0, "no call to be open");
    }

    [Fact]
    public async Task Cancel_OfTheRunThatHasTheOnlyCall_LetsTheOtherHostCall()
    {
        var (modelOfA, modelOfB) = (new ScriptedModel().Hold("one"), new ScriptedModel());
        await using var engines = await TwoEngines.StartAsync(modelOfA, modelOfB);
        await LimitAsync(engines, limits => limits.ConcurrentCalls = 1);
        var held = await engines.A.StartRunAsync(await engines.A.AddWorkflowAsync(("one", ["text"])));
        await modelOfA.Reached("one");
        var waiting = await engines.B.StartRunAsync(await engines.B.AddWorkflowAsync(("two", ["text"])));

        (await engines.A.Runs.CancelAsync(engines.A.Person, held, Cancellation)).Problem.Should().BeNull();

        (await EndOfAsync(engines.B, waiting)).Status.Should().Be(RunStatus.Succeeded);
    }

    [Fact]
    public async Task Calls_OfAHostThatDied_EndWithTheirLease()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, limits => limits.ConcurrentCalls = 1);
        (await Limiters(engines.B).TryAcquireAsync(profile, Cancellation)).Should().BeTrue();
        Limiters(engines.B).Release(profile);
        await Eventually.HoldsAsync(async () => await OpenAsync(engines) == 0, "the call to end");
        await using (var db = engines.A.Db())
        {
            // A call of a third host, which no one renews.
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO "CallSlots" ("Id", "ProfileId", "Owner", "StartedAt", "Until")
                VALUES ('x', {profile}, 'elsewhere', now(), now() + interval '1 second')
                """,
                Cancellation
            );
        }

        (await Limiters(engines.B).TryAcquireAsync(profile, Cancellation)).Should().BeFalse();

        await Eventually.HoldsAsync(
            async () => await Limiters(engines.B).TryAcquireAsync(profile, Cancellation),
            "the lease to expire, once this host has worked for as long as a lease lasts"
        );
    }

    [Fact]
    public async Task SlowDown_OnOneHost_AppliesToBoth()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, _ => { });
        for (var i = 0; i < 4; i++)
        {
            (await Limiters(engines.A).TryAcquireAsync(profile, Cancellation)).Should().BeTrue();
            (await Limiters(engines.B).TryAcquireAsync(profile, Cancellation)).Should().BeTrue();
        }

        (await OpenAsync(engines)).Should().Be(0, "a profile without limits has no rows");
        Limiters(engines.A).SlowDown(profile, TimeSpan.FromSeconds(2));
        (await Limiters(engines.A).TryAcquireAsync(profile, Cancellation)).Should().BeFalse();
        await Eventually.HoldsAsync(async () => await OpenAsync(engines) >= 4, "the calls of A to have rows");
        // Instead of the notification.
        engines.B.Get<SharedCallSlots>().Hear("");
        await Eventually.HoldsAsync(async () => await OpenAsync(engines) == 8, "the calls of B to have rows, too");
        (await Limiters(engines.B).TryAcquireAsync(profile, Cancellation)).Should().BeFalse();
        await ReleaseAllAsync(engines, profile, ofA: 4, ofB: 4);

        await Eventually.HoldsAsync(async () => await Limiters(engines.B).TryAcquireAsync(profile, Cancellation), "the profile to open");
        // A host that has just been refused refuses by itself for a moment.
        var given = 0;
        await Eventually.HoldsAsync(
            async () => (given += await AskAsync(engines, profile, 20)) > 0,
            "half of the four calls that A had counted"
        );
        (given + await AskAsync(engines, profile, 20)).Should().Be(1, "the profile is slowed down to two calls");
        Limiters(engines.B).Succeeded(profile);
        Limiters(engines.B).Release(profile);
        Limiters(engines.A).OpensAt(profile).Should().BeNull();
    }

    [Fact]
    public async Task OneCall_WantedByBothHostsAllTheTime_IsHadInTurns()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, limits => limits.ConcurrentCalls = 1);
        var (order, open) = (new List<char>(), 0);

        await Task.WhenAll(CallAsync('a', engines.A, engines.B), CallAsync('b', engines.B, engines.A));

        var half = order.Take(order.Count / 2).ToList();
        half.Count(host => host == 'a').Should().BeInRange(half.Count / 4, half.Count * 3 / 4);

        async Task CallAsync(char name, EngineHost host, EngineHost other)
        {
            for (var i = 0; i < 20; i++)
            {
                var seen = Limiters(host).Freed.Count;
                while (!await Limiters(host).TryAcquireAsync(profile, Cancellation))
                {
                    await Limiters(host).Freed.WaitAsync(seen, Cancellation);
                    seen = Limiters(host).Freed.Count;
                }

                Interlocked.Increment(ref open).Should().Be(1);
                lock (order)
                {
                    order.Add(name);
                }

                await Task.Yield();
                Interlocked.Decrement(ref open);
                Limiters(host).Release(profile);
                // Instead of the notification, which comes once the row is written.
                await Eventually.HoldsAsync(async () => await OpenAsync(engines) == 0 || open > 0, "the call to end");
                other.Get<SharedCallSlots>().Hear(profile);
            }
        }
    }

    [Fact]
    public async Task Calls_WhileTheDatabaseRefuses_AreRefusedAndReleasedLater()
    {
        await using var engines = await TwoEngines.StartAsync(new ScriptedModel(), new ScriptedModel());
        var profile = await LimitAsync(engines, limits => limits.ConcurrentCalls = 1);
        (await Limiters(engines.A).TryAcquireAsync(profile, Cancellation)).Should().BeTrue();
        await RenameAsync("CallSlots", "Gone");

        Limiters(engines.A).Release(profile);
        (await Limiters(engines.B).TryAcquireAsync(profile, Cancellation)).Should().BeFalse();
        await RenameAsync("Gone", "CallSlots");

        await Eventually.HoldsAsync(
            async () => await Limiters(engines.B).TryAcquireAsync(profile, Cancellation),
            "the call that ended meanwhile to be released"
        );

        async Task RenameAsync(string from, string to)
        {
            await using var db = engines.A.Db();
#pragma warning disable EF1002 // Constants.
            await db.Database.ExecuteSqlRawAsync($"ALTER TABLE \"{from}\" RENAME TO \"{to}\"", Cancellation);
#pragma warning restore EF1002
        }
    }

    /// <summary>Statements while runs wait: those of one waiting run, and those of fifty.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task FiftyRuns_ThatWaitOnTwoHosts_CauseFewTransactions()
    {
        var model = new ScriptedModel().Hold("one");
        await using var engines = await TwoEngines.StartAsync(model, model);
        await LimitAsync(engines, limits => limits.ConcurrentCalls = 1);
        var workflow = await engines.A.AddWorkflowAsync(("one", ["text"]));
        var idle = await TransactionsASecondAsync();
        await engines.A.StartRunAsync(workflow);
        await model.Reached("one");
        var held = await TransactionsASecondAsync();
        for (var i = 0; i < 50; i++)
        {
            await (i % 2 == 0 ? engines.A : engines.B).StartRunAsync(workflow);
        }

        var waiting = await TransactionsASecondAsync();
        Figures.Tell(
            $"transactions a second on two hosts: idle {idle:F0}, one call held {held:F0}, with 50 runs waiting for it {waiting:F0}"
        );
        waiting.Should().BeLessThan(idle + 150);
        model.Release("one");

        async Task<double> TransactionsASecondAsync()
        {
            var (before, watch) = (await CountAsync(), System.Diagnostics.Stopwatch.StartNew());
            await Eventually.HoldsAsync(() => watch.Elapsed.TotalSeconds > 15, "15 s to pass", TimeSpan.FromSeconds(20));
            return (await CountAsync() - before) / watch.Elapsed.TotalSeconds;
        }

        async Task<long> CountAsync()
        {
            await using var db = engines.A.Db();
            return await db
                .Database.SqlQuery<long>($"""SELECT xact_commit AS "Value" FROM pg_stat_database WHERE datname = current_database()""")
                .SingleAsync(Cancellation);
        }
    }

    private static ProfileLimiters Limiters(EngineHost host) => host.Get<ProfileLimiters>();

    private static async Task<string> LimitAsync(TwoEngines engines, Action<ModelLimits> change)
    {
        await using var db = engines.A.Db();
        var profile = await db.ModelProfiles.SingleAsync(Cancellation);
        change(profile.Limits);
        await db.SaveChangesAsync(Cancellation);
        engines.A.Get<ModelProfiles>().Drop(profile.Id);
        engines.B.Get<ModelProfiles>().Drop(profile.Id);
        return profile.Id;
    }

    /// <summary>Asks for calls on both hosts at the same time.</summary>
    /// <returns>Number of calls that may begin.</returns>
    private static async Task<int> AskAsync(TwoEngines engines, string profile, int times)
    {
        var asked = await Task.WhenAll(
            Enumerable
                .Range(0, times)
                .Select(number =>
                    Task.Run(() => Limiters(number % 2 == 0 ? engines.A : engines.B).TryAcquireAsync(profile, Cancellation).AsTask())
                )
        );
        return asked.Count(isGiven => isGiven);
    }

    /// <summary>Ends calls of both hosts, all of their rows if not said otherwise, and waits until both know it.</summary>
    private static async Task ReleaseAllAsync(TwoEngines engines, string profile, int? ofA = null, int? ofB = null)
    {
        foreach (var (host, number) in new[] { (engines.A, ofA), (engines.B, ofB) })
        {
            for (var i = number ?? host.Get<OpenCalls>().Ids.Length; i > 0; i--)
            {
                Limiters(host).Release(profile);
            }
        }

        await Eventually.HoldsAsync(async () => await OpenAsync(engines) == 0, "the calls to end");
        engines.A.Get<SharedCallSlots>().Hear(profile);
        engines.B.Get<SharedCallSlots>().Hear(profile);
    }

    private static async Task<int> WaitsAsync(TwoEngines engines)
    {
        await using var db = engines.A.Db();
        return await db.Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM "CallWaits" """).SingleAsync(Cancellation);
    }

    private static async Task<int> OpenAsync(TwoEngines engines)
    {
        await using var db = engines.A.Db();
        return await db
            .Database.SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM "CallSlots" WHERE "Until" > now()""")
            .SingleAsync(Cancellation);
    }

    /// <summary>The run's state from its rows, whichever host executes it.</summary>
    private static async Task<RunState> EndOfAsync(EngineHost host, string run) =>
        await Eventually.GetAsync(
            async () => (await host.Runs.FindAsync(host.Person, run, Cancellation)).Value is { IsFinished: true } ended ? ended : null,
            $"run {run} to end",
            TimeSpan.FromSeconds(60)
        );
}
