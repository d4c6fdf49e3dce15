using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Models;

/// <summary>The door of the feature.</summary>
public static class ModelsSetup
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services;
}
