using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>What a provider can do wrong, over real HTTP from the API to the fake server: each ends with its own status, code and a message to act on.</summary>
public sealed class FaultTests
{
    public static TheoryData<string, string, string, string> Faults => new()
    {
        { "401", "error", "auth", "key" },
        { "404", "error", "bad_request", "fake-1" },
        { "429", "error", "rate_limited", "rate limit" },
        { "500", "error", "provider_error", "500" },
        { "refused", "error", "unreachable", "reach" },
        { "no first token", "timeout", "timeout", "first token" },
        { "stall", "timeout", "timeout", "No further token" },
        { "cut", "error", "incomplete_stream", "broke" },
        { "garbage", "error", "incomplete_stream", "not a model" },
        { "html", "error", "incomplete_stream", "page" },
        { "error event", "error", "provider_error", "error" },
        { "silent end", "error", "incomplete_stream", "ended" },
        { "empty", "error", "incomplete_stream", "without any text" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_OfTheProvider_EndsTheRunWithItsCode(string fault, string status, string code, string message)
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Default = Answer(fault);
        await using var portal = await PortalHost.StartAsync(new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Runs:RetryDelayMilliseconds"] = "1" } });
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var endpoint = fault == "refused" ? "http://127.0.0.1:9/v1" : model.Endpoint;
        var profile = await api.AddProfileAsync(endpoint, limits: new { firstTokenSeconds = 1, idleSeconds = 1, attemptSeconds = 20 });
        var workflow = await api.AddWorkflowAsync(profile, ("one", ["text"]), ("two", ["one"]));

        var run = await api.RunAsync(workflow);

        run.Text("status").Should().Be("failed");
        var log = run.GetProperty("steps")[0].GetProperty("logs")[0];
        log.Text("status").Should().Be(status);
        log.Text("errorCode").Should().Be(code);
        TestContext.Current.TestOutputHelper?.WriteLine($"{fault}: {log.Text("errorMessage")}");
        log.Text("errorMessage").Should().NotBeNullOrWhiteSpace().And.ContainEquivalentOf(message);
        run.GetProperty("error").Text("code").Should().Be(code);
        run.GetProperty("error").Text("message").Should().Contain("one").And.Contain(log.Text("errorMessage"));
        run.GetProperty("steps")[1].Text("status").Should().Be("cancelled");
        model.CountOf("two:").Should().Be(0, "nothing downstream runs on a failed step");
    }

    private static FakeAnswer Answer(string fault) => fault switch
    {
        "401" => FakeAnswer.Error(401, "Incorrect API key provided."),
        "404" => FakeAnswer.Error(404, "The model fake-1 does not exist."),
        "429" => FakeAnswer.Error(429, "Rate limit reached.", retryAfter: "0"),
        "500" => FakeAnswer.Error(500),
        "refused" => FakeAnswer.Of("never sent"),
        "no first token" => new FakeAnswer { Ending = FakeEnding.Stall },
        "stall" => FakeAnswer.Of("two words") with { Ending = FakeEnding.Stall },
        "cut" => FakeAnswer.Of("two words") with { Ending = FakeEnding.Cut },
        "garbage" => FakeAnswer.Of("two words") with { Ending = FakeEnding.Garbage },
        "html" => FakeAnswer.WebPage(),
        "error event" => FakeAnswer.Of("two words") with { Ending = FakeEnding.ErrorEvent },
        "silent end" => FakeAnswer.Of("two words") with { Ending = FakeEnding.Silent },
        "empty" => new FakeAnswer(),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
