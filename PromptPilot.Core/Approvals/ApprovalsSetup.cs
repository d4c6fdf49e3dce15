using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Approvals;

/// <summary>Registers the feature. It needs <c>AddPrompts</c>, <c>AddWorkflows</c> and <c>AddExperiments</c>.</summary>
public static class ApprovalsSetup
{
    public static IServiceCollection AddApprovals(this IServiceCollection services) =>
        services
            .AddSingleton<ApprovalSignal>()
            .AddSingleton<ProtectionService>()
            .AddSingleton<ChangeRequestService>()
            .AddSingleton<ChangeDecisionService>()
            .AddSingleton<ChangeListService>();
}
