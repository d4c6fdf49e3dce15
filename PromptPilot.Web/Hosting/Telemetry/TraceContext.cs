using System.Diagnostics;

namespace PromptPilot.Web.Hosting.Telemetry;

/// <summary>
/// Reads and passes on only <c>traceparent</c> and <c>tracestate</c>. The header <c>baggage</c> of a caller can contain anything, and would
/// otherwise be passed on to providers and hooks.
/// </summary>
internal sealed class TraceContext : DistributedContextPropagator
{
    private static readonly DistributedContextPropagator Full = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent", "tracestate"];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        Full.Inject(
            activity,
            carrier,
            setter is null
                ? null
                : (target, name, value) =>
                {
                    if (Fields.Contains(name, StringComparer.OrdinalIgnoreCase))
                    {
                        setter(target, name, value);
                    }
                }
        );

    public override void ExtractTraceIdAndState(
        object? carrier,
        PropagatorGetterCallback? getter,
        out string? traceId,
        out string? traceState
    ) => Full.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
