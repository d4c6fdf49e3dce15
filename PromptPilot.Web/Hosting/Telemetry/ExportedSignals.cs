namespace PromptPilot.Web.Hosting.Telemetry;

/// <summary>What is sent by OTLP, by the variables that OpenTelemetry defines for all programs.</summary>
internal sealed record ExportedSignals(bool Traces, bool Metrics, bool Logs)
{
    public bool Any => Traces || Metrics || Logs;

    /// <summary>A signal is sent when it has an endpoint, or is named <c>otlp</c> itself.</summary>
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
