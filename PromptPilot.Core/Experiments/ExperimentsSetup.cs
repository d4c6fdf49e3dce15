using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Experiments.Replacing;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Users;

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
            )
            .Validate(
                options => options.MaxBatchRows is >= 1 and <= ExperimentRules.MaxCalls,
                $"{ExperimentsOptions.Section}:MaxBatchRows must be a number from 1 to {ExperimentRules.MaxCalls}."
            )
            .Validate(
                options => options.MaxBatchKilobytes is >= 1 and <= ExperimentsOptions.MostKilobytes,
                $"{ExperimentsOptions.Section}:MaxBatchKilobytes must be a number from 1 to {ExperimentsOptions.MostKilobytes}."
            );
        services.AddCleaning<ExperimentCleaning>();
        return services
            .AddSingleton<ExperimentSignal>()
            .WhenChangedElsewhere<ExperimentSignal>("Experiments", signal => signal.Raise())
            .WhenChangedElsewhere<ExperimentSignal>("ExperimentCells", signal => signal.Changed.Raise())
            .AddSingleton<CallFingerprints>()
            .AddSingleton<CallEstimates>()
            .AddSingleton<FrozenSets>()
            .AddSingleton<CallBounds>()
            .AddSingleton<WorkflowVariants>()
            .AddSingleton<WorkflowRules>()
            .AddSingleton<ExperimentForecast>()
            .AddSingleton<ExperimentRules>()
            .AddSingleton<BatchPlans>()
            .AddSingleton<BatchService>()
            .AddSingleton<BatchResultService>()
            .AddSingleton<IPersonalTexts, PersonalBatches>()
            .AddSingleton<ExperimentCalls>()
            .AddSingleton<ExperimentService>()
            .AddSingleton<ModelComparisonService>()
            .AddSingleton<ExperimentResultService>()
            .AddHostedService<ExperimentRunner>();
    }
}
