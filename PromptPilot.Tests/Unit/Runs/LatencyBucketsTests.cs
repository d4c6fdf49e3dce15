using CsCheck;
using PromptPilot.Core.Runs.Rollups;

namespace PromptPilot.Tests.Unit.Runs;

public class LatencyBucketsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(999)]
    [InlineData(65_536)]
    [InlineData(86_400_000)]
    public void Percentile_OfOneDuration_IsAtMostNinePercentOff(long milliseconds)
    {
        var counts = new long[LatencyBuckets.Count];
        LatencyBuckets.AddTo(counts, LatencyBuckets.Of(milliseconds));

        ((double)LatencyBuckets.Percentile(counts, 0.5)!.Value).Should().BeApproximately(milliseconds, Math.Max(1, milliseconds * 0.091));
    }

    [Fact]
    public void Percentile_OfRandomDurations_IsAtMostNinePercentOff() =>
        Gen.Long[1, 10_000_000]
            .Array[1, 200]
            .Sample(
                durations =>
                {
                    var stored = durations.Aggregate(
                        Array.Empty<byte>(),
                        (all, one) => LatencyBuckets.Merge(all, LatencyBuckets.Of(one), 1)
                    );
                    var counts = new long[LatencyBuckets.Count];
                    LatencyBuckets.AddTo(counts, stored);
                    Array.Sort(durations);

                    foreach (var share in new[] { 0.5, 0.95, 1 })
                    {
                        var exact = durations[(int)Math.Ceiling(share * durations.Length) - 1];
                        ((double)LatencyBuckets.Percentile(counts, share)!.Value)
                            .Should()
                            .BeApproximately(exact, Math.Max(1, exact * 0.091));
                    }
                },
                iter: 100
            );

    [Fact]
    public void Merge_AndItsOpposite_GiveBackWhatWasThere() =>
        Gen.Select(Gen.Long[0, 100_000].Array[0, 20], Gen.Long[0, 100_000].Array[0, 20])
            .Sample(
                (left, right) =>
                {
                    var (a, b) = (Sum(left), Sum(right));

                    LatencyBuckets.Merge(LatencyBuckets.Merge(a, b, 1), b, -1).Should().Equal(a);
                },
                iter: 100
            );

    [Fact]
    public void Percentile_OfNothing_IsNull()
    {
        LatencyBuckets.Percentile(new long[LatencyBuckets.Count], 0.95).Should().BeNull();
        LatencyBuckets.Of(null).Should().BeEmpty();
    }

    private static byte[] Sum(long[] durations) =>
        durations.Aggregate(Array.Empty<byte>(), (all, one) => LatencyBuckets.Merge(all, LatencyBuckets.Of(one), 1));
}
