using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Data;
using PromptPilot.Core.Notifications;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// A step whose provider fails is answered by the fallback of its profile, over real HTTP. Each test has servers A and B of its own.
/// </summary>
public sealed class FallbackTests(FallbackTests.Bench bench) : IClassFixture<FallbackTests.Bench>, IAsyncLifetime
{
    private FakeModelServer _a = null!;
    private FakeModelServer _b = null!;

    public sealed class Bench : IAsyncLifetime
    {
        internal LeapClock Clock { get; } = new();

        internal FaultBench Runs { get; } = new();

        public ValueTask InitializeAsync()
        {
            Runs.Settings["PromptPilot:Runs:MaxConcurrentRuns"] = "100";
            Runs.Services = services =>
            {
                services.RemoveAll<TimeProvider>();
                services.AddSingleton<TimeProvider>(Clock);
            };
            return Runs.InitializeAsync();
        }

        public ValueTask DisposeAsync() => Runs.DisposeAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FaultBench Runs => bench.Runs;

    public async ValueTask InitializeAsync()
    {
        (_a, _b) = (await FakeModelServer.StartAsync(), await FakeModelServer.StartAsync());
        _b.Default = FakeAnswer.Of("from B");
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Theory]
    [InlineData("500", "provider_error")]
    [InlineData("429 quota", "quota")]
    [InlineData("404 model", "model_unavailable")]
    [InlineData("refused", "unreachable")]
    public async Task ProviderThatFails_IsLeftAtOnce(string fault, string code)
    {
        _a.Default = FaultCase.All[fault].Answer;
        var b = await AddAsync(_b);
        var a = await AddAsync(_a, fault == "refused" ? "http://127.0.0.1:9/v1" : null, b);

        var run = await RunAsync(a);

        run.Text("status").Should().Be("succeeded");
        run.GetProperty("outputs").Text("one").Should().Be("from B");
        var logs = LogsOf(run);
        logs.Should().HaveCount(2);
        (logs[0].Text("modelProfileId"), logs[0].Text("errorCode"), logs[0].TryGetProperty("fallbackReason", out _))
            .Should()
            .Be((a, code, false));
        (logs[1].Text("modelProfileId"), logs[1].Text("status")).Should().Be((b, "success"));
        logs[1].Text("fallbackReason").Should().Contain($"({code})").And.Contain(await NameAsync(a)).And.Contain(await NameAsync(b));
        _a.Calls.Should().HaveCount(fault == "refused" ? 0 : 1);
        _b.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task ListOfTheStep_ReplacesThatOfTheProfile()
    {
        await using var c = await FakeModelServer.StartAsync();
        c.Default = FakeAnswer.Of("from C");
        _a.Default = FaultCase.All["404 model"].Answer;
        var a = await AddAsync(_a, null, await AddAsync(_b));

        var own = await RunAsync(a, new Dictionary<string, object?> { ["fallbacks"] = new[] { await AddAsync(c) } });
        var none = await RunAsync(a, new Dictionary<string, object?> { ["fallbacks"] = Array.Empty<string>() });

        own.GetProperty("outputs").Text("one").Should().Be("from C");
        (none.Text("status"), none.GetProperty("error").Text("code")).Should().Be(("failed", "model_unavailable"));
        _b.Calls.Should().BeEmpty();
    }

    /// <summary>Another provider would return the same error, or would be paid for work that the first one has done.</summary>
    [Theory]
    [InlineData("400 filter", "content_filtered")]
    [InlineData("400 context", "context_too_long")]
    [InlineData("401", "auth")]
    [InlineData("not JSON", "invalid_output")]
    public async Task FaultOfTheCall_IsNoReasonToSwitch(string fault, string code)
    {
        _a.Default = FaultCase.All[fault].Answer;
        var options = new Dictionary<string, object?> { ["maxAttempts"] = 2 };
        if (FaultCase.All[fault].JsonSchema is not null)
        {
            options["outputFormat"] = "json";
        }

        var run = await RunAsync(await AddAsync(_a, null, await AddAsync(_b)), options);

        (run.Text("status"), run.GetProperty("error").Text("code")).Should().Be(("failed", code));
        _b.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task RateLimit_IsRetriedFirst_UnlessTheProviderAsksForLong()
    {
        _a.Default = FakeAnswer.Error(429, retryAfter: "0");
        var b = await AddAsync(_b);

        LogsOf(await RunAsync(await AddAsync(_a, null, b), Attempts(2)))
            .Select(log => log.TryGetProperty("errorCode", out var code) ? code.GetString() : null)
            .Should()
            .Equal("rate_limited", "rate_limited", null);
        _a.Default = FakeAnswer.Error(429, retryAfter: "3600");
        LogsOf(await RunAsync(await AddAsync(_a, null, b), Attempts(2))).Should().HaveCount(2);
    }

    [Fact]
    public async Task BothDown_FailsAfterTheAttemptsOfTheLast_AndTheNextRunLeavesTheFirstAlone()
    {
        _a.Default = FakeAnswer.Error(500);
        _b.Default = FakeAnswer.Error(503);
        var a = await AddAsync(_a, null, await AddAsync(_b));
        var workflow = await Runs.AddWorkflowAsync(a, Attempts(2), alone: true);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var run = await Runs.RunAsync(workflow, Runs.Mark((_, _) => FakeAnswer.Of("unused")));
            (run.Text("status"), run.GetProperty("error").Text("code")).Should().Be(("failed", "provider_error"));
            run.GetProperty("error").Text("message").Should().Contain("(503)");
        }

        _a.Calls.Should().ContainSingle("the second run knows that it fails");
        _b.Calls.Should().HaveCount(4, "the last profile has the step's attempts");
    }

    [Fact]
    public async Task BudgetOfTheFallback_IsItsOwn()
    {
        _a.Default = FakeAnswer.Error(500);
        var b = await Runs.AddProfileAsync(endpoint: _b.Endpoint, dayBudget: 0.0000001m);

        var run = await RunAsync(await AddAsync(_a, null, b));

        (run.Text("status"), run.GetProperty("error").Text("code")).Should().Be(("failed", "budget"));
        run.GetProperty("error").Text("message").Should().Contain(await NameAsync(b));
        _b.Calls.Should().BeEmpty();
    }

    [Fact]
    // The clock of PostgreSQL does not leap, and times of retries are compared with it.
    [Trait("Database", "SQLite")]
    public async Task FirstProfile_IsTriedByOneCallAfterAMinute_AndUsedAgainOnceItAnswers()
    {
        var a = await AddAsync(_a, null, await AddAsync(_b));
        var workflow = await Runs.AddWorkflowAsync(a, alone: true);
        _a.Default = FakeAnswer.Error(500);
        OutputOf(await RunOfAsync(workflow)).Should().Be("from B");
        var skipped = await RunOfAsync(workflow);
        LogsOf(skipped).Single().Text("fallbackReason").Should().Contain("(provider_error)");
        (await BellsAsync(a)).Should().ContainSingle().Which.ReadAt.Should().BeNull();

        bench.Clock.Leap(TimeSpan.FromSeconds(61));
        await RunOfAsync(workflow);
        _a.Calls.Should().HaveCount(2, "it is tried once a minute");
        (await BellsAsync(a)).Should().ContainSingle("one outage rings once");

        bench.Clock.Leap(TimeSpan.FromSeconds(61));
        var gate = new TaskCompletionSource();
        _a.Default = FakeAnswer.Of("from A") with { Gate = gate.Task };
        var runs = Enumerable.Range(0, 10).Select(_ => RunOfAsync(workflow)).ToList();
        await Eventually.HoldsAsync(() => Task.FromResult(runs.Count(run => run.IsCompleted) == 9), "all but the one that tries A to end");
        gate.SetResult();
        (await Task.WhenAll(runs)).Select(OutputOf).Order(StringComparer.Ordinal).First().Should().Be("from A");
        _a.Calls.Should().HaveCount(3, "one of them finds out");

        OutputOf(await RunOfAsync(workflow)).Should().Be("from A");
        (await BellsAsync(a)).Should().ContainSingle().Which.ReadAt.Should().NotBeNull("it is over");
    }

    [Fact]
    public async Task ServerKilledInMidStream_With50Runs_LosesNoneAndCallsNothingTwice()
    {
        const int Count = 50;
        _a.Default = FakeAnswer.Of("a lost answer") with { Gate = new TaskCompletionSource().Task, GateAfter = 2 };
        var b = await AddAsync(_b);
        var a = await AddAsync(_a, null, b);
        var workflow = await Runs.AddWorkflowAsync(a, Attempts(2), alone: true);
        var runs = Enumerable.Range(0, Count).Select(_ => RunOfAsync(workflow)).ToList();
        await _a.WaitAsync(server => server.Calls.Count == Count, Token);

        await _a.DisposeAsync();

        foreach (var run in await Task.WhenAll(runs))
        {
            (run.Text("status"), OutputOf(run)).Should().Be(("succeeded", "from B"));
            var logs = LogsOf(run);
            (logs[0].Text("errorCode"), logs[^1].Text("modelProfileId")).Should().Be(("incomplete_stream", b));
            logs.Select(log => log.GetProperty("attempt").GetInt32()).Should().Equal(Enumerable.Range(1, logs.Count));
        }

        _b.Calls.GroupBy(call => call.Prompt).Should().HaveCount(Count).And.OnlyContain(calls => calls.Count() == 1);
    }

    private static Dictionary<string, object?> Attempts(int count) => new() { ["maxAttempts"] = count };

    private static List<JsonElement> LogsOf(JsonElement run) => [.. run.GetProperty("steps")[0].GetProperty("logs").EnumerateArray()];

    private static string OutputOf(JsonElement run) => run.GetProperty("outputs").Text("one");

    private Task<string> AddAsync(FakeModelServer server, string? endpoint = null, params string[] fallbacks) =>
        Runs.AddProfileAsync(endpoint: endpoint ?? server.Endpoint, fallbacks: fallbacks);

    private async Task<string> NameAsync(string profile) =>
        (await Runs.Api.SendAsync(HttpMethod.Get, $"model-profiles/{profile}", null)).Text("name");

    private async Task<JsonElement> RunAsync(string profile, Dictionary<string, object?>? options = null) =>
        await RunOfAsync(await Runs.AddWorkflowAsync(profile, options, alone: true));

    private Task<JsonElement> RunOfAsync(string workflow) => Runs.RunAsync(workflow, Runs.Mark((_, _) => FakeAnswer.Of("unused")));

    /// <summary>The notifications that admins got about a profile.</summary>
    private async Task<List<Notification>> BellsAsync(string profile)
    {
        await Runs.Portal.Get<NotificationWatcher>().LookAsync(Token);
        await using var db = await Runs.Portal.Get<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(Token);
        var link = $"/admin/model-profiles/{profile}";
        return await db.Notifications.AsNoTracking().Where(one => one.Link == link).ToListAsync(Token);
    }
}
