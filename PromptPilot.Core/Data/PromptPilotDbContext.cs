using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Files;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Models;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Rollups;
using PromptPilot.Core.Settings;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Core.Users.SignIn;
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

    public DbSet<OpenIdSession> OpenIdSessions => Set<OpenIdSession>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<Prompt> Prompts => Set<Prompt>();

    public DbSet<PromptVersion> PromptVersions => Set<PromptVersion>();

    public DbSet<PromptLabel> PromptLabels => Set<PromptLabel>();

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

    public DbSet<RunRollup> RunRollups => Set<RunRollup>();

    public DbSet<CallRollup> CallRollups => Set<CallRollup>();

    public DbSet<RatingRollup> RatingRollups => Set<RatingRollup>();

    public DbSet<RollupProgress> RollupProgress => Set<RollupProgress>();

    public DbSet<Feedback.Feedback> Feedback => Set<Feedback.Feedback>();

    public DbSet<TestSet> TestSets => Set<TestSet>();

    public DbSet<TestCase> TestCases => Set<TestCase>();

    public DbSet<TestSetVersion> TestSetVersions => Set<TestSetVersion>();

    public DbSet<Experiment> Experiments => Set<Experiment>();

    public DbSet<ExperimentCell> ExperimentCells => Set<ExperimentCell>();

    public DbSet<Protection> Protections => Set<Protection>();

    public DbSet<ChangeRequest> ChangeRequests => Set<ChangeRequest>();

    public DbSet<ChangeEntry> ChangeEntries => Set<ChangeEntry>();

    public DbSet<IntegrationHook> IntegrationHooks => Set<IntegrationHook>();

    public DbSet<HookDelivery> HookDeliveries => Set<HookDelivery>();

    public DbSet<HookAttempt> HookAttempts => Set<HookAttempt>();

    public DbSet<Notification> Notifications => Set<Notification>();

    public DbSet<StoredSetting> StoredSettings => Set<StoredSetting>();

    public DbSet<StoredFile> StoredFiles => Set<StoredFile>();

    public DbSet<FileChunk> FileChunks => Set<FileChunk>();

    public DbSet<FileText> FileTexts => Set<FileText>();

    public DbSet<FileUse> FileUses => Set<FileUse>();

    /// <summary>Whether the database has one writer at a time, so that every write passes the gate.</summary>
    internal abstract bool HasOneWriter { get; }

    /// <summary>SQL of the number that each row of runs' events, calls and ratings gets when it is inserted.</summary>
    internal abstract string RowNumber { get; }

    /// <summary>SQL of a time without fractions as text: <c>2026-01-31 06:00:00</c>.</summary>
    /// <param name="column">A column with a time, quoted.</param>
    internal abstract string TextOfTime(string column);

    /// <summary>Held by an explicit transaction of this context; see <see cref="WriteGate.BeginAsync"/>.</summary>
    internal WriteHold? TransactionHold { get; set; }

    /// <summary>Held by one save, ExecuteUpdate or ExecuteDelete of this context; see <see cref="WriteGateInterceptor"/>.</summary>
    internal WriteHold? StatementHold { get; set; }

    /// <summary>Set while a transaction of this context holds writes of EF; see <see cref="DataVersionInterceptor"/>.</summary>
    internal bool HasUncommittedWrites { get; set; }

    /// <summary>Saves, and leaves the write gate however that ends: a conflict, too, reaches no interceptor.</summary>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        finally
        {
            LeaveStatement();
        }
    }

    /// <summary>Releases the gate when the context ends, even if its writes failed.</summary>
    public override async ValueTask DisposeAsync()
    {
        using var holds = TakeHolds();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public override void Dispose()
    {
        using var holds = TakeHolds();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes the write gate among all hosts, for a transaction that has just begun.</summary>
    /// <param name="isExclusive">False: together with others that do not need it for themselves.</param>
    internal abstract Task LockAsync(bool isExclusive, CancellationToken cancellationToken);

    /// <summary>Waits until no other host is signing this account in, and makes others wait until the transaction ends.</summary>
    internal virtual Task LockAccountAsync(string account, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets the other hosts accept the one-time code of the first admin that this one has logged.</summary>
    /// <param name="hash">Hash of the code.</param>
    internal virtual Task ShareSetupCodeAsync(string host, string hash, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether another live host has logged the code.</summary>
    internal virtual Task<bool> HasSetupCodeAsync(string hash, CancellationToken cancellationToken) => Task.FromResult(false);

    internal void LeaveStatement()
    {
        var hold = StatementHold;
        StatementHold = null;
        hold?.Dispose();
    }

    /// <summary>True where the provider's LIKE ignores case by itself, as SQLite's does.</summary>
    protected virtual bool LikeIgnoresCase => true;

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        SqlText.Map(builder, LikeIgnoresCase);
        builder.ApplyConfigurationsFromAssembly(typeof(PromptPilotDbContext).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcDateTimeConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }

    /// <summary>Read before the context returns to its pool, where it can be leased again immediately.</summary>
    private Holds TakeHolds()
    {
        var holds = new Holds(TransactionHold, StatementHold);
        (TransactionHold, StatementHold, HasUncommittedWrites) = (null, null, false);
        return holds;
    }

    private readonly record struct Holds(WriteHold? Transaction, WriteHold? Statement) : IDisposable
    {
        public void Dispose()
        {
            Statement?.Dispose();
            Transaction?.Dispose();
        }
    }
}
