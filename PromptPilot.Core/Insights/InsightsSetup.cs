using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Insights;

/// <summary>Registers the feature.</summary>
public static class InsightsSetup
{
    public static IServiceCollection AddInsights(this IServiceCollection services) => services.AddSingleton<InsightsService>();
}
