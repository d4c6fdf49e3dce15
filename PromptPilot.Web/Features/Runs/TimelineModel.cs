using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Runs;

/// <summary>
/// The timeline of a run, computed from its view and the clock: where bars and ticks lie (as fractions of the axis) and what is said beside
/// them.
/// </summary>
public sealed record TimelineModel(IReadOnlyList<TimelineTick> Ticks, IReadOnlyList<TimelineRow> Rows)
{
    private const int MaxTicks = 5;
    private const int MaxLanes = 4;
    private static readonly long[] Steps =
    [
        50,
        100,
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        15_000,
        30_000,
        60_000,
        120_000,
        300_000,
        600_000,
        1_800_000,
        3_600_000,
    ];

    /// <param name="now">UTC; where open attempts have got to.</param>
    public static TimelineModel Of(RunState run, DateTime now)
    {
        var start = Earliest(run);
        var end = run.FinishedAt ?? now;
        var total = Math.Max(1, (long)(Latest(run, end) - start).TotalMilliseconds);
        var step = Steps.FirstOrDefault(s => total <= s * MaxTicks, Steps[^1] * ((total / Steps[^1] / MaxTicks) + 1));

        // While it runs the axis ends at a tick, so that bars grow and the scale stands still most of the time.
        var axis = (total + step - 1) / step * step;
        var ticks = Enumerable
            .Range(0, (int)(axis / step) + 1)
            .Select(i => new TimelineTick((double)(i * step) / axis, Label(i * step)))
            .ToList();
        return new TimelineModel(ticks, [.. run.Steps.OrderBy(s => s.Order).Select(s => Row(run, s, start, end, axis))]);
    }

    private static TimelineRow Row(RunState run, StepState step, DateTime start, DateTime end, long axis)
    {
        var laneEnds = new List<DateTime>();
        var bars = new List<TimelineBar>();
        foreach (var attempt in step.Attempts.Where(attempt => !attempt.IsReused))
        {
            var until = attempt.EndedAt ?? end;
            var lane = attempt.ItemIndex is null ? 0 : Lane(laneEnds, attempt.StartedAt, until);
            bars.Add(
                new TimelineBar(
                    Fraction(attempt.StartedAt, start, axis),
                    Math.Max(0.003, Fraction(until, start, axis) - Fraction(attempt.StartedAt, start, axis)),
                    lane,
                    Tone(attempt, run.IsFinished),
                    attempt.IsOpen && !run.IsFinished,
                    $"Attempt {attempt.Attempt}: {Format.Duration(attempt.DurationMs ?? (long)(until - attempt.StartedAt).TotalMilliseconds)}"
                )
            );
        }

        return new TimelineRow(
            step.StepId,
            step.OutputKey,
            bars,
            Math.Max(1, laneEnds.Count),
            Note(run, step),
            step.Status switch
            {
                StepStatus.Running => "run",
                StepStatus.Failed => "bad",
                StepStatus.Pending or StepStatus.Waiting or StepStatus.Succeeded or StepStatus.Skipped or StepStatus.Cancelled => "",
            }
        );
    }

    private static string Tone(AttemptState attempt, bool runIsFinished) =>
        attempt.Status switch
        {
            ExecutionStatus.Success => "ok",
            null when !runIsFinished => "run",
            _ => "bad",
        };

    private static string Note(RunState run, StepState step)
    {
        var items = step.Attempts.Where(a => a.ItemIndex is not null).Select(a => a.ItemIndex).Distinct().Count();
        var last = step.Attempts is [.., var newest] ? newest : null;
        return step.Status switch
        {
            StepStatus.Pending when run.IsFinished => "not reached",
            StepStatus.Pending when RetryOf(step) is { } retry => $"attempt {retry.Attempt} failed, retrying",
            StepStatus.Pending => WaitsFor(run, step),
            StepStatus.Running when step.ItemCount is { } count => $"live, {step.DoneItems} of {Format.Count(count, "item")}",
            StepStatus.Running => last is { Attempt: > 1 } ? $"live, attempt {last.Attempt}" : "live",
            StepStatus.Waiting => "waiting for review",
            StepStatus.Succeeded when step.IsDefaulted && items == 0 => "default used",
            StepStatus.Succeeded when step.IsReused && step.Attempts.All(a => a.IsReused) => "kept",
            StepStatus.Succeeded when items > 0 => Format.Count(items, "item"),
            StepStatus.Succeeded when last is { Attempt: > 1 } => $"{last.Attempt} attempts",
            StepStatus.Succeeded => last?.DurationMs is { } took ? Format.Duration(took) : "",
            StepStatus.Failed when step.Review?.Verdict == Core.Workflows.ReviewVerdict.Reject => "rejected",
            StepStatus.Failed => last?.ErrorCode is { } code ? RunAdvice.Word(code) : "failed",
            StepStatus.Skipped => "skipped",
            StepStatus.Cancelled => "cancelled",
        };
    }

    /// <summary>The failed attempt that the next one follows.</summary>
    internal static AttemptState? RetryOf(StepState step) => step.Attempts is [.., { IsOpen: false, RetryAt: not null } last] ? last : null;

    private static string WaitsFor(RunState run, StepState step)
    {
        var open = step
            .Reads.Where(key =>
                run.Steps.Any(s => s.OutputKey == key && s.Status is StepStatus.Pending or StepStatus.Running or StepStatus.Waiting)
            )
            .Distinct()
            .ToList();
        return open.Count == 0 ? "waiting for a slot" : "waiting for " + string.Join(", ", open);
    }

    /// <summary>The first lane that is free at that time; what does not fit shares the last.</summary>
    private static int Lane(List<DateTime> laneEnds, DateTime from, DateTime until)
    {
        var lane = laneEnds.FindIndex(laneEnd => laneEnd <= from);
        if (lane < 0 && laneEnds.Count < MaxLanes)
        {
            laneEnds.Add(until);
            return laneEnds.Count - 1;
        }

        lane = lane < 0 ? MaxLanes - 1 : lane;
        laneEnds[lane] = until > laneEnds[lane] ? until : laneEnds[lane];
        return lane;
    }

    private static DateTime Earliest(RunState run)
    {
        var started = run.StartedAt ?? run.QueuedAt;
        return run.Steps.SelectMany(s => s.Attempts).Where(a => !a.IsReused).Select(a => a.StartedAt).Append(started).Min();
    }

    private static DateTime Latest(RunState run, DateTime end) =>
        run.Steps.SelectMany(s => s.Attempts).Where(a => !a.IsReused).Select(a => a.EndedAt ?? end).Append(end).Max();

    private static double Fraction(DateTime at, DateTime start, long axis) => Math.Clamp((at - start).TotalMilliseconds / axis, 0, 1);

    private static string Label(long milliseconds) =>
        milliseconds switch
        {
            0 => "0",
            < 1000 => $"{milliseconds} ms",
            < 60_000 => FormattableString.Invariant($"{milliseconds / 1000.0:0.#} s"),
            < 3_600_000 when milliseconds % 60_000 == 0 => $"{milliseconds / 60_000} min",
            < 3_600_000 => Format.Clock(TimeSpan.FromMilliseconds(milliseconds)),
            _ => FormattableString.Invariant($"{milliseconds / 3_600_000.0:0.#} h"),
        };
}

/// <summary>A mark on the axis.</summary>
/// <param name="At">0 to 1.</param>
public sealed record TimelineTick(double At, string Label);

/// <summary>A step.</summary>
/// <param name="Lanes">How many bars may lie above each other.</param>
/// <param name="Note">How long it took, or what it waits for.</param>
public sealed record TimelineRow(string StepId, string Label, IReadOnlyList<TimelineBar> Bars, int Lanes, string Note, string Tone);

/// <summary>An attempt.</summary>
/// <param name="Start">0 to 1.</param>
/// <param name="Width">0 to 1.</param>
public sealed record TimelineBar(double Start, double Width, int Lane, string Tone, bool IsLive, string Title);
