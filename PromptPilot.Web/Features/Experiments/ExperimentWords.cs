using System.Globalization;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Experiments.Statistics;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Experiments;

/// <summary>Experiments in words and signs.</summary>
internal static class ExperimentWords
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    public static (string Word, string Sign, string Tone) Of(ExperimentStatus status) =>
        status switch
        {
            ExperimentStatus.Running => ("Running", "▶", "run"),
            ExperimentStatus.Finished => ("Finished", "✓", "ok"),
            ExperimentStatus.Cancelled => ("Cancelled", "■", ""),
        };

    public static (string Word, string Sign, string Tone) Of(CellStatus status) =>
        status switch
        {
            CellStatus.Waiting => ("Queued", "○", ""),
            CellStatus.Running => ("Running", "▶", "run"),
            CellStatus.Passed => ("Passed", "✓", "ok"),
            CellStatus.Failed => ("Failed", "✕", "bad"),
            CellStatus.Unchecked => ("No check applies", "–", ""),
            CellStatus.Error => ("Error", "!", "warn"),
        };

    public static (string Word, string Sign, string Tone) Of(Change change) =>
        change switch
        {
            Change.Better => ("better", "▲", "ok"),
            Change.Worse => ("worse", "▼", "bad"),
            Change.Same => ("same", "=", ""),
            Change.Unknown => ("", "", ""),
        };

    public static string Of(CheckOutcome outcome) =>
        outcome switch
        {
            CheckOutcome.Passed => "passed",
            CheckOutcome.Failed => "failed",
            CheckOutcome.Skipped => "does not apply",
            CheckOutcome.Error => "could not be decided",
        };

    public static string ToneOf(CheckOutcome outcome) =>
        outcome switch
        {
            CheckOutcome.Passed => "ok",
            CheckOutcome.Failed => "bad",
            CheckOutcome.Skipped => "",
            CheckOutcome.Error => "warn",
        };

    /// <summary>The version of a variant as text, where no element can be.</summary>
    public static string VersionOf(Variant variant) =>
        variant.DraftAt is { } at ? string.Create(English, $"draft of {at:yyyy-MM-dd HH:mm} UTC") : variant.Title;

    /// <summary>79% (52–92).</summary>
    public static string Of(PassRate rate) => string.Create(English, $"{rate.Rate * 100:0}% ({rate.Low * 100:0}–{rate.High * 100:0})");

    /// <summary>How reliable a judge is.</summary>
    public static string Of(JudgeAgreement judge)
    {
        var (both, onlyJudge, onlyPeople, none) = (
            judge.Agreement.BothPass,
            judge.Agreement.OnlyFirst,
            judge.Agreement.OnlySecond,
            judge.Agreement.BothFail
        );
        var count = both + onlyJudge + onlyPeople + none;
        var who = $"{judge.Judge.Check} ({judge.Judge.PromptVersion} on {judge.Judge.ProfileName})";
        return count == 0
            ? $"{who}: rate some of these outputs to see how well it agrees with people."
            : $"{who} agrees with people on {Format.Count(both + none)} of {Format.Count(count, "rating")}"
                + (judge.Agreement.Kappa is { } kappa ? $", Cohen’s κ {kappa.ToString("0.00", English)}" : "")
                + $": both pass {both}, both fail {none}, only the judge passes {onlyJudge}, only people pass {onlyPeople}.";
    }

    public static (string Word, string Sign, string Tone) Of(BatchRowStatus status) =>
        status switch
        {
            BatchRowStatus.Queued => ("Queued", "○", ""),
            BatchRowStatus.Running => ("Running", "▶", "run"),
            BatchRowStatus.Succeeded => ("Succeeded", "✓", "ok"),
            BatchRowStatus.Failed => ("Failed", "✕", "bad"),
        };

    /// <summary>How long it will take.</summary>
    public static string TimeOf(ExperimentPreview preview) =>
        preview.Seconds switch
        {
            null => "The duration is unknown because a model profile has not made any calls yet.",
            < 1 => "It takes about a second.",
            { } seconds => $"It takes about {Format.Duration((long)Math.Round(seconds) * 1000)}.",
        };

    public static string Usd(decimal? usd) => usd is { } value ? Format.Money((long)(value * 1_000_000_000m)) : "–";

    public static string Median(double? milliseconds) => milliseconds is { } value ? Format.Duration((long)value) : "–";
}
