using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Telemetry;
using PromptPilot.Core.Shared.Telemetry;
using PromptPilot.Web.Hosting.Telemetry;

namespace PromptPilot.Tests.Unit.Hosting;

/// <summary>What is sent and to whom metrics are shown, by settings.</summary>
public sealed class TelemetrySettingsTests
{
    [Theory]
    [InlineData("", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", true, true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318;OTEL_LOGS_EXPORTER=none", true, true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector:4318/v1/traces", true, false, false)]
    [InlineData("OTEL_METRICS_EXPORTER=otlp", false, true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318;OTEL_SDK_DISABLED=true", false, false, false)]
    public void Signals_ByTheStandardVariables(string variables, bool traces, bool metrics, bool logs) =>
        ExportedSignals.Of(Configuration(variables)).Should().Be(new ExportedSignals(traces, metrics, logs));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.1.2.3", false)]
    [InlineData("10.0.0.0/8", null, false)]
    [InlineData("::1", "::1", true)]
    public void Metrics_AreShownToTheirNetworks(string network, string? address, bool admitted) =>
        new MetricsOptions { Networks = [network] }
            .Admits(address is null ? null : IPAddress.Parse(address))
            .Should()
            .Be(admitted);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_HasTextsInItsSpan_OnlyIfTheOperatorWantsThem(bool withTexts)
    {
        using var root = new Activity("the test").SetIdFormat(ActivityIdFormat.W3C).Start();
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PortalTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == root.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var profile = new ModelProfile
        {
            Name = "Fake",
            NormalizedName = "FAKE",
            Provider = Providers.Gemini,
            Model = "fake-1",
        };
        var request = new ModelRequest("id", "one", "You sort.", "Sort this.");

        using (var call = CallTelemetry.Begin(TimeProvider.System, profile, request, withTexts))
        {
            call!.End(new ModelReply("Sorted.", "fake-1", 5, 2, 0, false, null, null));
        }

        var span = ended.Should().ContainSingle().Subject;
        span.GetTagItem("gen_ai.provider.name").Should().Be("gcp.gemini");
        span.GetTagItem("gen_ai.input.messages")
            .Should()
            .Be(
                withTexts
                    ? """[{"role":"system","parts":[{"type":"text","content":"You sort."}]},{"role":"user","parts":[{"type":"text","content":"Sort this."}]}]"""
                    : null
            );
        span.GetTagItem("gen_ai.output.messages")
            .Should()
            .Be(withTexts ? """[{"role":"assistant","parts":[{"type":"text","content":"Sorted."}]}]""" : null);
    }

    private static IConfiguration Configuration(string variables) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                variables
                    .Split(';', StringSplitOptions.RemoveEmptyEntries)
                    .Select(pair => pair.Split('=', 2))
                    .ToDictionary(pair => pair[0], pair => (string?)pair[1])
            )
            .Build();
}
