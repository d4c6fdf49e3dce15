using Microsoft.Playwright;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>What people do with runs that do not just succeed: review, retry, wait in line, stop at a budget.</summary>
public sealed class RunJourneyTests(Chrome chrome, PublishedBuild build)
{
    private static readonly LocatorAssertionsToHaveAttributeOptions Soon = new() { Timeout = 20_000 };

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Review_AcrossARestart_IsFoundOnHomeEditedAndFlowsOn()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build, AllOptions.Settings);
        using var client = portal.CreateClient();
        var api = new RunApi(client);
        var workflow = await new AllOptions(api, model).PublishAsync(TimeSpan.Zero);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);
        var runId = await api.StartRunAsync(workflow);
        await window.GoAsync($"/runs/{runId}");
        await Assertions.Expect(window.Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "waiting", Soon);

        // Left first: a page that is open reloads itself when the portal is back, and would abort the next navigation.
        await window.Page.GotoAsync("about:blank");
        await portal.RestartAsync();
        await window.GoAsync("/");
        await window.Page.GetByTestId("open-review").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("run-waits")).ToContainTextAsync("Waiting for a review.");
        await Assertions.Expect(window.Page.Locator("[data-step=guarded]")).ToContainTextAsync("text contains 'never'");
        await window.Page.Locator("[data-step=each] [data-testid=step-toggle]").ClickAsync();
        await Assertions.Expect(window.Page.Locator("[data-step=each] [data-testid=step-item]")).ToHaveCountAsync(4);
        await window.Page.GetByTestId("review-reject").ClickAsync();
        await window.Page.GetByTestId("review-send").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("review")).ToContainTextAsync("Enter a reason");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Back", Exact = true }).ClickAsync();
        await window.Page.GetByTestId("review-edit").ClickAsync();
        await window.Page.GetByTestId("review-output").FillAsync("what a person wrote");
        await window.Page.GetByTestId("review-send").ClickAsync();

        await Assertions.Expect(window.Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded", Soon);
        await window.Page.Locator("[data-step=draft] [data-testid=step-toggle]").ClickAsync();
        await Assertions.Expect(window.Page.Locator("[data-step=draft]")).ToContainTextAsync("Edited by you");
        (await api.FindAsync(runId)).GetProperty("outputs").Text("draft").Should().Be("what a person wrote");
        await window.GoAsync("/");
        await Assertions.Expect(window.Page.GetByTestId("open-review")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Retry_OfAFailedRun_SaysWhatItKeeps_AndEndsWell()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        using var client = portal.CreateAdminClient();
        var api = new RunApi(client);
        var isBroken = true;
        model.Script = call =>
            isBroken && call.Prompt.StartsWith("two:", StringComparison.Ordinal)
                ? FakeAnswer.Error(401, "No.")
                : FakeAnswer.Of("A fine answer.");
        var run = await api.RunAsync(
            await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]), ("two", ["one"]))
        );
        run.Text("status").Should().Be("failed");
        isBroken = false;
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);

        await window.GoAsync($"/runs/{run.Text("id")}");
        await Assertions
            .Expect(window.Page.GetByTestId("retry-plan"))
            .ToHaveTextAsync("Retry runs two and keeps one, with the same versions and inputs.");
        await window.Page.GetByTestId("retry").ClickAsync();

        await Assertions.Expect(window.Page.GetByTestId("parent-run")).ToBeVisibleAsync();
        await Assertions.Expect(window.Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded", Soon);
        await Assertions.Expect(window.Page.Locator("[data-step=one]")).ToContainTextAsync("Reused");
        await window.Page.GetByTestId("parent-run").ClickAsync();
        await window.Page.GetByTestId("tab-made").ClickAsync();
        await Assertions.Expect(window.Page.GetByTestId("children")).ToContainTextAsync("Succeeded");
    }

    [Fact]
    public async Task QueuedRun_ShowsItsPlaceInLine_AndStartsByItself()
    {
        await using var model = await FakeModelServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Script = call => FakeAnswer.Of("Done at last.") with { Gate = gate.Task, GateAfter = 1 };
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Runs:MaxConcurrentRuns"] = "1" } }
        );
        using var client = portal.CreateAdminClient();
        var api = new RunApi(client);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        await api.StartRunAsync(workflow);
        await api.StartRunAsync(workflow);
        var third = await api.StartRunAsync(workflow);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);

        await window.GoAsync($"/runs/{third}");

        await Assertions.Expect(window.Page.GetByTestId("queue-position")).ToContainTextAsync("Number 2 in the queue.");
        (await api.FindAsync(third)).GetProperty("queuePosition").GetInt32().Should().Be(2);
        gate.SetResult();
        await Assertions.Expect(window.Page.GetByTestId("run-status")).ToHaveAttributeAsync("data-status", "succeeded", Soon);
        await Assertions.Expect(window.Page.GetByTestId("queue-position")).ToHaveCountAsync(0);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Run_OverItsBudget_SaysSoBeforeAnyCall()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PortalHost.StartAsync();
        using var client = portal.CreateAdminClient();
        var api = new RunApi(client);
        var workflowId = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        var workflow = await api.FindWorkflowAsync(workflowId);
        workflow["limits"] = System.Text.Json.Nodes.JsonNode.Parse("""{ "runBudget": 0.000001 }""");
        await api.SendAsync(HttpMethod.Put, $"workflows/{workflowId}", workflow);
        var run = await api.RunAsync(workflowId);
        await using var window = await chrome.OpenAsync(portal.BaseAddress);
        await window.SignInAsync(PortalHost.AdminEmail, PortalHost.AdminPassword);

        await window.GoAsync($"/runs/{run.Text("id")}");

        await Assertions.Expect(window.Page.GetByTestId("run-error")).ToContainTextAsync("Stopped by budget");
        await Assertions.Expect(window.Page.GetByTestId("run-error")).ToContainTextAsync("No call was made.");
        run.GetProperty("error").Text("code").Should().Be("budget");
        model.Calls.Should().BeEmpty();
    }
}
