using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Workflows;

/// <summary>The door of the feature.</summary>
public static class WorkflowsSetup
{
    public static IServiceCollection AddWorkflows(this IServiceCollection services) =>
        services.AddSingleton<WorkflowVersions>().AddSingleton<WorkflowService>().AddSingleton<StepPickerService>()
        .AddSingleton<Samples.SampleWorkspace>();
}
