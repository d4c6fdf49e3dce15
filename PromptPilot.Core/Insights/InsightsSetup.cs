using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Insights.Arms;

namespace PromptPilot.Core.Insights;

/// <summary>Registers the feature.</summary>
public static class InsightsSetup
{
    public static IServiceCollection AddInsights(this IServiceCollection services) =>
        services.AddSingleton<InsightsService>().AddSingleton<ArmService>();
}
