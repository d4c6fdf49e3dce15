using System.Diagnostics;
using System.Globalization;
using OpenTelemetry.Trace;

namespace PromptPilot.Web.Hosting.Telemetry;

/// <summary>
/// Decides which traces are recorded, by OpenTelemetry's variables. Unlike OpenTelemetry's own samplers, it lets no caller raise the ratio:
/// a caller who sends the flag “sampled”, or chooses trace ids that the ratio accepts, would fill the store of the traces.
/// </summary>
internal sealed class TraceSampler : Sampler
{
    private const string Parent = "parentbased_";

    private static readonly SamplingResult Dropped = new(SamplingDecision.Drop);
    private static readonly SamplingResult Recorded = new(SamplingDecision.RecordAndSample);

    private readonly double _ratio;
    private readonly bool _respectsCallers;
    private readonly TraceIdRatioBasedSampler _own;

    private TraceSampler(double ratio, bool respectsCallers) =>
        (_ratio, _respectsCallers, _own) = (ratio, respectsCallers, new TraceIdRatioBasedSampler(ratio));

    /// <summary>By <c>OTEL_TRACES_SAMPLER</c> and <c>OTEL_TRACES_SAMPLER_ARG</c>. What is unknown records everything.</summary>
    public static TraceSampler Of(IConfiguration configuration)
    {
        var name = configuration["OTEL_TRACES_SAMPLER"]?.Trim().ToLowerInvariant() ?? "";
        var respectsCallers = name.StartsWith(Parent, StringComparison.Ordinal);
        return (respectsCallers ? name[Parent.Length..] : name) switch
        {
            "always_on" => new TraceSampler(1, respectsCallers),
            "always_off" => new TraceSampler(0, respectsCallers),
            "traceidratio" => new TraceSampler(RatioOf(configuration["OTEL_TRACES_SAMPLER_ARG"]), respectsCallers),
            _ => new TraceSampler(1, respectsCallers: true),
        };
    }

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        if (parent.TraceId == default)
        {
            return _own.ShouldSample(samplingParameters);
        }

        var isSampled = parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);

        // Only a request has a caller. Whatever else continues a trace, e.g. a run, follows the portal's own decision.
        if (!parent.IsRemote || samplingParameters.Kind != ActivityKind.Server)
        {
            return isSampled ? Recorded : Dropped;
        }

        return (isSampled || !_respectsCallers) && Random.Shared.NextDouble() < _ratio ? Recorded : Dropped;
    }

    private static double RatioOf(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio : 1;
}
