using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Data;

/// <summary>
/// The database, without a provider's name in it. A derived context per provider carries that provider's migrations.
/// One context an operation, from the factory; a circuit outlives any context.
/// </summary>
public abstract class PromptPilotDbContext(DbContextOptions options) : IdentityUserContext<User>(options)
{
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Prompt> Prompts => Set<Prompt>();

    public DbSet<PromptVersion> PromptVersions => Set<PromptVersion>();

    public DbSet<PromptLabel> PromptLabels => Set<PromptLabel>();

    public DbSet<PromptExample> PromptExamples => Set<PromptExample>();

    public DbSet<ModelProfile> ModelProfiles => Set<ModelProfile>();

    public DbSet<Workflow> Workflows => Set<Workflow>();

    public DbSet<WorkflowStep> WorkflowSteps => Set<WorkflowStep>();

    public DbSet<WorkflowVersion> WorkflowVersions => Set<WorkflowVersion>();

    public DbSet<Trigger> Triggers => Set<Trigger>();

    public DbSet<TriggerFiring> TriggerFirings => Set<TriggerFiring>();

    public DbSet<WebhookReceipt> WebhookReceipts => Set<WebhookReceipt>();

    public DbSet<WorkflowRun> WorkflowRuns => Set<WorkflowRun>();

    public DbSet<RunEvent> RunEvents => Set<RunEvent>();

    public DbSet<ExecutionLog> ExecutionLogs => Set<ExecutionLog>();

    public DbSet<DeletedCost> DeletedCosts => Set<DeletedCost>();

    public DbSet<Feedback.Feedback> Feedback => Set<Feedback.Feedback>();

    public DbSet<IntegrationHook> IntegrationHooks => Set<IntegrationHook>();

    public DbSet<HookDelivery> HookDeliveries => Set<HookDelivery>();

    public DbSet<HookAttempt> HookAttempts => Set<HookAttempt>();

    public DbSet<Notification> Notifications => Set<Notification>();

    public DbSet<StoredSetting> StoredSettings => Set<StoredSetting>();

    /// <summary>Set while an explicit transaction of this context holds the write gate; see <see cref="WriteGate"/>.</summary>
    internal bool HoldsWriteGate { get; set; }

    /// <summary>Set while one ExecuteUpdate or ExecuteDelete of this context is inside the write gate.</summary>
    internal bool IsInBulkWrite { get; set; }

    /// <summary>Set while a transaction of this context holds writes of EF; see <see cref="DataVersionInterceptor"/>.</summary>
    internal bool HasUncommittedWrites { get; set; }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(PromptPilotDbContext).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcDateTimeConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }
}
