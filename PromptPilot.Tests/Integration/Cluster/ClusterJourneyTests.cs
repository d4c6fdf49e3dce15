using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PromptPilot.Core.Runs.Live;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>
/// A viewer whose browser comes through the shipped nginx configuration: two published hosts, PostgreSQL, Redis and Chromium.
/// </summary>
[Trait("Database", "PostgreSQL")]
[Trait("Category", "Soak")]
public sealed partial class ClusterJourneyTests(PublishedBuild build, Chrome chrome)
{
    private const int Tokens = 100;

    /// <summary>In milliseconds. Three processes, a database and two browsers share the machine.</summary>
    private const float Patience = 60_000;

    private static readonly TimeSpan TokenDelay = TimeSpan.FromMilliseconds(40);

    /// <summary>Notes when each token is first on the page.</summary>
    private const string Observe = """
        () => {
          window.seen = {};
          const look = () => {
            const text = document.querySelector('[data-testid=step-output]')?.textContent ?? '';
            const last = Math.max(-1, ...[...text.matchAll(/w(\d+)/g)].map(match => Number(match[1])));
            for (let i = 0; i <= last; i++) window.seen[i] ??= performance.timeOrigin + performance.now();
          };
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
          look();
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Answer => string.Join(' ', Enumerable.Range(0, Tokens).Select(i => $"w{i}"));

    [Fact]
    public async Task Viewer_OnAnotherHost_SeesTokens_AndFollowsARunWhoseHostIsKilled()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        using var redis = RedisServer.Start();
        await using var model = await FakeModelServer.StartAsync();
        await using var cluster = await ClusterHost.StartAsync(
            build,
            new Dictionary<string, string?> { [RedisConnection.Key] = redis.Address }
        );
        await using var nginx = await Nginx.StartClusterAsync(cluster.A.BaseAddress, cluster.B.BaseAddress);
        await using var viewer = await chrome.OpenAsync(nginx.Address, acceptsAnyCertificate: true);
        await viewer.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        // nginx keeps an address on one host: whichever that is, the runs start on the other.
        var isOnA = nginx.LatestHost() == cluster.A.BaseAddress.Authority;
        var (near, far) = isOnA ? (cluster.A, cluster.B) : (cluster.B, cluster.A);
        await using var local = await chrome.OpenAsync(far.BaseAddress);
        await local.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        viewer.Page.SetDefaultTimeout(Patience);
        local.Page.SetDefaultTimeout(Patience);
        using var http = far.CreateClient();
        using var nearHttp = near.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("answer", ["text"]));

        await TokensOfAnotherHostAsync(api, http, nearHttp, model, workflow, viewer, local);
        await RedisRestartsAsync(api, redis, model, workflow, viewer);
        await HostOfTheRunDiesAsync(api, new RunApi(nearHttp), far, model, workflow, viewer);
        await HostOfTheViewerDiesAsync(api, near, far, nginx, model, workflow, viewer);
        viewer.ForeignRequests.Should().BeEmpty();
    }

    private static async Task TokensOfAnotherHostAsync(
        RunApi api,
        HttpClient far,
        HttpClient near,
        FakeModelServer model,
        string workflow,
        BrowserWindow viewer,
        BrowserWindow local
    )
    {
        // The first run compiles what it needs.
        var delays = new List<double>();
        var pages = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            var shown = AnswerWhenShown(model, TokenDelay);
            var run = await api.StartRunAsync(workflow, $"round {round}");
            var (onFar, onNear) = (FollowAsync(far, run), FollowAsync(near, run));
            await Task.WhenAll(local.GotoAsync($"/runs/{run}"), viewer.GotoAsync($"/runs/{run}"));
            await Task.WhenAll(ShowsAsync(local, "w0"), ShowsAsync(viewer, "w0"));
            await Task.WhenAll(local.Page.EvaluateAsync(Observe), viewer.Page.EvaluateAsync(Observe));
            shown.SetResult();
            await SucceedsAsync(viewer);
            await SucceedsAsync(local);
            (await OutputAsync(viewer)).Should().Be(await OutputAsync(local)).And.Contain(Answer);
            if (round > 0)
            {
                delays.AddRange(Added(await onFar, await onNear));
                pages.AddRange(Added(await SeenAsync(local), await SeenAsync(viewer)));
            }
        }

        Figures.Tell(
            $"delay that another host adds to a token, ms, over {delays.Count} tokens: event stream p50 {Figures.Median(delays):F0}, ",
            $"p95 {Figures.P95(delays):F0}; on the page, in steps of its refresh, over {pages.Count}: p50 {Figures.Median(pages):F0}, ",
            $"p95 {Figures.P95(pages):F0}"
        );
        delays.Count.Should().BeGreaterThan(Tokens);
        Figures.P95(delays).Should().BeLessThan(100);
    }

    private static async Task RedisRestartsAsync(
        RunApi api,
        RedisServer redis,
        FakeModelServer model,
        string workflow,
        BrowserWindow viewer
    )
    {
        await OpenAsync(api, model, workflow, viewer, "redis restarts");
        await ShowsAsync(viewer, "w20");
        redis.Stop();
        redis.Resume();
        var clock = Stopwatch.StartNew();
        await ShowsAsync(viewer, "w70");
        var isLive = await viewer.Page.GetByTestId("run-status").GetAttributeAsync("data-status") == "running";
        await SucceedsAsync(viewer);

        (await OutputAsync(viewer)).Should().Contain(Answer);
        Figures.Tell($"Redis restarted after 20 of 100 tokens: token 70 after {clock.Elapsed.TotalSeconds:F1} s, still live: {isLive}");
    }

    private static async Task HostOfTheRunDiesAsync(
        RunApi api,
        RunApi survivor,
        PublishedPortal far,
        FakeModelServer model,
        string workflow,
        BrowserWindow viewer
    )
    {
        var calls = model.Calls.Count;
        var run = await OpenAsync(api, model, workflow, viewer, "its host dies");
        await ShowsAsync(viewer, "w20");
        var clock = Stopwatch.StartNew();
        await far.KillAsync();
        await model.WaitAsync(m => m.Calls.Count == calls + 2, Cancellation, seconds: 40);
        var continued = clock.Elapsed.TotalSeconds;
        await SucceedsAsync(viewer);

        (await OutputAsync(viewer)).Should().Contain(Answer);
        (await survivor.EndOfAsync(run)).Text("status").Should().Be("succeeded");
        Figures.Tell(
            $"host of the run killed after 20 tokens, leases of {ClusterHost.LeaseSeconds} s: called again after {continued:F1} s, and ",
            $"the open page showed the end after {clock.Elapsed.TotalSeconds:F1} s"
        );
        await far.StartAgainAsync();
    }

    private static async Task HostOfTheViewerDiesAsync(
        RunApi api,
        PublishedPortal near,
        PublishedPortal far,
        Nginx nginx,
        FakeModelServer model,
        string workflow,
        BrowserWindow viewer
    )
    {
        await OpenAsync(api, model, workflow, viewer, "the viewer's host dies", TokenDelay * 8);
        await ShowsAsync(viewer, "w5");
        var clock = Stopwatch.StartNew();
        await near.KillAsync();
        // The page reloads on the other host.
        await ShowsAsync(viewer, "w25");

        Figures.Tell($"host of the viewer killed: the page shows new tokens from the other host after {clock.Elapsed.TotalSeconds:F1} s");
        nginx.LatestHost().Should().Be(far.BaseAddress.Authority);
        await SucceedsAsync(viewer);
        (await OutputAsync(viewer)).Should().Contain(Answer);
    }

    /// <summary>Starts a run and opens its page, before which the model answers no more than its first token.</summary>
    private static async Task<string> OpenAsync(
        RunApi api,
        FakeModelServer model,
        string workflow,
        BrowserWindow viewer,
        string text,
        TimeSpan? delay = null
    )
    {
        var shown = AnswerWhenShown(model, delay ?? TokenDelay);
        var run = await api.StartRunAsync(workflow, text);
        await viewer.GoAsync($"/runs/{run}");
        await ShowsAsync(viewer, "w0");
        shown.SetResult();
        return run;
    }

    /// <returns>What the answers wait for, after their first token.</returns>
    private static TaskCompletionSource AnswerWhenShown(FakeModelServer model, TimeSpan delay)
    {
        var shown = new TaskCompletionSource();
        model.Default = FakeAnswer.OfTokens(Tokens, delay) with { Gate = shown.Task, GateAfter = 1 };
        return shown;
    }

    /// <summary>When each token arrived in the event stream of a run.</summary>
    private static async Task<Dictionary<int, double>> FollowAsync(HttpClient http, string run)
    {
        var seen = new Dictionary<int, double>();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/api/v1/runs/{run}/events", UriKind.Relative));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            var now = Stopwatch.GetTimestamp();
            foreach (Match token in Token().Matches(line.StartsWith("data:", StringComparison.Ordinal) ? line : ""))
            {
                seen.TryAdd(int.Parse(token.Groups[1].Value, CultureInfo.InvariantCulture), now * 1000.0 / Stopwatch.Frequency);
            }
        }

        return seen;
    }

    private static async Task<Dictionary<int, double>> SeenAsync(BrowserWindow window) =>
        (await window.Page.EvaluateAsync<Dictionary<string, double>>("() => window.seen")).ToDictionary(
            pair => int.Parse(pair.Key, CultureInfo.InvariantCulture),
            pair => pair.Value
        );

    /// <summary>Of tokens that both saw one by one, not with the snapshot at the start.</summary>
    private static IEnumerable<double> Added(Dictionary<int, double> there, Dictionary<int, double> here) =>
        there.Keys.Intersect(here.Keys).Where(token => token > Tokens / 3).Select(token => Math.Max(0, here[token] - there[token]));

    private static Task ShowsAsync(BrowserWindow window, string text) =>
        Assertions
            .Expect(window.Page.GetByTestId("step-output").First)
            .ToContainTextAsync(text, new LocatorAssertionsToContainTextOptions { Timeout = Patience });

    private static Task SucceedsAsync(BrowserWindow window) =>
        Assertions
            .Expect(window.Page.GetByTestId("run-status"))
            .ToHaveAttributeAsync("data-status", "succeeded", new LocatorAssertionsToHaveAttributeOptions { Timeout = Patience });

    private static async Task<string> OutputAsync(BrowserWindow window)
    {
        var output = window.Page.GetByTestId("step-output").First;
        await Assertions.Expect(output).ToContainTextAsync($"w{Tokens - 1}");
        return await output.InnerTextAsync();
    }

    [GeneratedRegex(@"\bw(\d+)\b")]
    private static partial Regex Token();
}
