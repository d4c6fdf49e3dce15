namespace PromptPilot.Web.Features.Feedback;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class FeedbackEndpoints
{
    public static IEndpointRouteBuilder MapFeedback(this IEndpointRouteBuilder api) => api;
}
