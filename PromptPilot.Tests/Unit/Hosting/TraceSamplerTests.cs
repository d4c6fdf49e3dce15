using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Trace;
using PromptPilot.Web.Hosting.Telemetry;

namespace PromptPilot.Tests.Unit.Hosting;

/// <summary>Which traces are recorded, by the variables and by what callers send.</summary>
public sealed class TraceSamplerTests
{
    private const int Many = 4_000;

    [Theory]
    [InlineData("", "", 100, 0)]
    [InlineData("parentbased_always_on", "", 100, 0)]
    [InlineData("always_on", "", 100, 100)]
    [InlineData("always_off", "", 0, 0)]
    [InlineData("parentbased_always_off", "", 0, 0)]
    [InlineData("ParentBased_TraceIdRatio", "0.2", 20, 0)]
    [InlineData("traceidratio", "0.2", 20, 20)]
    [InlineData("parentbased_traceidratio", "0", 0, 0)]
    [InlineData("parentbased_traceidratio", "2", 100, 0)]
    [InlineData("something_else", "0.2", 100, 0)]
    public void Callers_AreSampledByTheRatio_AndNeverAbove(string sampler, string argument, int percentOfSampled, int percentOfUnsampled)
    {
        var tested = Of(sampler, argument);
        PercentOf(tested, ActivityTraceFlags.Recorded).Should().BeApproximately(percentOfSampled, 3);
        PercentOf(tested, ActivityTraceFlags.None).Should().BeApproximately(percentOfUnsampled, 3);
    }

    [Fact]
    public void Caller_WhoRepeatsATraceIdThatWasSampled_GetsNoMoreThanTheRatio()
    {
        var tested = Of("traceidratio", "0.1");
        var id = ActivityTraceId.CreateFromString("00000000000000010000000000000000");
        var sampled = Enumerable.Range(0, Many).Count(_ => IsSampled(tested, id, ActivityTraceFlags.Recorded, ActivityKind.Server));
        (100.0 * sampled / Many).Should().BeApproximately(10, 3);
    }

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, true)]
    [InlineData(ActivityTraceFlags.None, false)]
    public void Run_FollowsTheDecisionAboutItsRequest(ActivityTraceFlags decided, bool isSampled)
    {
        var tested = Of("parentbased_traceidratio", "0.5");
        Enumerable
            .Range(0, 100)
            .Should()
            .OnlyContain(_ => IsSampled(tested, ActivityTraceId.CreateRandom(), decided, ActivityKind.Internal) == isSampled);
    }

    /// <summary>What is not sampled has one empty activity that passes the decision on, and nothing below it.</summary>
    [Fact]
    public void Request_ThatIsNotSampled_PassesThatOn_AndHasNothingBelow()
    {
        using var source = new ActivitySource(nameof(TraceSamplerTests));
        var ended = new List<Activity>();
        using var provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(source.Name)
            .SetSampler(Of("parentbased_traceidratio", "0"))
            .AddProcessor(new Kept(ended))
            .Build();
        var caller = new ActivityContext(
            ActivityTraceId.CreateRandom(),
            ActivitySpanId.CreateRandom(),
            ActivityTraceFlags.Recorded,
            null,
            true
        );

        using (var request = source.StartActivity("request", ActivityKind.Server, caller))
        {
            request!.IsAllDataRequested.Should().BeFalse();
            request.Id.Should().EndWith("-00").And.Contain(caller.TraceId.ToHexString());
            source.StartActivity("call", ActivityKind.Client).Should().BeNull();
            _ = ActivityContext.TryParse(request.Id, null, isRemote: true, out var stored);
            using var run = source.StartActivity("run", ActivityKind.Internal, stored);
            run!.Id.Should().EndWith("-00", "the model's provider is told too");
            source.StartActivity("step").Should().BeNull();
        }

        ended.Should().BeEmpty();
    }

    private static TraceSampler Of(string sampler, string argument) =>
        TraceSampler.Of(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?> { ["OTEL_TRACES_SAMPLER"] = sampler, ["OTEL_TRACES_SAMPLER_ARG"] = argument }
                )
                .Build()
        );

    private static double PercentOf(TraceSampler sampler, ActivityTraceFlags flags) =>
        100.0 * Enumerable.Range(0, Many).Count(_ => IsSampled(sampler, ActivityTraceId.CreateRandom(), flags, ActivityKind.Server)) / Many;

    private static bool IsSampled(TraceSampler sampler, ActivityTraceId id, ActivityTraceFlags flags, ActivityKind kind) =>
        sampler
            .ShouldSample(new SamplingParameters(new ActivityContext(id, ActivitySpanId.CreateRandom(), flags, null, true), id, "x", kind))
            .Decision == SamplingDecision.RecordAndSample;

    private sealed class Kept(List<Activity> ended) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => ended.Add(data);
    }
}
