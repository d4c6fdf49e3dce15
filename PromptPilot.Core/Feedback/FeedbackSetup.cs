using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Feedback;

/// <summary>The door of the feature.</summary>
public static class FeedbackSetup
{
    public static IServiceCollection AddFeedback(this IServiceCollection services) =>
        services
            .AddSingleton<FeedbackService>()
            .AddSingleton<FeedbackListService>()
            .AddSingleton<RatingClaims>()
            .AddSingleton<RatingQueueService>()
            .AddSingleton<RatingSummaryService>();
}
