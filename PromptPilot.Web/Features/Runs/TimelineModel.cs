using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Runs;

/// <summary>
/// Flow and timeline of a run in one list, computed from its state and the clock: a row per step in levels of the data flow, with its bars
/// as fractions of one time axis.
/// </summary>
/// <param name="Now">The current time on the axis, 0 to 1; null once the run has ended.</param>
public sealed record TimelineModel(IReadOnlyList<TimelineTick> Ticks, IReadOnlyList<TimelineRow> Rows, double? Now = null)
{
    private const int MaxTicks = 5;

    /// <summary>The most bars for a list. Neighboring items share a bar, so a thousand items stay readable.</summary>
    private const int Slots = 80;

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

    /// <summary>The number of steps that ended with an output, or were skipped by their condition.</summary>
    public int Done => Rows.Count(row => row.Status is StepStatus.Succeeded or StepStatus.Skipped);

    /// <summary>“3 of 5 done”, and how many steps failed.</summary>
    public string Progress
    {
        get
        {
            var failed = Rows.Count(row => row.Status == StepStatus.Failed);
            return $"{Done} of {Rows.Count} done{(failed == 0 ? "" : $", {failed} failed")}";
        }
    }

    /// <param name="now">UTC; where open attempts have got to.</param>
    public static TimelineModel Of(RunState run, DateTime now)
    {
        var start = Earliest(run);
        var end = run.FinishedAt ?? now;
        var total = Math.Max(1, (long)(Latest(run, end) - start).TotalMilliseconds);
        var step = Steps.FirstOrDefault(s => total <= s * MaxTicks, Steps[^1] * ((total / Steps[^1] / MaxTicks) + 1));

        // While it runs the axis ends at a tick, so that bars grow and the scale rarely changes.
        var axis = (total + step - 1) / step * step;
        var ticks = Enumerable
            .Range(0, (int)(axis / step) + 1)
            .Select(i => new TimelineTick((double)(i * step) / axis, Label(i * step)))
            .ToList();
        var scale = new Scale(start, end, axis);
        var levels = Levels(run);
        var rows = new List<TimelineRow>(run.Steps.Count);
        foreach (var (state, level) in run.Steps.Select(s => (s, levels[s.OutputKey])).OrderBy(s => s.Item2).ThenBy(s => s.s.Order))
        {
            rows.Add(Row(run, state, scale, now) with { StartsLevel = rows.Count == 0 || rows[^1].Level != level, Level = level });
        }

        return new TimelineModel(ticks, rows, run.IsFinished ? null : scale.Fraction(end));
    }

    /// <summary>The failed attempt that the next one follows.</summary>
    internal static AttemptState? RetryOf(StepState step) => step.Attempts is [.., { IsOpen: false, RetryAt: not null } last] ? last : null;

    /// <summary>Keys of the steps that have to end before a step starts.</summary>
    internal static IReadOnlyList<string> WaitsFor(RunState run, StepState step) =>
        [
            .. step
                .Reads.Where(key =>
                    run.Steps.Any(s => s.OutputKey == key && s.Status is StepStatus.Pending or StepStatus.Running or StepStatus.Waiting)
                )
                .Distinct(),
        ];

    /// <summary>From a step's first attempt to its last one's end, or so far; null where no call was made.</summary>
    internal static string? Time(RunState run, StepState step, DateTime now)
    {
        var made = step.Attempts.Where(attempt => !attempt.IsReused).ToList();
        if (made.Count == 0)
        {
            return null;
        }

        if (made is [{ DurationMs: { } took }])
        {
            // The event of the end also counts the way to the database.
            return Format.Duration(took);
        }

        var start = made.Min(attempt => attempt.StartedAt);
        return made.All(attempt => !attempt.IsOpen)
                ? Format.Duration((long)(made.Max(attempt => attempt.EndedAt!.Value) - start).TotalMilliseconds)
            : run.IsFinished ? null
            : Format.Clock(now - start);
    }

    /// <summary>The length of the longest way to each step, by output key: 0 for steps that read inputs only.</summary>
    private static Dictionary<string, int> Levels(RunState run)
    {
        var levels = new Dictionary<string, int>();
        foreach (var step in run.Steps.OrderBy(step => step.Order))
        {
            levels[step.OutputKey] = step.Reads.Select(key => levels.GetValueOrDefault(key, -1) + 1).DefaultIfEmpty(0).Max();
        }

        return levels;
    }

    private static TimelineRow Row(RunState run, StepState step, Scale scale, DateTime now)
    {
        var isLive = !run.IsFinished && step.Status == StepStatus.Running && step.Attempts.Any(attempt => attempt.IsOpen);
        var made = step.Attempts.Where(attempt => !attempt.IsReused).ToList();
        return new TimelineRow(
            step.StepId,
            step.OutputKey,
            step.Status,
            step.ItemCount is null ? [.. made.Select(attempt => Bar(run, step, attempt, scale))] : Merged(run, step, made, scale)
        )
        {
            IsLive = isLive,
            Attempts = step.ItemCount is not null || made.Count == 0 ? 0 : made.Max(attempt => attempt.Attempt),
            Items = step.ItemCount is { } count ? $"{Format.Count(step.DoneItems)} of {Format.Count(count)}" : null,
            Time = Time(run, step, now),
            Tokens = made.Sum(attempt => (long)attempt.OutputTokens),
            Note = Note(run, step),
        };
    }

    private static TimelineBar Bar(RunState run, StepState step, AttemptState attempt, Scale scale)
    {
        var isLive = attempt.IsOpen && !run.IsFinished;
        var until = attempt.EndedAt ?? scale.End;
        return new TimelineBar(
            scale.Fraction(attempt.StartedAt),
            isLive ? null : Math.Max(0.003, scale.Fraction(until) - scale.Fraction(attempt.StartedAt)),
            Tone(run, step, attempt),
            $"Attempt {attempt.Attempt}: "
                + (isLive ? "running" : Format.Duration(attempt.DurationMs ?? (long)(until - attempt.StartedAt).TotalMilliseconds))
        );
    }

    /// <summary>Merges the items of a list into few bars, each with the worst status of its time.</summary>
    private static List<TimelineBar> Merged(RunState run, StepState step, List<AttemptState> made, Scale scale)
    {
        var slots = new string?[Slots];
        foreach (var attempt in made)
        {
            var tone = Tone(run, step, attempt);
            var last = Math.Min(Slots - 1, (int)(scale.Fraction(attempt.EndedAt ?? scale.End) * Slots));
            for (var slot = Math.Min(Slots - 1, (int)(scale.Fraction(attempt.StartedAt) * Slots)); slot <= last; slot++)
            {
                slots[slot] = Rank(tone) > Rank(slots[slot]) ? tone : slots[slot];
            }
        }

        var bars = new List<TimelineBar>();
        for (var from = 0; from < Slots; )
        {
            var to = from + 1;
            while (to < Slots && slots[to] == slots[from])
            {
                to++;
            }

            if (slots[from] is { } tone)
            {
                var isLive = tone == "run" && Array.FindIndex(slots, to, slot => slot is not null) < 0;
                bars.Add(new TimelineBar((double)from / Slots, isLive ? null : (double)(to - from) / Slots, tone, ""));
            }

            from = to;
        }

        return bars;
    }

    private static int Rank(string? tone) =>
        tone switch
        {
            "bad" => 4,
            "warn" => 3,
            "run" => 2,
            "ok" => 1,
            _ => 0,
        };

    private static string Tone(RunState run, StepState step, AttemptState attempt) =>
        attempt.Status switch
        {
            ExecutionStatus.Success => "ok",
            null when !run.IsFinished => "run",
            _ when step.Status == StepStatus.Cancelled => "",
            _ => attempt.RetryAt is not null
            || step.Attempts.Any(next => next.ItemIndex == attempt.ItemIndex && next.Attempt > attempt.Attempt)
                ? "warn"
                : "bad",
        };

    private static string? Note(RunState run, StepState step) =>
        step.Status switch
        {
            StepStatus.Pending when run.IsFinished => "not reached",
            StepStatus.Pending when RetryOf(step) is { } retry => $"attempt {retry.Attempt} failed, retrying",
            StepStatus.Pending => WaitsFor(run, step) is { Count: > 0 } open ? "after " + string.Join(", ", open) : "waiting for a slot",
            StepStatus.Waiting => "waiting for review",
            StepStatus.Succeeded when step.IsDefaulted && step.ItemCount is null => "default used",
            StepStatus.Succeeded when step.IsReused && step.Attempts.All(a => a.IsReused) => "reused",
            StepStatus.Failed when step.Review?.Verdict == ReviewVerdict.Reject => "rejected",
            StepStatus.Failed => step.Attempts is [.., { ErrorCode: { } code }] ? RunAdvice.Word(code) : "failed",
            StepStatus.Skipped => "skipped",
            StepStatus.Cancelled => "cancelled",
            StepStatus.Running or StepStatus.Succeeded => null,
        };

    private static DateTime Earliest(RunState run)
    {
        var started = run.StartedAt ?? run.QueuedAt;
        return run.Steps.SelectMany(s => s.Attempts).Where(a => !a.IsReused).Select(a => a.StartedAt).Append(started).Min();
    }

    private static DateTime Latest(RunState run, DateTime end) =>
        run.Steps.SelectMany(s => s.Attempts).Where(a => !a.IsReused).Select(a => a.EndedAt ?? end).Append(end).Max();

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

    /// <param name="Axis">Milliseconds.</param>
    private readonly record struct Scale(DateTime Start, DateTime End, long Axis)
    {
        public double Fraction(DateTime at) => Math.Clamp((at - Start).TotalMilliseconds / Axis, 0, 1);
    }
}
