using Microsoft.Playwright;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>The portal is restarted while somebody watches.</summary>
[Trait("Category", "Soak")]
public sealed class RestartTests(Chrome chrome, PublishedBuild build)
{
    private static readonly TimeSpan BackLimit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Restart_WhileWatched_ShowsTheRunToItsEndWithoutAHand()
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call =>
            gate.Task.IsCompleted
                ? FakeAnswer.Of("one two three four five six.")
                : FakeAnswer.Of("one two three four five six.") with
                {
                    Gate = gate.Task,
                    GateAfter = 3,
                };
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { ["PromptPilot:Runs:StopGraceSeconds"] = "0" }
        );
        using var client = portal.CreateClient();
        var api = new RunApi(client);
        var workflow = await api.AddWorkflowAsync(
            await api.AddProfileAsync(model.Endpoint),
            ("opening", ["text"]),
            ("closing", ["opening"])
        );
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var runId = await api.StartRunAsync(workflow);
        await window.GoAsync($"/runs/{runId}");
        await Assertions.Expect(window.Page.Locator("[data-step=opening]")).ToContainTextAsync("one two three");

        portal.RequestStop();
        await portal.WaitForEndAsync(TimeSpan.FromSeconds(30));
        gate.SetResult();
        await portal.StartAgainAsync();

        var back = new LocatorAssertionsToHaveAttributeOptions { Timeout = (float)BackLimit.TotalMilliseconds };
        await Assertions.Expect(window.Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded", back);
        foreach (var shown in new[] { "[data-step=opening] [data-testid=step-summary]", "[data-step=closing] [data-testid=markdown]" })
        {
            var text = await window.Page.Locator(shown).TextContentAsync();
            text!.Trim().Should().Be("one two three four five six.", "nothing of the attempt that succeeded is missing or doubled");
        }
    }
}
