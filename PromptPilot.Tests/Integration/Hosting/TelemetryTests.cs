using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Proto.Trace.V1;
using OpenTelemetry.Trace;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>One portal that sends everything to a collector, and is scraped.</summary>
public sealed class MonitoredPortal : IAsyncLifetime
{
    public const string MetricsKey = "key-of-the-prometheus-server-1";

    private HttpClient _admin = null!;

    public PortalHost Portal { get; private set; } = null!;

    internal OtlpReceiver Collector { get; private set; } = null!;

    internal FakeModelServer Model { get; private set; } = null!;

    internal HookReceiver Hooks { get; private set; } = null!;

    internal RunApi Api { get; private set; } = null!;

    public string Workflow { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Collector = await OtlpReceiver.StartAsync();
        Model = await FakeModelServer.StartAsync();
        Hooks = await HookReceiver.StartAsync();
        Portal = await PortalHost.StartAsync(
            new PortalOptions
            {
                Settings = new Dictionary<string, string?>
                {
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.Address,
                    ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                    ["PromptPilot:Metrics:Key"] = MetricsKey,
                    ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1",
                },
            }
        );
        _admin = Portal.CreateAdminClient();
        Api = new RunApi(_admin);
        var profile = await Api.AddProfileAsync(Model.Endpoint);
        Workflow = await Api.AddWorkflowAsync(profile, ("one", ["text"]), ("two", ["one"]));
        await Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{Workflow}/integration-hooks",
            new
            {
                type = "webhook",
                targetUrl = $"{Hooks.Address}/in/canary-in-the-path",
                on = new[] { "succeeded" },
                outputs = new[] { "two" },
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await Portal.DisposeAsync();
        await Hooks.DisposeAsync();
        await Model.DisposeAsync();
        await Collector.DisposeAsync();
    }

    /// <summary>Sends what is waiting to be sent.</summary>
    internal void Flush()
    {
        Portal.Get<TracerProvider>().ForceFlush(10_000).Should().BeTrue();
        Portal.Get<LoggerProvider>().ForceFlush(10_000).Should().BeTrue();

        // The reader of Prometheus has nothing to flush, and says so by false.
        _ = Portal.Get<MeterProvider>().ForceFlush(10_000);
    }
}

/// <summary>Traces, metrics and logs as a collector and a Prometheus server see them.</summary>
public sealed partial class TelemetryTests(MonitoredPortal world) : IClassFixture<MonitoredPortal>
{
    private const Span.Types.SpanKind Server = Span.Types.SpanKind.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_StartedByATracedRequest_IsOneTreeFromTheRequestToTheHook()
    {
        const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        var run = await RunAsync($"00-{TraceId}-00f067aa0ba902b7-01", "hello");

        await TreeAsync(TraceId, spans: 12);

        // The fake servers are traced too, as they are in this process. They have no routes.
        var spans = world
            .Collector.Spans.Where(span => SpanTree.Hex(span.TraceId) == TraceId && (span.Kind != Server || span.Name != "POST"))
            .ToList();
        var name = run.Text("workflowName");
        SpanTree
            .Of(spans, TraceId)
            .Should()
            .Be(
                $"""
                Server POST /api/v1/workflows/{"{workflowId}"}/runs
                  Internal invoke_workflow {name}
                    Internal step one
                      Client chat fake-1
                        Client POST
                    Internal step two
                      Client chat fake-1
                        Client POST
                  Internal deliver webhook
                    Client POST
                """
            );
        SpanTree.Hex(spans.Single(span => span.Kind == Server).ParentSpanId).Should().Be("00f067aa0ba902b7");
        var chat = spans.First(span => span.Name == "chat fake-1");
        chat.Tag("gen_ai.provider.name").Should().Be("openai-compatible");
        chat.Tag("gen_ai.usage.output_tokens").Should().NotBeNull();
        spans
            .Single(span => span.Name.StartsWith("invoke", StringComparison.Ordinal))
            .Tag("promptpilot.run.id")
            .Should()
            .Be(run.Text("id"));
        var call = spans.First(span => span.Name == "POST" && span.ParentSpanId == chat.SpanId);
        world
            .Model.Calls.Should()
            .Contain(
                sent => sent.Headers.GetValueOrDefault("traceparent") == $"00-{TraceId}-{SpanTree.Hex(call.SpanId)}-01",
                "the provider can continue the trace"
            );
        world
            .Hooks.Messages.Should()
            .Contain(message => message.Headers["traceparent"].StartsWith($"00-{TraceId}-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Webhook_WithATraceContext_StartsARunInThatTrace()
    {
        const string TraceId = "5bf92f3577b34da6a3ce929d0e0e4737";
        var trigger = await world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{world.Workflow}/triggers",
            new { type = "webhook", webhook = new { verification = "bearer", inputMapping = new { text = "trigger.payload.title" } } }
        );
        using var http = world.Portal.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(trigger.Text("url")).PathAndQuery)
        {
            Content = JsonContent.Create(new { title = "Rain" }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", trigger.Text("secret"));
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");

        using var answer = await http.SendAsync(request, Cancellation);

        answer.IsSuccessStatusCode.Should().BeTrue();
        await TreeAsync(TraceId, spans: 12);
    }

    /// <summary>Texts, names, addresses with secrets and what a caller adds to the trace.</summary>
    [Fact]
    public async Task Telemetry_OfARun_HoldsNoTextAndNothingPersonal()
    {
        const string TraceId = "6bf92f3577b34da6a3ce929d0e0e4738";
        world.Model.Script = call =>
            call.Prompt.Contains("canary-input", StringComparison.Ordinal) ? FakeAnswer.Of("canary-output of the model") : null;
        await RunAsync($"00-{TraceId}-00f067aa0ba902b7-01", "canary-input of a person", "canary=canary-baggage");
        using var http = world.Portal.CreateAdminClient();
        http.DefaultRequestHeaders.UserAgent.ParseAdd("canary-agent/1.0");
        await http.GetAsync(new Uri("/api/v1/prompts/by-name/canary-name?label=canary-query", UriKind.Relative), Cancellation);
        await http.GetAsync(new Uri("/canary-page?token=canary-token", UriKind.Relative), Cancellation);
        world.Model.Script = _ => FakeAnswer.Error(400, "canary-error quotes canary-input");
        await RunAsync($"00-{TraceId}-00f067aa0ba902b8-01", "canary-input of a person");
        world.Model.Script = null;

        await TreeAsync(TraceId, spans: 17);

        world.Collector.Everything.Should().Contain("invoke_workflow").And.NotContain("canary").And.NotContain(PortalHost.AdminEmail);
        world.Collector.Logs.Should().NotBeEmpty();
        world.Model.Calls.Should().NotContain(call => call.Headers.ContainsKey("baggage"));
    }

    [Fact]
    public async Task Metrics_OfARun_AreSentAndScraped()
    {
        await RunAsync(null, "hello");
        world.Flush();

        world
            .Collector.Metrics.Select(metric => metric.Name)
            .Should()
            .Contain([
                "promptpilot.runs",
                "promptpilot.queue.length",
                "promptpilot.runs.active",
                "promptpilot.calls.active",
                "promptpilot.cost",
                "promptpilot.write_gate.wait",
                "gen_ai.client.inference.duration",
                "gen_ai.client.inference.time_to_first_chunk",
                "gen_ai.client.inference.usage.input_tokens",
                "gen_ai.client.inference.usage.output_tokens",
                "gen_ai.invoke_agent.duration",
                "http.server.request.duration",
            ]);
        var text = await ScrapeAsync(MonitoredPortal.MetricsKey, HttpStatusCode.OK);
        text.Should()
            .Contain("promptpilot_runs_total{")
            .And.Contain("status=\"succeeded\"")
            .And.Contain("gen_ai_client_inference_duration_seconds_bucket{");
        await Eventually.HoldsAsync(
            async () =>
                (await ScrapeAsync(MonitoredPortal.MetricsKey, HttpStatusCode.OK)).Contains(
                    "promptpilot_deliveries_total{",
                    StringComparison.Ordinal
                ),
            "the delivery in the metrics"
        );
        var shown = MetricName()
            .Matches(File.ReadAllText(RepositoryRoot.File("deploy/grafana-dashboard.json")))
            .Select(match => match.Value);
        text = await ScrapeAsync(MonitoredPortal.MetricsKey, HttpStatusCode.OK);
        shown
            .Distinct()
            .Where(name => !text.Contains(name, StringComparison.Ordinal))
            .Should()
            .BeSubsetOf(
                ["promptpilot_work_failures_total", "aspnetcore_components_circuit_active"],
                "the dashboard shows what there is; nothing failed here, and no page was opened, unless by other tests"
            );
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another-key-that-is-long-enough")]
    [InlineData(PortalHost.AdminKey)]
    public async Task Metrics_WithoutTheirKey_AreRefused(string? key) => await ScrapeAsync(key, HttpStatusCode.Unauthorized);

    [GeneratedRegex(@"\b(promptpilot|gen_ai|aspnetcore)_\w+(?=[\[{)])")]
    private static partial Regex MetricName();

    private async Task<System.Text.Json.JsonElement> RunAsync(string? context, string text, string? baggage = null)
    {
        using var http = world.Portal.CreateAdminClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/workflows/{world.Workflow}/runs?wait=60")
        {
            Content = JsonContent.Create(new { inputs = new { text } }),
        };
        request.Headers.TryAddWithoutValidation("traceparent", context);
        request.Headers.TryAddWithoutValidation("baggage", baggage);
        using var answer = await http.SendAsync(request, Cancellation);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancellation);
    }

    private Task TreeAsync(string traceId, int spans) =>
        Eventually.HoldsAsync(
            () =>
            {
                world.Flush();
                return world.Collector.Spans.Count(span => SpanTree.Hex(span.TraceId) == traceId) >= spans;
            },
            $"{spans} spans; there are\n{SpanTree.Of(world.Collector.Spans, traceId)}"
        );

    private async Task<string> ScrapeAsync(string? key, HttpStatusCode expected)
    {
        using var http = world.Portal.CreateClient();
        http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var answer = await http.GetAsync(new Uri("/metrics", UriKind.Relative), Cancellation);
        answer.StatusCode.Should().Be(expected);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}
