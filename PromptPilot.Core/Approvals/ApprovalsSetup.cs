using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Hosts;

namespace PromptPilot.Core.Approvals;

/// <summary>Registers the feature. It needs <c>AddPrompts</c>, <c>AddWorkflows</c> and <c>AddExperiments</c>.</summary>
public static class ApprovalsSetup
{
    public static IServiceCollection AddApprovals(this IServiceCollection services) =>
        services
            .AddSingleton<ApprovalSignal>()
            .WhenChangedElsewhere<ApprovalSignal>("ChangeRequests", signal => signal.Changed.Raise())
            .WhenChangedElsewhere<ApprovalSignal>("ChangeEntries", signal => signal.Changed.Raise())
            .AddSingleton<ProtectionService>()
            .AddSingleton<ChangeRequestService>()
            .AddSingleton<ChangeDecisionService>()
            .AddSingleton<ChangeListService>();
}
