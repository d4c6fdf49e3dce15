using System.Globalization;
using PromptPilot.Core.Insights;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Insights;

/// <summary>
/// The range and filters of insights, as in the URL. <c>From</c> and <c>To</c> are UTC days, both inclusive, and override a range.
/// </summary>
public sealed record InsightsQuery(
    string? Range,
    string? From,
    string? To,
    string? Unit,
    string? Group,
    string? Workflow,
    string? Trigger,
    string? Person,
    string? Prompt,
    string? Model,
    string? Compare
)
{
    private const string DayFormat = "yyyy-MM-dd";

    /// <summary>Ranges up to now.</summary>
    internal static readonly (string Word, string Name, string Before, int Hours)[] Ranges =
    [
        ("24h", "24 h", "previous 24 hours", 24),
        ("7d", "7 d", "previous 7 days", 7 * 24),
        ("30d", "30 d", "previous 30 days", 30 * 24),
        ("90d", "90 d", "previous 90 days", 90 * 24),
        ("1y", "1 y", "previous 365 days", 365 * 24),
    ];

    internal InsightsGroup GroupBy => QueryWord.Enum<InsightsGroup>(Group) ?? InsightsGroup.Workflow;

    internal bool IsOfRuns => GroupBy is InsightsGroup.Workflow or InsightsGroup.Trigger or InsightsGroup.Person;

    internal bool IsCustom => From is not null || To is not null;

    internal string RangeWord =>
        IsCustom ? ""
        : Ranges.Any(range => range.Word == Range) ? Range!
        : "30d";

    internal string Before => IsCustom ? "previous period" : Ranges.Single(range => range.Word == RangeWord).Before;

    internal bool Compares => Compare != "no";

    /// <summary>With another group, without filters that do not apply to it.</summary>
    internal InsightsQuery By(InsightsGroup group)
    {
        var query = this with { Group = group == InsightsGroup.Workflow ? null : group.ToString() };
        return query.IsOfRuns ? query with { Prompt = null, Model = null } : query with { Trigger = null, Person = null };
    }

    internal InsightsFilter ToFilter(DateTime now)
    {
        var hours = IsCustom ? 0 : Ranges.Single(range => range.Word == RangeWord).Hours;
        var to = Day(To)?.AddDays(1) ?? now;
        var from = IsCustom ? Day(From) : RoundedStart(to, hours);
        return new InsightsFilter(
            from,
            to,
            QueryWord.Enum<InsightsUnit>(Unit),
            GroupBy,
            Compares,
            Workflow,
            IsOfRuns ? QueryWord.Enum<TriggerType>(Trigger) : null,
            IsOfRuns ? Person : null,
            IsOfRuns ? null : Prompt,
            IsOfRuns ? null : Model
        );
    }

    internal static string Word(DateTime day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);

    /// <summary>Makes “30 days” thirty points, including the current hour or day.</summary>
    private static DateTime RoundedStart(DateTime to, int hours) =>
        hours <= 48 ? to.Date.AddHours(to.Hour + 1 - hours) : to.Date.AddDays(1 - (hours / 24));

    private static DateTime? Day(string? word) =>
        DateTime.TryParseExact(word, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
            ? day.ToUniversalTime()
            : null;
}
