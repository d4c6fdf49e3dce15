using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using PromptPilot.Core.Shared.Telemetry;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>One attempt of a delivery as a span below the run that it reports, and in metrics.</summary>
internal sealed class DeliveryTelemetry : IDisposable
{
    private static readonly Counter<long> Deliveries = PortalTelemetry.Meter.CreateCounter<long>(
        "promptpilot.deliveries",
        "{attempt}",
        "Delivery attempts to hooks, by outcome"
    );

    private readonly string _type;
    private readonly Activity? _activity;

    private DeliveryTelemetry(IntegrationHook hook, HookDelivery delivery)
    {
        _type = Word(hook.Type.ToString());
        _activity = PortalTelemetry.StartBelow(
            HookPayload.Parse(delivery.Payload).Trace,
            $"deliver {_type}",
            hook.Type == HookType.Email ? ActivityKind.Producer : ActivityKind.Internal
        );
        _activity?.SetTag("promptpilot.delivery.id", delivery.Id);
        _activity?.SetTag("promptpilot.run.id", delivery.RunId);
    }

    /// <returns>Null when no one listens.</returns>
    public static DeliveryTelemetry? Begin(IntegrationHook hook, HookDelivery delivery) =>
        Deliveries.Enabled || PortalTelemetry.Source.HasListeners() ? new DeliveryTelemetry(hook, delivery) : null;

    public void End(AttemptOutcome outcome)
    {
        var verdict = Word(outcome.Verdict.ToString());
        Deliveries.Add(1, new TagList { { "type", _type }, { "outcome", verdict } });
        if (outcome.Verdict != AttemptVerdict.Delivered)
        {
            _activity?.Fail(verdict);
        }
    }

    public void Dispose() => _activity?.Dispose();

    private static string Word(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
