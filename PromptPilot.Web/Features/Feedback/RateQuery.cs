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
    /// <summary>The words of <see cref="Source"/>, as choices.</summary>
    internal static readonly IReadOnlyList<(string, string)> Sources =
    [
        (nameof(RatingSource.Drafts), "Draft runs"),
        (nameof(RatingSource.Playground), "Playground calls"),
        (nameof(RatingSource.Applications), "Application calls"),
        (nameof(RatingSource.Experiments), "Experiments"),
    ];

    internal bool IsFiltered => this with { Output = null } != new RateQuery();

    internal RatingFilter ToFilter() => new(Prompt, Workflow, Model, QueryWord.Enum<RatingSource>(Source) ?? RatingSource.Runs);
}
