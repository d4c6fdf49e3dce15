using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

internal sealed class TriggerConfiguration : IEntityTypeConfiguration<Trigger>, IEntityTypeConfiguration<TriggerFiring>
{
    public void Configure(EntityTypeBuilder<Trigger> builder)
    {
        builder.Property(t => t.Inputs).HasJson();
        builder.Property(t => t.Schedule).HasJson();
        builder.Property(t => t.Webhook).HasJson();
        builder.Property(t => t.Revision).IsConcurrencyToken();
        builder.HasIndex(t => new { t.WorkflowId, t.Type });
        builder.HasIndex(t => t.NextAt).HasFilter("\"NextAt\" IS NOT NULL");
        builder.HasIndex(t => t.Type).HasFilter("\"Type\" <> 'Manual'");
    }

    public void Configure(EntityTypeBuilder<TriggerFiring> builder)
    {
        builder.Property(f => f.Reason).HasMaxLength(1000);

        // A firing happens once: the second attempt finds the row.
        builder.HasIndex(f => new { f.TriggerId, f.DueAt }).IsUnique();
        builder.HasIndex(f => f.DueAt);
        builder
            .HasIndex(f => new { f.Outcome, f.DueAt })
            .HasFilter("\"Outcome\" IN ('Starting', 'Waiting')")
            .HasDatabaseName("IX_TriggerFirings_Open");
        builder.HasOne<Trigger>().WithMany().HasForeignKey(f => f.TriggerId).OnDelete(DeleteBehavior.Cascade);
    }
}
