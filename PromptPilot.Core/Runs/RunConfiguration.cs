using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs;

internal sealed class RunConfiguration
    : IEntityTypeConfiguration<WorkflowRun>,
        IEntityTypeConfiguration<RunEvent>,
        IEntityTypeConfiguration<ExecutionLog>,
        IEntityTypeConfiguration<DeletedCost>
{
    /// <summary>Replaces following events that are not valid JSON.</summary>
    private static readonly FollowingEvent Unreadable = new(
        RunEventType.Queued,
        null,
        null,
        null,
        new RunEventPayload { IsUnreadable = true },
        default
    );

    public void Configure(EntityTypeBuilder<WorkflowRun> builder)
    {
        builder.Property(r => r.Definition).HasJson(() => null);
        builder.Property(r => r.ResolvedPrompts).HasJson(() => []);
        builder.Property(r => r.Inputs).HasJson(() => new UnreadableValues());
        builder.Property(r => r.Outputs).HasJson(() => new UnreadableValues());

        // With the id, the order of the list: else SQLite sorts all runs as soon as a filter has no index of its own.
        builder.HasIndex(r => new { r.QueuedAt, r.Id });
        builder.HasIndex(r => new { r.WorkflowId, r.QueuedAt });
        builder.HasIndex(r => new { r.Status, r.QueuedAt });
        builder.HasIndex(r => new { r.StartedBy, r.QueuedAt });
        builder.HasIndex(r => new { r.TriggerKind, r.QueuedAt }).HasFilter("\"TriggerKind\" <> 'Manual'");
        builder.HasIndex(r => r.QueuedAt, "IX_WorkflowRuns_Pinned").HasFilter("\"Pinned\"");
        builder.HasIndex(r => r.QueuedAt, "IX_WorkflowRuns_Drafts").HasFilter("\"IsDraft\"");
        builder.HasIndex(r => new { r.Status, r.FinishedAt }).HasFilter("\"FinishedAt\" IS NOT NULL");
        builder.HasIndex(r => r.ParentRunId).HasFilter("\"ParentRunId\" IS NOT NULL");
        builder.HasIndex(r => r.TriggerId).HasFilter("\"TriggerKind\" = 'Scheduled'");
        builder.HasIndex(r => r.OpenReviews).HasFilter("\"OpenReviews\" > 0");
        builder.HasIndex(r => new { r.IdempotencyActor, r.IdempotencyKey }).IsUnique().HasFilter("\"IdempotencyKey\" IS NOT NULL");
        builder.HasOne<Workflow>().WithMany().HasForeignKey(r => r.WorkflowId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<RunEvent> builder)
    {
        builder.HasKey(e => new { e.RunId, e.Seq });
        builder.Property(e => e.Payload).HasJson(() => new RunEventPayload { IsUnreadable = true });
        builder.Property(e => e.Following).HasJson(() => [Unreadable]);
        builder.HasOne<WorkflowRun>().WithMany().HasForeignKey(e => e.RunId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ExecutionLog> builder)
    {
        builder.Property(log => log.FinishReason).HasMaxLength(60);
        builder.Property(l => l.Input).HasJson(() => new UnreadableValues());
        builder.Property(l => l.PartVersions).HasJson(() => null);
        builder.HasIndex(l => new { l.Timestamp, l.Id });
        builder.HasIndex(l => new { l.WorkflowId, l.Timestamp });
        builder.HasIndex(l => new { l.PromptId, l.Timestamp });
        builder.HasIndex(l => new { l.ModelProfileId, l.Timestamp });
        builder.HasIndex(l => l.RunId);
        builder.HasIndex(l => new { l.Status, l.Timestamp }).HasFilter("\"Status\" <> 'Success'");

        // One success per (run, step, item): what succeeded never runs again. Null items count as −1, since nulls are never equal.
        builder.Property<int>("ItemKey").HasComputedColumnSql("coalesce(\"ItemIndex\", -1)", stored: false);
        builder
            .HasIndex("RunId", "StepId", "ItemKey")
            .IsUnique()
            .HasFilter("\"Status\" = 'Success' AND \"RunId\" IS NOT NULL")
            .HasDatabaseName("IX_ExecutionLogs_OneSuccess");
        builder.HasOne<WorkflowRun>().WithMany().HasForeignKey(l => l.RunId).OnDelete(DeleteBehavior.Cascade);
    }

    /// <summary>No foreign keys: spending of a deleted workflow still counts toward the profile's budget.</summary>
    public void Configure(EntityTypeBuilder<DeletedCost> builder)
    {
        builder.HasKey(c => new
        {
            c.Day,
            c.ModelProfileId,
            c.WorkflowId,
        });
        builder.HasIndex(c => c.ModelProfileId);
        builder.HasIndex(c => c.WorkflowId);
    }
}
