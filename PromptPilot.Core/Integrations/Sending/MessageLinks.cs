using PromptPilot.Core.Runs.Reviews;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>The links in a message.</summary>
/// <param name="Page">The page of the run or change; null for a test.</param>
/// <param name="Reviews">A link to each review of the message, in their order.</param>
internal sealed record MessageLinks(string? Page, IReadOnlyList<string> Reviews)
{
    public static readonly MessageLinks None = new(null, []);

    /// <summary>The one that most readers want: the review, if there is one only.</summary>
    public string? Main => Reviews.Count == 1 ? Reviews[0] : Page;

    public string? OfReview(int index) => index < Reviews.Count ? Reviews[index] : null;
}

/// <summary>Makes the links of messages, with the address of the portal as it is now.</summary>
public sealed class HookLinks(PortalAddress portal, ReviewLinks reviews)
{
    internal MessageLinks Of(HookPayload payload) =>
        new(
            payload.Path is { } path ? portal.LinkTo(path) : null,
            payload.RunId is { } runId
                ? [.. payload.Reviews.Select(review => portal.LinkTo(reviews.PathOf(runId, review.StepId, payload.At, review.Until)))]
                : []
        );
}
