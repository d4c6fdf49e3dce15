using PromptPilot.Core.Feedback;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>The queue as its address filters it.</summary>
/// <param name="Output">Id of the log of the output to open first.</param>
public sealed record RateQuery(
    string? Prompt = null,
    string? Workflow = null,
    string? Model = null,
    string? Source = null,
    string? Output = null
)
{
    internal bool IsFiltered => this with { Output = null } != new RateQuery();

    internal RatingFilter ToFilter() => new(Prompt, Workflow, Model, QueryWord.Enum<RatingSource>(Source) ?? RatingSource.Runs);
}
