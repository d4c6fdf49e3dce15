using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Markdown;

namespace PromptPilot.Web.Features.Runs;

/// <summary>Everything the run page shows at one moment, computed from the run's view, the texts so far and the clock.</summary>
public sealed record RunPageModel(RunState Run, TimelineModel Timeline, IReadOnlyList<StepCardModel> Steps, string? Clock)
{
    /// <summary>The moment shown, UTC.</summary>
    public DateTime At { get; init; }

    /// <param name="live">The rendered text of an attempt that is or was followed while it was written; null for any other.</param>
    /// <param name="now">UTC.</param>
    public static RunPageModel Of(RunState run, Func<StepState, AttemptState, MarkdownView?> live, DateTime now)
    {
        var read = run.Steps.SelectMany(step => step.Reads).ToHashSet();
        var cards = run
            .Steps.Select(step => Card(run, step, !read.Contains(step.OutputKey), live, now))
            .OrderBy(card => Interest(run, card))
            .ThenByDescending(card =>
                card is { IsFinal: true, Step.Status: StepStatus.Succeeded } && run.IsFinished ? null : EndOf(card.Step)
            )
            .ThenBy(card => card.Step.Order)
            .ToList();
        var clock = run.Status switch
        {
            RunStatus.Queued => Format.Clock(now - run.QueuedAt),
            RunStatus.Running or RunStatus.Waiting => Format.Clock(now - (run.StartedAt ?? run.QueuedAt)),
            RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.TimedOut => run.DurationMs is { } took
                ? Format.Duration(took)
                : null,
        };
        return new RunPageModel(run, TimelineModel.Of(run, now), Open(cards, run.IsFinished), clock) { At = now };
    }

    /// <summary>A provider did not count the tokens of at least one call; they are estimated.</summary>
    public static bool HasEstimatedTokens(RunState run) =>
        run.Steps.Any(step => step.Attempts.Any(attempt => attempt.Log?.EstimatedTokens == true));

    /// <summary>The words for what started a run.</summary>
    public static string TriggerWord(TriggerType trigger) =>
        trigger switch
        {
            TriggerType.Manual => "manually",
            TriggerType.Scheduled => "by schedule",
            TriggerType.Webhook => "by webhook",
        };

    /// <summary>A value for display: a text unchanged, anything else as JSON.</summary>
    public static string Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            _ => JsonSerializer.Serialize(value, Indented),
        };

    /// <summary>Indented JSON. Other text is unchanged.</summary>
    /// <remarks>Kept as long as the text is: a page renders many times.</remarks>
    public static string Pretty(string json) => PrettyTexts.GetValue(json, Indent);

    private static string Indent(string json)
    {
        try
        {
            return json.Length <= MostIndented && IndentsOf(json) <= MostIndented
                ? JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(json), Indented)
                : json;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return json;
        }
    }

    /// <summary>
    /// The number of blanks that indenting adds. Many small, deeply nested values can make the text a hundred times as long.
    /// </summary>
    private static long IndentsOf(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        var blanks = 0L;
        while (reader.Read())
        {
            blanks += 2L * reader.CurrentDepth;
        }

        return blanks;
    }

    /// <summary>The most results and failures opened automatically, since a wide workflow can have a hundred.</summary>
    private const int MostOpen = 4;

    /// <summary>Length in characters. Longer JSON is shown without indenting.</summary>
    private const int MostIndented = 512 * 1024;

    private static readonly ConditionalWeakTable<string, string> PrettyTexts = [];

    private static readonly JsonSerializerOptions Indented = new(AppJson.Options) { WriteIndented = true };

    /// <summary>
    /// Active steps come first, then failed ones, then the result, present or expected, then finished ones, newest first.
    /// </summary>
    private static int Interest(RunState run, StepCardModel card) =>
        card.Step.Status switch
        {
            StepStatus.Running or StepStatus.Waiting => 0,
            StepStatus.Pending when card.Wait is not null => 0,
            StepStatus.Failed => 1,
            StepStatus.Pending => card.IsFinal && !run.IsFinished ? 2 : 5,
            StepStatus.Succeeded => card.IsFinal && run.IsFinished ? 2 : 3,
            StepStatus.Cancelled => 4,
            StepStatus.Skipped => 6,
        };

    private static DateTime? EndOf(StepState step) => step.Attempts.Max(attempt => attempt.EndedAt);

    /// <summary>Active and failed steps are open, and, once the run has ended, the first few results.</summary>
    private static IReadOnlyList<StepCardModel> Open(List<StepCardModel> cards, bool runIsFinished)
    {
        var ended = 0;
        return [.. cards.Select(card => card with { Opens = IsMoving(card) || (IsOutcome(card) && ++ended <= MostOpen) })];

        static bool IsMoving(StepCardModel card) => card.Wait is not null || card.Step.Status is StepStatus.Running or StepStatus.Waiting;

        bool IsOutcome(StepCardModel card) =>
            card.Step.Status == StepStatus.Failed || (card is { IsFinal: true, Step.Status: StepStatus.Succeeded } && runIsFinished);
    }

    private static StepCardModel Card(
        RunState run,
        StepState step,
        bool isFinal,
        Func<StepState, AttemptState, MarkdownView?> live,
        DateTime now
    )
    {
        var outputs = step
            .Attempts.GroupBy(attempt => attempt.ItemIndex)
            .OrderBy(item => item.Key)
            .Select(item => item.Last())
            .Select(attempt => Output(attempt, live(step, attempt), now, run.IsFinished))
            .ToList();
        return new StepCardModel(step, isFinal, outputs)
        {
            Wait = run.IsFinished ? null : Wait(step, now),
            Summary = outputs.Count == 0 ? StepSummary.Of(run, step) : null,
        };
    }

    /// <summary>What a failed step waits for before its retry.</summary>
    private static string? Wait(StepState step, DateTime now)
    {
        var next = step
            .Attempts.GroupBy(attempt => attempt.ItemIndex)
            .Select(attempts => attempts.Last())
            .Where(last => last is { IsOpen: false, RetryAt: not null })
            .MinBy(last => last.RetryAt);
        if (next is null || step.Status is StepStatus.Succeeded or StepStatus.Failed)
        {
            return null;
        }

        var seconds = Math.Ceiling((next.RetryAt!.Value - now).TotalSeconds);
        var when = seconds > 0 ? $"Retrying in {Format.Clock(TimeSpan.FromSeconds(seconds))}" : "Retrying as soon as a slot is free";
        return $"{when}. Attempt {next.Attempt} of at most "
            + $"{step.Options.Attempts}{(next.ItemIndex is { } item ? $" of item {item + 1}" : "")} failed: {next.ErrorMessage}";
    }

    private static StepOutputModel Output(AttemptState attempt, MarkdownView? live, DateTime now, bool runIsFinished)
    {
        var isLive = attempt.IsOpen && !runIsFinished;
        var milliseconds = attempt.DurationMs ?? (isLive ? (long)(now - attempt.StartedAt).TotalMilliseconds : null);

        // While it streams the provider has not counted yet: four characters a token is the usual estimate.
        var tokens = attempt.IsOpen ? (live?.Length ?? 0) / 4 : attempt.OutputTokens;
        var writing = (milliseconds ?? 0) - (attempt.FirstTokenMs ?? 0);
        double? speed = tokens > 0 && writing >= 100 ? tokens * 1000.0 / writing : null;
        return new StepOutputModel(attempt, live, isLive, milliseconds, tokens, speed);
    }
}

/// <summary>A step's card.</summary>
/// <param name="IsFinal">No other step reads it: one of the run's results.</param>
/// <param name="Outputs">One, or one an item; each from its latest attempt.</param>
public sealed record StepCardModel(StepState Step, bool IsFinal, IReadOnlyList<StepOutputModel> Outputs)
{
    /// <summary>What a failed step waits for before its retry; null without one.</summary>
    public string? Wait { get; init; }

    /// <summary>Without an output: what the step waits for, or why there is none.</summary>
    public string? Summary { get; init; }

    /// <summary>It is shown open until the reader folds it.</summary>
    public bool Opens { get; init; }

    /// <summary>The number of ended items.</summary>
    public int Done => Outputs.Count(output => !output.Attempt.IsOpen && output.Attempt.RetryAt is null);

    /// <summary>Whether both would look the same.</summary>
    public bool LooksLike(StepCardModel other) =>
        Step == other.Step
        && (Wait, Summary, IsFinal, Opens) == (other.Wait, other.Summary, other.IsFinal, other.Opens)
        && Outputs.SequenceEqual(other.Outputs);
}

/// <summary>The text of the latest attempt.</summary>
/// <param name="Live">The live view of the text; null if it was complete from the start.</param>
/// <param name="Tokens">Output tokens; estimated while it is live.</param>
/// <param name="TokensPerSecond">From the first token on.</param>
public sealed record StepOutputModel(
    AttemptState Attempt,
    MarkdownView? Live,
    bool IsLive,
    long? Milliseconds,
    int Tokens,
    double? TokensPerSecond
)
{
    /// <summary>Rendered when it is asked for: of a thousand items few are looked at.</summary>
    public MarkdownView Text => Live ?? MarkdownStream.Of(Attempt.Text);
}
