using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Live;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Runs that one host executes and another one shows, with and without Redis.</summary>
[Trait("Database", "PostgreSQL")]
public sealed class TwoHostsLiveTests : IAsyncLifetime
{
    private FakeModelServer _model = null!;
    private RedisServer? _redis;
    private TwoPortals? _portals;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PortalHost A => _portals!.A;

    private PortalHost B => _portals!.B;

    public async ValueTask InitializeAsync() => _model = await FakeModelServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await (_portals?.DisposeAsync() ?? default);
        _redis?.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Run_OfAnotherHost_IsShownTokenByToken_AlsoAfterRedisWasAway()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        _redis = RedisServer.Start();
        await StartAsync(_redis.Address);
        await Eventually.HoldsAsync(() => B.Get<HostState>().Redis == "connected", "B to connect to Redis");
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (runId, watch) = await WatchOnBAsync(first.Task, second.Task);
        using (watch)
        {
            await ShownAsync(watch, "one two ");
            _redis.Stop();
            await Eventually.HoldsAsync(() => B.Get<HostState>().Redis == "not connected", "B to lose Redis");
            _redis.Resume();
            first.SetResult();

            await ShownAsync(watch, "one two three four ");
            second.SetResult();
            await EndAsync(watch);
        }

        var end = (await A.Get<RunService>().FindAsync((await A.GetAdminAsync()).Actor, runId, Token)).Value;
        end.Steps[0].Calls.Single().Text.Should().Be("one two three four five six");
    }

    [Fact]
    public async Task Run_OfAnotherHost_WhoseTokensWereLost_ShowsItsWholeTextAtTheEnd()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        _redis = RedisServer.Start();
        await StartAsync(_redis.Address);
        await Eventually.HoldsAsync(() => B.Get<HostState>().Redis == "connected", "B to connect to Redis");
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (_, watch) = await WatchOnBAsync(first.Task, second.Task);
        using (watch)
        {
            await ShownAsync(watch, "one two ");
            _redis.Stop();
            await Eventually.HoldsAsync(() => B.Get<HostState>().Redis == "not connected", "B to lose Redis");
            first.SetResult();
            second.SetResult();

            await EndAsync(watch);
            var step = watch.State.Steps[0];
            watch.TextOf(step.StepId, null, 1)!.ToString().Should().Be("one two three four five six");
        }
    }

    [Fact]
    public async Task Run_OfAnotherHost_WithoutRedis_AdvancesByItsCommits()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        await StartAsync(redis: null);
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (runId, watch) = await WatchOnBAsync(first.Task, second.Task);
        using (watch)
        {
            first.SetResult();
            second.SetResult();

            await EndAsync(watch);
        }

        var waited = await B.Get<RunService>().WaitAsync((await A.GetAdminAsync()).Actor, runId, TimeSpan.FromSeconds(20), Token);
        waited.Value.Status.Should().Be(RunStatus.Succeeded);
    }

    [Fact]
    public async Task Run_ThatNobodyElsewhereWatches_SendsNothing()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        _redis = RedisServer.Start();
        await StartAsync(_redis.Address);
        await Eventually.HoldsAsync(() => B.Get<HostState>().Redis == "connected", "B to connect to Redis");
        _model.Default = FakeAnswer.OfTokens(50, TimeSpan.FromMilliseconds(10));
        using var client = A.CreateAdminClient();
        var api = new RunApi(client);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(_model.Endpoint), ("answer", ["text"]));
        var admin = (await A.GetAdminAsync()).Actor;

        var alone = await PublishedDuringAsync(A);
        var elsewhere = await PublishedDuringAsync(B);
        var aloneAgain = await PublishedDuringAsync(A);

        alone.Should().Be(0, "a viewer on the run’s own host needs no message");
        elsewhere.Should().BeInRange(5, 60, "one message per 25 ms at most, and a few for the commits");
        aloneAgain.Should().Be(0, "only the run that was watched was sent");
        Figures.Tell($"published for 50 tokens in half a second: {alone} with a viewer on A, {elsewhere} with a viewer on B");

        async Task<long> PublishedDuringAsync(PortalHost viewer)
        {
            var before = await _redis.CountPublishedAsync();
            var run = await api.StartRunAsync(workflow);
            using var watch = (await viewer.Get<RunService>().WatchAsync(admin, run, Token)).Value;
            await EndAsync(watch);
            return await _redis.CountPublishedAsync() - before;
        }
    }

    private async Task StartAsync(string? redis) =>
        _portals = await TwoPortals.StartAsync(settings: new Dictionary<string, string?> { [RedisConnection.Key] = redis });

    /// <summary>Starts a run on A whose answer pauses twice, and watches it on B.</summary>
    private async Task<(string RunId, RunWatch Watch)> WatchOnBAsync(Task first, Task second)
    {
        _model.Default = new FakeAnswer
        {
            Tokens = ["one ", "two ", "three ", "four ", "five ", "six"],
            Gate = first,
            GateAfter = 2,
            NextGate = second,
            NextGateAfter = 4,
        };
        using var client = A.CreateAdminClient();
        var api = new RunApi(client);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(_model.Endpoint), ("answer", ["text"]));
        var runId = await api.StartRunAsync(workflow);
        var admin = await A.GetAdminAsync();
        return (runId, (await B.Get<RunService>().WatchAsync(admin.Actor, runId, Token)).Value);
    }

    private static Task ShownAsync(RunWatch watch, string text) =>
        Eventually.HoldsAsync(
            async () =>
            {
                using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
                try
                {
                    await watch.NextAsync(soon.Token);
                }
                catch (OperationCanceledException)
                {
                    // Nothing new.
                }

                return watch.State.Steps is [{ Calls: { Count: > 0 } calls } step, ..]
                    && watch.TextOf(step.StepId, calls[^1].ItemIndex, calls[^1].Attempt)?.ToString() == text;
            },
            $"B to show “{text}”"
        );

    private static async Task EndAsync(RunWatch watch)
    {
        using var limit = new CancellationTokenSource(Eventually.DefaultLimit);
        while (await watch.NextAsync(limit.Token)) { }

        watch.State.Status.Should().Be(RunStatus.Succeeded);
    }
}
