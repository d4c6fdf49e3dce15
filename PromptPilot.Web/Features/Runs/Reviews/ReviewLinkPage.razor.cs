using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs.Reviews;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Reviews;

/// <summary>Where the link in a message leads: on to the run that waits, or to why there is nothing to answer.</summary>
public sealed partial class ReviewLinkPage(PageServices services, ReviewLinkService links) : PortalPage(services)
{
    private LinkedReview? _review;
    private ReviewLinkText? _text;

    [Parameter, EditorRequired]
    public required string Link { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var found = await links.FindAsync(await ActorAsync(), Link, Left);
        (Problem, _review) = (found.Problem, found.IsOk ? found.Value : null);
        _text = _review is null ? null : ReviewLinkText.Of(_review);
        if (_review is not null && _text is null)
        {
            Navigation.NavigateTo($"runs/{_review.RunId}", replace: true);
        }
    }
}

/// <summary>Why a link leads no further.</summary>
internal sealed record ReviewLinkText(string Title, string Advice)
{
    /// <returns>Null: the review is open.</returns>
    public static ReviewLinkText? Of(LinkedReview review)
    {
        var what = $"The output “{review.OutputKey}” of “{review.WorkflowName}”";
        return review.State switch
        {
            ReviewLinkState.Open => null,
            ReviewLinkState.Answered => new(
                "This review has already been answered",
                $"{what} was {RunAdvice.Word(review.Verdict!.Value).ToLowerInvariant()}. The run has the details."
            ),
            ReviewLinkState.RunEnded => new(
                "This review is no longer needed",
                $"The run ended before anyone answered. {what} was not reviewed."
            ),
            ReviewLinkState.Expired => new(
                "This link has expired",
                $"{what} is still waiting. Open the run to answer, if your role allows it."
            ),
            ReviewLinkState.NotAllowed => new(
                "You cannot answer this review",
                $"{what} is waiting, but your role does not allow you to answer. Ask a collaborator, an architect or an admin."
            ),
        };
    }
}
