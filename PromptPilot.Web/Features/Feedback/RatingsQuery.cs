using System.Globalization;
using PromptPilot.Core.Feedback;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Runs;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>The list of ratings as its address filters it. <c>Max</c> is the highest rating that is shown.</summary>
public sealed record RatingsQuery(
    string? Max = null,
    string? Prompt = null,
    string? Workflow = null,
    string? Model = null,
    string? Person = null,
    string? Tag = null,
    string? Corrected = null,
    string? From = null,
    string? To = null
)
{
    /// <summary>Apart from the tab that is open.</summary>
    internal bool IsFiltered => this with { Max = null } != new RatingsQuery();

    internal FeedbackFilter ToFilter() =>
        new(
            Prompt,
            Workflow,
            Model,
            Person,
            MaxRating: int.TryParse(Max, NumberStyles.None, CultureInfo.InvariantCulture, out var max) ? max : null,
            Tag: Tag,
            HasCorrection: QueryWord.Flag(Corrected),
            From: RunTimes.Parse(From),
            To: RunTimes.Parse(To)
        );
}
