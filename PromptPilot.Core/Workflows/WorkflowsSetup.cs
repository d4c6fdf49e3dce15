using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Users.Setup;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Core.Workflows.Samples;
using PromptPilot.Core.Workflows.Saving;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Workflows;

/// <summary>The door of the feature.</summary>
public static class WorkflowsSetup
{
    public static IServiceCollection AddWorkflows(this IServiceCollection services) =>
        services
            .AddSingleton<WorkflowVersions>()
            .AddSingleton<LiveLimits>()
            .WhenChangedElsewhere<LiveLimits>("Workflows", limits => limits.DropAll())
            .AddSingleton<WorkflowService>()
            .AddSingleton<WorkflowVersionService>()
            .AddSingleton<ModelReplacementService>()
            .AddSingleton<StepPickerService>()
            .AddSingleton<LastRunService>()
            .AddSingleton<SampleSchedules>()
            .AddSingleton<WorkflowSampleService>()
            .AddSingleton<SampleWorkspace>()
            .AddSingleton<IFirstAdminListener>(provider => provider.GetRequiredService<SampleWorkspace>());
}
