using System.Globalization;
using PromptPilot.Core.Insights;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Insights;

/// <summary>The change of a figure from the previous range.</summary>
/// <param name="Tone"><c>ok</c> for better, <c>err</c> for worse, <c>muted</c> for neither.</param>
internal sealed record FigureChange(string Text, string Tone);

/// <summary>A figure at the top of the page.</summary>
internal sealed record HeadFigure(string Name, string Value, FigureChange? Change);

/// <summary>Formats figures for display.</summary>
internal static class InsightsText
{
    private const string None = "–";
    private const string Minus = "−";

    public static string Percent(double? share) => share is { } value ? Number(value * 100, "0.0") + "%" : None;

    public static string Latency(long? milliseconds) => milliseconds is { } value ? Format.Duration(value) : None;

    public static string Cost(decimal? usd) => usd is { } value ? Format.Money(Money.ToNanos(value)) : None;

    public static string Rating(double? mean) => mean is { } value ? Number(value, "0.0") : None;

    public static string Tokens(InsightsFigures figures) =>
        figures.InputTokens is { } input && figures.OutputTokens is { } output ? Format.Tokens(input + output) : None;

    public static string GroupName(InsightsGroup group) =>
        group switch
        {
            InsightsGroup.Workflow => "Workflow",
            InsightsGroup.Trigger => "Trigger",
            InsightsGroup.Person => "Person",
            InsightsGroup.PromptVersion => "Prompt",
            InsightsGroup.Model => "Model",
        };

    public static string PerUnit(InsightsUnit unit) =>
        unit switch
        {
            InsightsUnit.Hour => "Per hour",
            InsightsUnit.Day => "Per day",
            InsightsUnit.Week => "Per week",
        };

    /// <summary>The label of a point: 29 Oct 14:00, 29 Oct, or 29 Oct 2026 for a week, which can be of last year.</summary>
    public static string Point(DateTime start, InsightsUnit unit) =>
        start.ToString(
            unit switch
            {
                InsightsUnit.Hour => "d MMM HH:mm",
                InsightsUnit.Day => "d MMM",
                InsightsUnit.Week => "d MMM yyyy",
            },
            CultureInfo.InvariantCulture
        );

    /// <summary>The range as text: 29 Oct – 27 Nov.</summary>
    public static string Range(InsightsReport report)
    {
        var last = report.Unit == InsightsUnit.Hour ? report.To : report.To.AddDays(-1);
        return $"{Point(report.From, report.Unit)} – {Point(last, report.Unit)} UTC";
    }

    /// <param name="count">The name of the counted items, e.g. “Runs”.</param>
    public static IReadOnlyList<HeadFigure> Head(InsightsFigures now, InsightsFigures? before, string count)
    {
        var had = before is { Count: > 0 } ? before : null;
        return
        [
            new(count, Format.Count(now.Count), Share(now.Count, had?.Count)),
            new("Succeeded", Percent(now.SuccessRate), Points(now.SuccessRate, had?.SuccessRate)),
            new("Latency p50", Latency(now.LatencyP50Ms), Time(now.LatencyP50Ms, had?.LatencyP50Ms)),
            new("Latency p95", Latency(now.LatencyP95Ms), Time(now.LatencyP95Ms, had?.LatencyP95Ms)),
            new("Tokens", Tokens(now), Share(now.InputTokens + now.OutputTokens, had?.InputTokens + had?.OutputTokens)),
            new("Cost", Cost(now.Cost), Share(now.Cost, had?.Cost)),
            new("Rating", Rating(now.AverageRating), Difference(now.AverageRating, before?.AverageRating)),
        ];
    }

    private static FigureChange? Share(decimal? now, decimal? before) =>
        now is { } value && before is > 0
            ? new FigureChange(Signed((double)((value - before.Value) / before.Value * 100), "0") + "%", "muted")
            : null;

    private static FigureChange? Points(double? now, double? before) => Changed((now - before) * 100, "0.0", " pts", isMoreBetter: true);

    private static FigureChange? Difference(double? now, double? before) => Changed(now - before, "0.0", "", isMoreBetter: true);

    private static FigureChange? Time(long? now, long? before) => Changed((now - before) / 1000.0, "0.0", " s", isMoreBetter: false);

    private static FigureChange? Changed(double? change, string format, string unit, bool isMoreBetter)
    {
        if (change is not { } value)
        {
            return null;
        }

        var text = Signed(value, format);
        var isSame = text.TrimStart('+', Minus[0]).All(digit => digit is '0' or '.');
        return new FigureChange(
            text + unit,
            isSame ? "muted"
                : value > 0 == isMoreBetter ? "ok"
                : "err"
        );
    }

    private static string Signed(double value, string format) => (value < 0 ? Minus : "+") + Number(Math.Abs(value), format);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
