using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Prompts;

/// <summary>The door of the feature.</summary>
public static class PromptsSetup
{
    public static IServiceCollection AddPrompts(this IServiceCollection services) =>
        services
            .AddSingleton<PromptService>()
            .AddSingleton<PromptLabelService>()
            .AddSingleton<PromptBulkService>()
            .AddSingleton<PromptVersions>();
}
