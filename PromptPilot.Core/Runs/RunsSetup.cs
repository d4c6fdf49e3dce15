using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Runs;

/// <summary>The door of the feature.</summary>
public static class RunsSetup
{
    public static IServiceCollection AddRuns(this IServiceCollection services) => services;
}
