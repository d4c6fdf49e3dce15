using System.Globalization;
using PromptPilot.Core.Insights.Arms;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Workflows.Arms;

/// <summary>Formats the figures of an A/B test.</summary>
internal static class ArmText
{
    private const string None = "–";

    public static string Errors(ArmResult arm) => arm.Calls == 0 ? None : Percent(arm.ErrorRate.Rate);

    public static string? ErrorRange(ArmResult arm) =>
        arm.Calls == 0 ? null : Range(Percent(arm.ErrorRate.Low), Percent(arm.ErrorRate.High));

    public static string Rating(ArmResult arm) => arm.Rating is { } rating ? $"{Stars(rating.Mean)} ({Format.Count(arm.Ratings)})" : None;

    public static string? RatingRange(ArmResult arm) =>
        arm.Rating is { } rating ? Range(Stars(Math.Max(1, rating.Low)), Stars(Math.Min(5, rating.High))) : null;

    public static string Cost(ArmResult arm) => arm.Cost is { } cost ? Dollars(cost.Mean) : None;

    public static string? CostRange(ArmResult arm) => arm.Cost is { } cost ? Range(Dollars(cost.Low), Dollars(cost.High)) : null;

    public static string Latency(ArmResult arm) => arm.LatencyMs is { } latency ? Format.Duration((long)latency.Mean) : None;

    public static string? LatencyRange(ArmResult arm) =>
        arm.LatencyMs is { } latency ? Range(Format.Duration((long)latency.Low), Format.Duration((long)latency.High)) : null;

    /// <summary>Null if both ends are formatted alike: the figure already says as much.</summary>
    private static string? Range(string low, string high) => low == high ? null : $"{low} to {high}";

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%";

    private static string Stars(double rating) => rating.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Dollars(double usd) => Format.Money(Money.ToNanos((decimal)usd));
}
