using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PromptPilot.Core.Shared.Telemetry;

/// <summary>
/// The source of all spans and metrics of the portal itself. Without a listener, spans are not created and measurements are not kept, so
/// code that reports here costs nothing until monitoring is on.
/// </summary>
public static class PortalTelemetry
{
    /// <summary>Name of the source of spans and of the meter.</summary>
    public const string Name = "PromptPilot";

    /// <summary>OpenTelemetry's tag for the reason of a failure.</summary>
    public const string ErrorType = "error.type";

    /// <summary>
    /// OpenTelemetry's variable for message content: spans contain texts of prompts and answers only if it is <c>true</c>.
    /// </summary>
    public const string CaptureTexts = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    internal static readonly ActivitySource Source = new(Name);
    internal static readonly Meter Meter = new(Name);

    /// <summary>
    /// The context to continue later, when the current request is over, as a W3C <c>traceparent</c>; null when no one listens. A request
    /// that is not traced is ignored, e.g. the connection of an open page, unless its sender supplied a context.
    /// </summary>
    internal static string? Context =>
        Source.HasListeners() && Activity.Current is { } current && (current.Recorded || current.HasRemoteParent) ? current.Id : null;

    /// <summary>Starts a span below a stored context.</summary>
    /// <param name="context">A <c>traceparent</c>; null: a new trace.</param>
    /// <returns>Null when no one listens.</returns>
    internal static Activity? StartBelow(string? context, string name, ActivityKind kind)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        _ = ActivityContext.TryParse(context, null, isRemote: true, out var parent);
        return Source.StartActivity(name, kind, parent);
    }

    /// <summary>Marks a span as failed. The message stays out: it can quote a prompt or an answer.</summary>
    /// <param name="code">A short constant, e.g. <c>rate_limited</c>.</param>
    internal static void Fail(this Activity activity, string code)
    {
        activity.SetTag(ErrorType, code);
        activity.SetStatus(ActivityStatusCode.Error);
    }
}
