using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Insights;

/// <summary>Adds up rollup rows.</summary>
internal sealed class FigureSum
{
    private readonly long[] _latency = new long[LatencyBuckets.Count];
    private long _succeeded;
    private long _failed;
    private long _cancelled;
    private long _timedOut;
    private long _inputTokens;
    private long _outputTokens;
    private long _squares;
    private long _ratingSum;

    public long Count { get; private set; }

    public long Ratings { get; private set; }

    /// <summary>Cost in nano-USD.</summary>
    public long Cost { get; private set; }

    public double Mean => (double)_ratingSum / Ratings;

    /// <summary>Half the width of the 95% interval of the mean rating; the whole scale for a single rating.</summary>
    public double RatingMargin
    {
        get
        {
            const double Z = 1.959963984540054;
            if (Ratings < 2)
            {
                return 4;
            }

            var variance = (((double)Ratings * _squares) - ((double)_ratingSum * _ratingSum)) / ((double)Ratings * (Ratings - 1));
            return Z * Math.Sqrt(variance / Ratings);
        }
    }

    public void Add(RollupLine line)
    {
        Count += line.Count;
        switch (line.Status)
        {
            case nameof(RunStatus.Succeeded) or nameof(ExecutionStatus.Success):
                _succeeded += line.Count;
                LatencyBuckets.AddTo(_latency, line.Latency);
                break;
            case nameof(RunStatus.Cancelled):
                _cancelled += line.Count;
                break;
            case nameof(RunStatus.TimedOut) or nameof(ExecutionStatus.Timeout):
                _timedOut += line.Count;
                break;
            default:
                _failed += line.Count;
                break;
        }

        _inputTokens += line.InputTokens;
        _outputTokens += line.OutputTokens;
        Cost += line.Cost;
    }

    /// <summary>Adds only the number and the cost of calls.</summary>
    public void Add(long calls, long cost) => (Count, Cost) = (Count + calls, Cost + cost);

    public void Add(RatingRollup row) =>
        (Ratings, _ratingSum, _squares) = (Ratings + row.Ratings, _ratingSum + row.Sum, _squares + row.Squares);

    /// <param name="showCost">False leaves out cost, and tokens, which reveal it.</param>
    /// <param name="hasRatings">False if this group has no ratings.</param>
    public InsightsFigures ToFigures(bool showCost, bool hasRatings) =>
        new(
            Count,
            _succeeded,
            _failed,
            _cancelled,
            _timedOut,
            Count == _cancelled ? null : (double)_succeeded / (Count - _cancelled),
            LatencyBuckets.Percentile(_latency, 0.5),
            LatencyBuckets.Percentile(_latency, 0.95),
            showCost ? _inputTokens : null,
            showCost ? _outputTokens : null,
            showCost ? Money.ToUsd(Cost) : null,
            hasRatings ? Ratings : null,
            hasRatings && Ratings > 0 ? Mean : null
        );
}
