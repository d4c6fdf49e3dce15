namespace PromptPilot.Web.Hosting.Telemetry;

/// <summary>The signals sent over OTLP, as OpenTelemetry's standard variables define them.</summary>
internal sealed record ExportedSignals(bool Traces, bool Metrics, bool Logs)
{
    public bool Any => Traces || Metrics || Logs;

    /// <summary>A signal is sent if its exporter is <c>otlp</c>, or if no exporter is set and it has an endpoint.</summary>
    public static ExportedSignals Of(IConfiguration configuration) =>
        configuration.GetValue("OTEL_SDK_DISABLED", false)
            ? new(false, false, false)
            : new(IsOn(configuration, "TRACES"), IsOn(configuration, "METRICS"), IsOn(configuration, "LOGS"));

    private static bool IsOn(IConfiguration configuration, string signal) =>
        configuration[$"OTEL_{signal}_EXPORTER"] switch
        {
            { Length: > 0 } exporter => exporter.Equals("otlp", StringComparison.OrdinalIgnoreCase),
            _ => configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }
                || configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 },
        };
}
