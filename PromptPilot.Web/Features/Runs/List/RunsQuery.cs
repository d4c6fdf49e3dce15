using PromptPilot.Core.Runs;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.List;

/// <summary>
/// The filter of the runs list, as in the URL. <c>From</c> and <c>To</c> are instants and need <see cref="RunTimes.Days"/>.
/// </summary>
public sealed record RunsQuery(
    string? Text = null,
    string? Workflow = null,
    string? Status = null,
    string? Trigger = null,
    string? By = null,
    string? Since = null,
    string? From = null,
    string? To = null,
    string? Pinned = null,
    string? Draft = null
)
{
    internal bool IsFiltered => this with { From = null, To = null } != new RunsQuery();

    /// <param name="now">When the time was chosen, in UTC.</param>
    internal RunFilter ToFilter(DateTime now) =>
        new(
            Workflow,
            QueryWord.Enum<RunStatus>(Status),
            QueryWord.Enum<TriggerType>(Trigger),
            By,
            Text: Text,
            Pinned: QueryWord.Flag(Pinned),
            IsDraft: QueryWord.Flag(Draft)
        )
        {
            From = Since == RunTimes.Days ? RunTimes.Parse(From) : RunTimes.From(Since, now),
            To = Since == RunTimes.Days ? RunTimes.Parse(To) : null,
        };
}
