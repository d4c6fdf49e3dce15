using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Agents;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Runs.Chat;
using PromptPilot.Core.Runs.Cluster;
using PromptPilot.Core.Runs.Compare;
using PromptPilot.Core.Runs.Drafts;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Lists;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Runs.Reviews;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Runs.Telemetry;
using PromptPilot.Core.Shared.Settings;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using Quartz;

namespace PromptPilot.Core.Runs;

/// <summary>Registers the feature.</summary>
public static class RunsSetup
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services
            .AddSettings<RunsOptions>(RunsOptions.Section)
            .Validate(
                options => options.MaxConcurrentRuns is >= 1 and <= RunsOptions.MostConcurrentRuns,
                $"{RunsOptions.Section}:MaxConcurrentRuns must be a number from 1 to 10,000."
            )
            .Validate(
                options => options.StopGraceSeconds is >= 0 and <= 25,
                $"{RunsOptions.Section}:StopGraceSeconds must be a number from 0 to 25."
            )
            .Validate(
                options => options.RetryDelayMilliseconds is >= 1 and <= 60_000,
                $"{RunsOptions.Section}:RetryDelayMilliseconds must be a number from 1 to 60,000."
            )
            .Validate(
                options => options.ParkAfterSeconds is >= 0 and <= 60,
                $"{RunsOptions.Section}:ParkAfterSeconds must be a number from 0 to 60."
            )
            .Validate(
                options => options.KeepDays is >= 0 and <= WorkflowLimits.MostKeepDays,
                $"{RunsOptions.Section}:KeepDays must be a number from 0 (no limit) to 3,650."
            )
            .Validate(
                options => options.KeepRuns is >= 0 and <= WorkflowLimits.MostKeepRuns,
                $"{RunsOptions.Section}:KeepRuns must be a number from 0 (no limit) to 1,000,000."
            )
            .Validate(
                options => options.MaxInputLength is >= 1_000 and <= 100_000_000,
                $"{RunsOptions.Section}:MaxInputLength must be a number from 1,000 to 100,000,000."
            )
            .Validate(
                options => options.LeaseSeconds is >= 3 and <= 300,
                $"{RunsOptions.Section}:LeaseSeconds must be a number from 3 to 300."
            );
        // Hosts that share a database have registered their own.
        services.TryAddSingleton<HostLease, LocalLease>();
        services.TryAddSingleton<RunQueue, MemoryRunQueue>();
        services.TryAddSingleton<RunSignals, NoSignals>();
        services.TryAddSingleton<BudgetHolds, LocalHolds>();
        services.TryAddSingleton<CallSlots, LocalCallSlots>();
        services
            .AddSingleton<RunFeed>()
            .AddSingleton<HookOutbox>()
            .AddSingleton<RunJournal>()
            .AddSingleton<ProfileLimiters>()
            .AddSingleton<RunTargets>()
            .AddSingleton<RunPlans>()
            .AddSingleton<RunLoader>()
            .AddSingleton<CallFiles>()
            .AddSingleton<RunFiles>()
            .AddSingleton<RenderedPrompts>()
            .AddSingleton<StepRunner>()
            .AddSingleton<RunWakeups>()
            .AddSingleton<RunCommitter>()
            .AddSingleton<RunExecutions>()
            .AddSingleton<IRunExecutions>(provider => provider.GetRequiredService<RunExecutions>())
            .AddSingleton<UnfinishedRuns>()
            .AddSingleton<RunScheduler>()
            .AddSingleton<RunLauncher>()
            .AddSingleton<RunDispatcher>()
            .AddSingleton<RunCommands>();
        services.AddSingleton<RunGauges>();
        services.AddSingleton<RunService>();
        services.AddSingleton<RunListService>();
        services.AddSingleton<DraftRunService>();
        services.AddSingleton<RunBudgets>();
        services.AddSingleton<BudgetBalances>();
        services.AddSingleton<RunReviewService>();
        services.AddSingleton<ReviewLinks>();
        services.AddSingleton<ReviewLinkService>();
        services.AddSingleton<RunReplayService>();
        services.AddSingleton<BudgetService>();
        services.AddCleaning<RunRetention>();
        services.AddSingleton<RunKeepService>();
        services.AddSingleton<RunCompareService>();
        services.AddSingleton<CallTurns>();
        services.AddSingleton<PromptCaller>();
        services.AddSingleton<PreparedCalls>();
        services.AddSingleton<PlaygroundService>();
        services.AddSingleton<PromptCallService>();
        services.AddSingleton<CallReportService>();
        services.AddSingleton<ChatModelService>();
        services.AddSingleton<AgentToolService>();
        services.AddSingleton<HomeService>();
        services.AddSingleton<ExecutionLogService>();
        services.AddHostedService<RunHost>();
        services.AddSingleton<RollupWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<RollupWorker>());
        AddClock(services);
        return services;
    }

    /// <summary>Quartz wakes parked runs and starts retention.</summary>
    private static void AddClock(IServiceCollection services)
    {
        services.AddQuartz(quartz =>
        {
            quartz.AddJob<WakeJob>(job => job.WithIdentity(WakeJob.Key).StoreDurably());
        });
        services.AddQuartzHostedService();
    }
}
