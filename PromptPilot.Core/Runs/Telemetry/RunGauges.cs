using System.Diagnostics.Metrics;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Shared.Telemetry;

namespace PromptPilot.Core.Runs.Telemetry;

/// <summary>Metrics that are read from this host when they are collected. Created only when monitoring is on.</summary>
public sealed class RunGauges : IDisposable
{
    private readonly Meter _meter = new(PortalTelemetry.Name);

    public RunGauges(RunQueue queue)
    {
        _meter.CreateObservableGauge("promptpilot.queue.length", () => queue.Count, "{run}", "Runs waiting for a slot");
        _meter.CreateObservableGauge("promptpilot.runs.active", () => queue.Used, "{run}", "Runs that have a slot");
    }

    public void Dispose() => _meter.Dispose();
}
