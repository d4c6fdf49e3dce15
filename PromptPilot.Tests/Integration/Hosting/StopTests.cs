using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Data.Sqlite;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>SIGTERM to the published portal while much of what it waits for never comes.</summary>
public sealed class StopTests(PublishedBuild build)
{
    /// <summary>Under the 45 s that the deployment files allow.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(40);

    /// <summary>Beginnings of requests whose rest never comes.</summary>
    private static readonly string[] Unsent =
    [
        "POST /api/v1/prompts HTTP/1.1\r\nHost: local",
        $"POST /api/v1/prompts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {PortalHost.AdminKey}\r\n"
            + "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"name\"",
        "POST /api/v1/prompts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"na\r\n",
        "POST /hooks/nobody HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{",
        "POST /account/sign-in HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\na=",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_WithAProviderAHookReceiverAndAStreamThatNeverEnd_EndsByItself_AndTheNextStartContinues()
    {
        var never = new TaskCompletionSource();
        await using var model = await FakeModelServer.StartAsync();
        await using var receiver = await HookReceiver.StartAsync();
        receiver.Answer = _ => new ReceiverAnswer { Gate = never.Task };
        await using var portal = await StartAsync();
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/integration-hooks",
            new
            {
                type = "webhook",
                targetUrl = $"{receiver.Address}/in",
                on = new[] { "succeeded" },
                outputs = Array.Empty<string>(),
            }
        );
        await api.RunAsync(workflow);
        await receiver.CountAsync(1);
        model.Default = FakeAnswer.Of("Never ends.") with { Gate = never.Task, GateAfter = 1 };
        var run = await api.StartRunAsync(workflow);
        await model.WaitAsync(m => m.Calls.Count == 2, Cancellation);
        using var events = await http.GetAsync(
            new Uri($"/api/v1/runs/{run}/events", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            Cancellation
        );
        events.StatusCode.Should().Be(HttpStatusCode.OK);
        var unsent = new List<TcpClient>();
        foreach (var request in Unsent)
        {
            var client = new TcpClient();
            unsent.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, portal.BaseAddress.Port, Cancellation);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancellation);
        }

        var clock = Stopwatch.StartNew();
        (await StopAsync(portal)).Should().Be(0);

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(18), "nobody waits for what is not sent; the host's patience is 25 s");
        unsent.ForEach(client => client.Dispose());
        never.SetResult();
        await portal.StartAgainAsync();
        (await api.EndOfAsync(run)).Text("status").Should().Be("succeeded");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task Stop_WhileTheDatabaseIsLockedByAnother_EndsInTime_AndTheNextStartContinues()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await StartAsync();
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        var gate = new TaskCompletionSource();
        model.Default = FakeAnswer.Of("Fine.") with { Gate = gate.Task };
        var run = await api.StartRunAsync(workflow);
        await model.WaitAsync(m => m.Calls.Count == 1, Cancellation);
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(portal.DataDirectory, "promptpilot.db")};Pooling=False"))
        {
            await other.OpenAsync(Cancellation);
            await using var locked = await other.BeginTransactionAsync(Cancellation);
            gate.SetResult();
            using var ready = portal.CreateClient();
            await Eventually.HoldsAsync(
                async () =>
                {
                    using var answer = await ready.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
                    return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
                },
                "readiness to tell the truth"
            );

            await StopAsync(portal);
        }

        await portal.StartAgainAsync();
        (await api.EndOfAsync(run, seconds: 60)).Text("status").Should().Be("succeeded");
    }

    /// <summary>A mail server that accepts and says nothing, while a person is invited.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public async Task Stop_WhileAMailServerSaysNothing_EndsInTime()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var portal = await StartAsync(
            ("PromptPilot:Smtp:Host", "127.0.0.1"),
            ("PromptPilot:Smtp:Port", $"{((IPEndPoint)silent.LocalEndpoint).Port}"),
            ("PromptPilot:Smtp:From", "portal@example.org"),
            ("PromptPilot:Smtp:Security", "none")
        );
        using var http = portal.CreateClient();
        var inviting = new RunApi(http).TrySendAsync(
            HttpMethod.Post,
            "users",
            new
            {
                email = "new@example.org",
                name = "New",
                role = "viewer",
            }
        );
        using var accepted = await silent.AcceptTcpClientAsync(Cancellation);

        await StopAsync(portal);

        await FluentActions.Awaiting(() => inviting).Should().ThrowAsync<HttpRequestException>();
    }

    private static async Task<int> StopAsync(PublishedPortal portal)
    {
        var clock = Stopwatch.StartNew();
        portal.RequestStop();
        var code = await portal.WaitForEndAsync(Grace);
        TestContext.Current.TestOutputHelper?.WriteLine($"stopped with {code} after {clock.Elapsed.TotalSeconds:0.0} s");
        return code;
    }

    private Task<PublishedPortal> StartAsync(params (string Key, string Value)[] settings) =>
        PublishedPortal.StartAsync(
            build,
            settings
                .Append(("PromptPilot:Integrations:AllowedPrivateHosts:0", "127.0.0.1"))
                .Append(("PromptPilot:Runs:StopGraceSeconds", "2"))
                .ToDictionary(setting => setting.Item1, setting => (string?)setting.Item2)
        );
}
