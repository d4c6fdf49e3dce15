namespace PromptPilot.Core.Runs.Rollups;

/// <summary>
/// Counts of durations on a logarithmic scale with four buckets per doubling, so a percentile is at most 9% off. Stored as pairs of
/// (skipped buckets, count) in seven-bit groups, since most rows have only a few buckets.
/// </summary>
public static class LatencyBuckets
{
    /// <summary>Covers 2^27 ms, about 37 hours. Longer durations go into the last bucket.</summary>
    public const int Count = 110;

    private const double PerDoubling = 4;

    /// <summary>One duration.</summary>
    public static byte[] Of(long? milliseconds)
    {
        if (milliseconds is not { } value)
        {
            return [];
        }

        Span<long> counts = stackalloc long[Count];
        counts[BucketOf(value)] = 1;
        return Encode(counts);
    }

    /// <summary>The sum, or the difference for a negative sign.</summary>
    public static byte[] Merge(byte[] left, byte[] right, int sign)
    {
        Span<long> counts = stackalloc long[Count];
        AddTo(counts, left, 1);
        AddTo(counts, right, sign);
        return Encode(counts);
    }

    /// <summary>Adds stored counts to the caller's.</summary>
    public static void AddTo(Span<long> counts, ReadOnlySpan<byte> stored, int sign = 1)
    {
        var (bucket, at) = (0, 0);
        while (at < stored.Length)
        {
            bucket += (int)Read(stored, ref at);
            counts[bucket] += sign * Read(stored, ref at);
        }
    }

    /// <summary>The duration that the given share of the counted durations does not exceed.</summary>
    /// <param name="share">0 to 1, e.g. 0.95.</param>
    /// <returns>Milliseconds, the geometric mean of its bucket; null without any.</returns>
    public static long? Percentile(ReadOnlySpan<long> counts, double share)
    {
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        var rank = Math.Max(1, (long)Math.Ceiling(share * total));
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            rank -= counts[bucket];
            if (rank <= 0 && total > 0)
            {
                return bucket == 0 ? 1 : (long)Math.Round(Math.Pow(2, (bucket - 0.5) / PerDoubling));
            }
        }

        return null;
    }

    internal static int BucketOf(long milliseconds) =>
        milliseconds <= 1 ? 0 : Math.Min(Count - 1, 1 + (int)Math.Floor(Math.Log2(milliseconds) * PerDoubling));

    private static byte[] Encode(ReadOnlySpan<long> counts)
    {
        var bytes = new List<byte>();
        var last = 0;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            if (counts[bucket] > 0)
            {
                Write(bytes, bucket - last);
                Write(bytes, counts[bucket]);
                last = bucket;
            }
        }

        return [.. bytes];
    }

    private static void Write(List<byte> bytes, long value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }

    private static long Read(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
