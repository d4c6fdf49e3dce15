using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Postgres.Hosts;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Cluster.Calls;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>The engine of hosts that share a database. Call it before <see cref="RunsSetup.AddRuns"/>.</summary>
public static class ClusterSetup
{
    public static IServiceCollection AddClusterRuns(this IServiceCollection services) =>
        services
            .AddSingleton<HostLease, SharedLease>()
            .AddSingleton<RunQueue, SharedRunQueue>()
            .AddSingleton<RunSignals, SharedSignals>()
            .AddSingleton<BudgetHolds, SharedHolds>()
            .AddSingleton<OpenCalls>()
            .AddSingleton<SharedCallSlots>()
            .AddSingleton<CallSlots>(provider => provider.GetRequiredService<SharedCallSlots>())
            .AddSingleton(provider => new HostNotice(CallSlotRows.Channel, provider.GetRequiredService<SharedCallSlots>().Hear))
            .AddHostedService<SignalReader>()
            .AddHostedService<CallSlotWatcher>();
}
