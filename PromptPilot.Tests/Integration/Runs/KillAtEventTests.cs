using System.Diagnostics;
using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>kill -9 of the published portal right after each kind of event was committed, in a workflow that uses all options.</summary>
public sealed class KillAtEventTests(PublishedBuild build)
{
    private static readonly TimeSpan ResumeLimit = TimeSpan.FromSeconds(30);

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Kill_AfterEachKindOfEvent_LosesNothing_AndRepeatsOnlyWhatWasInFlight()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build, AllOptions.Settings);
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var options = new AllOptions(api, model);
        var workflow = await options.PublishAsync(TimeSpan.FromMilliseconds(5));
        foreach (var type in Enum.GetValues<RunEventType>())
        {
            var text = type == RunEventType.Reused ? "killed at Reused, fails at mail" : $"killed at {type}";
            var failed = type == RunEventType.Reused ? await FailedAsync(options, api, workflow, text) : null;
            var calls = model.Calls.Count;
            var runId = failed is null
                ? await api.StartRunAsync(workflow, text)
                : (await api.SendAsync(HttpMethod.Post, $"runs/{failed}/retry", null)).Text("id");
            var toEnd = options.FinishAsync(runId, ResumeLimit);
            if (type == RunEventType.CancelRequested)
            {
                using var cancelled = await api.TrySendAsync(HttpMethod.Post, $"runs/{runId}/cancel", null);
            }

            foreach (var pinned in PinsBefore(type))
            {
                await api.SendAsync(HttpMethod.Put, $"runs/{runId}/pin", new { pinned });
            }

            await CommittedAsync(portal, runId, type);
            await portal.KillAsync();
            await EndedAsync(toEnd);
            await portal.StartAgainAsync();

            var resumed = Stopwatch.StartNew();
            var run = await options.FinishAsync(runId, ResumeLimit);
            if (type == RunEventType.CancelRequested)
            {
                run.Text("status").Should().Be("cancelled", "what was acknowledged is kept");
                continue;
            }

            var interrupted = type == RunEventType.Reused ? 0 : AllOptions.Check(run, text);
            run.Text("status").Should().Be("succeeded");
            interrupted.Should().BeLessThanOrEqualTo(3, "one for each attempt that was in flight");
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{type}: {interrupted} interrupted, {model.Calls.Count - calls} calls, at its end "
                    + $"{resumed.Elapsed.TotalSeconds:F1} s after the start"
            );
            model
                .Calls.Skip(calls)
                .Count(call => call.Prompt.Contains(text, StringComparison.Ordinal))
                .Should()
                .BeLessThanOrEqualTo(
                    run.GetProperty("steps").EnumerateArray().Sum(step => step.GetProperty("logs").GetArrayLength()),
                    "each call is an attempt that is on record"
                );
        }
    }

    private static bool[] PinsBefore(RunEventType type) =>
        type switch
        {
            RunEventType.Pinned => [true],
            RunEventType.Unpinned => [true, false],
            _ => [],
        };

    /// <summary>A run whose last step failed: a retry of it begins with <c>reused</c>.</summary>
    private static async Task<string> FailedAsync(AllOptions options, RunApi api, string workflow, string text)
    {
        var failed = await options.FinishAsync(await api.StartRunAsync(workflow, text), ResumeLimit);
        failed.Text("status").Should().Be("failed");
        return failed.Text("id");
    }

    private static Task CommittedAsync(PublishedPortal portal, string runId, RunEventType type) =>
        Eventually.HoldsAsync(
            async () => await portal.CountAsync(StoredEvents.Count(runId, type)) >= 1,
            $"{type} to be committed",
            ResumeLimit
        );

    /// <summary>Whoever watched is cut off by the kill.</summary>
    private static async Task EndedAsync(Task<JsonElement> toEnd)
    {
        try
        {
            await toEnd;
        }
        catch (HttpRequestException)
        {
            // As expected.
        }
    }
}
