using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// The faults that are not in an answer: a server that is away for a while, a person who cancels, a host that stops, a bug of ours.
/// </summary>
public sealed class HostFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ServerAway_ThenBack_IsUnreachableAndThenSucceeds()
    {
        // The port is held without listening: whoever connects is refused, until the server opens on it.
        using var away = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        away.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)away.LocalEndPoint!).Port;
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Settings = new Dictionary<string, string?> { ["PromptPilot:Runs:RetryDelayMilliseconds"] = "4000" } }
        );
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);
        var runId = await api.StartRunAsync(
            await api.AddWorkflowAsync(await api.AddProfileAsync($"http://127.0.0.1:{port}/v1"), ("one", ["text"]))
        );
        await Eventually.HoldsAsync(
            async () => (await api.FindAsync(runId)).GetProperty("steps")[0].GetProperty("logs").GetArrayLength() == 1,
            "the first attempt to fail"
        );

        away.Dispose();
        await using var model = await FakeModelServer.StartAsync(port);
        var run = await api.EndOfAsync(runId);

        run.Text("status").Should().Be("succeeded");
        run.GetProperty("steps")[0]
            .GetProperty("logs")
            .EnumerateArray()
            .Select(log => log.TryGetProperty("errorCode", out var code) ? code.GetString() : null)
            .Should()
            .Equal("unreachable", null);
        model.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task Cancelled_InMidCall_IsNotTriedAgain()
    {
        await using var bench = await RunBench.StartAsync();
        bench.Model.Default = FakeAnswer.Of("a held answer") with { Gate = new TaskCompletionSource().Task, GateAfter = 2 };
        var runId = await bench.Api.StartRunAsync(await bench.AddWorkflowAsync(("one", ["text"])));
        await bench.Model.WaitAsync(m => m.Calls.Count == 1, Cancellation);

        await bench.Api.SendAsync(HttpMethod.Post, $"runs/{runId}/cancel", null);

        var run = await bench.Api.EndOfAsync(runId);
        run.Text("status").Should().Be("cancelled");
        run.GetProperty("steps")[0].GetProperty("logs")[0].Text("errorCode").Should().Be("cancelled");
        bench.Model.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task HostStopped_InMidCall_IsInterruptedAndResumed()
    {
        using var directory = new TempDirectory();
        await using var model = await FakeModelServer.StartAsync();
        var options = new PortalOptions
        {
            DataDirectory = directory.Path,
            Settings = new Dictionary<string, string?> { ["PromptPilot:Runs:StopGraceSeconds"] = "0" },
        };
        string runId;
        await using (var portal = await PortalHost.StartAsync(options))
        {
            using var http = portal.CreateAdminClient();
            var api = new RunApi(http);
            var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]), ("two", ["one"]));
            model.Script = call =>
                model.CountOf("two:") == 1 && call.Prompt.StartsWith("two:", StringComparison.Ordinal)
                    ? new FakeAnswer { Ending = FakeEnding.Stall }
                    : null;
            runId = await api.StartRunAsync(workflow);
            await model.WaitAsync(m => m.CountOf("two:") == 1, Cancellation);
        }

        await using var again = await PortalHost.StartAsync(options);
        using var client = again.CreateAdminClient();
        var run = await new RunApi(client).EndOfAsync(runId);

        run.Text("status").Should().Be("succeeded");
        var logs = run.GetProperty("steps")[1].GetProperty("logs");
        logs[0].Text("errorCode").Should().Be("interrupted");
        logs[1].Text("status").Should().Be("success");
        (model.CountOf("one:"), model.CountOf("two:")).Should().Be((1, 2), "what succeeded never runs again");
    }

    [Fact]
    public async Task OurBug_IsInternalAndNotTriedAgain()
    {
        var broken = new BrokenModel();
        await using var portal = await PortalHost.StartAsync(
            new PortalOptions { Services = services => services.RemoveAll<IModelGateway>().AddSingleton<IModelGateway>(broken) }
        );
        using var http = portal.CreateAdminClient();
        var api = new RunApi(http);

        var run = await api.RunAsync(await api.AddWorkflowAsync(await api.AddProfileAsync("http://127.0.0.1:9/v1"), ("one", ["text"])));

        run.Text("status").Should().Be("failed");
        run.GetProperty("error").Text("code").Should().Be("internal");
        run.GetProperty("error").Text("message").Should().Contain("server log").And.NotContain("secret detail");
        broken.Calls.Should().Be(1);
        portal.Log.Should().Contain(line => line.Contains("secret detail", StringComparison.Ordinal));
    }

    private sealed class BrokenModel : IModelGateway
    {
        public int Calls { get; private set; }

        public Task<ModelReply> CallAsync(ModelRequest request, Action<string> onText, CancellationToken cancellationToken)
        {
            Calls++;
            throw new InvalidOperationException("secret detail");
        }
    }
}
