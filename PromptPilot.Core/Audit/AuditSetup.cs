using Microsoft.Extensions.DependencyInjection;

namespace PromptPilot.Core.Audit;

/// <summary>The door of the feature. The interceptor that writes comes with the database, see DataSetup.</summary>
public static class AuditSetup
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services.AddSingleton<AuditService>();
}
