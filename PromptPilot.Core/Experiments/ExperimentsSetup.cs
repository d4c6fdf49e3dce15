using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Experiments;

/// <summary>The door of the feature.</summary>
public static class ExperimentsSetup
{
    public static IServiceCollection AddExperiments(this IServiceCollection services)
    {
        services
            .AddSettings<ExperimentsOptions>(ExperimentsOptions.Section)
            .Validate(
                options => options.SharePercent is >= 1 and <= 100,
                $"{ExperimentsOptions.Section}:SharePercent must be a number from 1 to 100."
            );
        services.AddCleaning<ExperimentCleaning>();
        return services
            .AddSingleton<ExperimentSignal>()
            .AddSingleton<CallFingerprints>()
            .AddSingleton<CallEstimates>()
            .AddSingleton<ExperimentRules>()
            .AddSingleton<ExperimentCalls>()
            .AddSingleton<ExperimentService>()
            .AddSingleton<ExperimentResultService>()
            .AddHostedService<ExperimentRunner>();
    }
}
