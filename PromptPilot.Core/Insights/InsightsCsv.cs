using System.Globalization;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Insights;

/// <summary>The tables of a report as CSV.</summary>
internal static class InsightsCsv
{
    private static readonly string[] FigureHead =
    [
        "count",
        "succeeded",
        "failed",
        "cancelled",
        "timedOut",
        "successRate",
        "latencyP50Ms",
        "latencyP95Ms",
        "inputTokens",
        "outputTokens",
        "costUsd",
        "ratings",
        "averageRating",
    ];

    public static byte[] Groups(InsightsReport report) =>
        CsvText.Write(["id", "name", .. FigureHead], report.Rows.Select(row => (string?[])[row.Id, row.Name, .. Figures(row.Figures)]));

    public static byte[] Series(InsightsReport report) =>
        CsvText.Write(
            ["start", .. FigureHead],
            report.Points.Select(point => (string?[])[CsvText.Time(point.Start), .. Figures(point.Figures)])
        );

    private static string?[] Figures(InsightsFigures figures) =>
        [
            Number(figures.Count),
            Number(figures.Succeeded),
            Number(figures.Failed),
            Number(figures.Cancelled),
            Number(figures.TimedOut),
            Share(figures.SuccessRate),
            Number(figures.LatencyP50Ms),
            Number(figures.LatencyP95Ms),
            Number(figures.InputTokens),
            Number(figures.OutputTokens),
            Number(figures.Cost),
            Number(figures.Ratings),
            Share(figures.AverageRating),
        ];

    private static string? Number(decimal? number) => number is { } value ? CsvText.Number(value) : null;

    private static string? Share(double? number) => number?.ToString("0.####", CultureInfo.InvariantCulture);
}
