using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Approvals;

internal sealed class ApprovalConfiguration
    : IEntityTypeConfiguration<Protection>,
        IEntityTypeConfiguration<ChangeRequest>,
        IEntityTypeConfiguration<ChangeEntry>
{
    public void Configure(EntityTypeBuilder<Protection> builder)
    {
        builder.Property(p => p.Label).HasMaxLength(64);
        builder.Property(p => p.Revision).IsConcurrencyToken();
        builder.HasIndex(p => new { p.PromptId, p.Label }).IsUnique();
        builder.HasIndex(p => p.WorkflowId).IsUnique();
        builder.HasIndex(p => p.TestSetId);
        builder.HasOne<Prompt>().WithMany().HasForeignKey(p => p.PromptId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Workflow>().WithMany().HasForeignKey(p => p.WorkflowId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<TestSet>().WithMany().HasForeignKey(p => p.TestSetId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<User>().WithMany().HasForeignKey(p => p.UpdatedBy).OnDelete(DeleteBehavior.SetNull);
    }

    public void Configure(EntityTypeBuilder<ChangeRequest> builder)
    {
        builder.Property(r => r.Label).HasMaxLength(64);
        builder.Property(r => r.Note).HasMaxLength(ChangeText.MaxNote);
        builder.Property(r => r.Reason).HasMaxLength(ChangeText.MaxNote);
        builder.Property(r => r.Revision).IsConcurrencyToken();
        builder.HasIndex(r => new { r.Status, r.RequestedAt });
        builder.HasIndex(r => new { r.RequestedAt, r.Id });
        builder.HasIndex(r => new { r.PromptId, r.Label });
        builder.HasIndex(r => r.WorkflowId);
        builder.HasOne<Prompt>().WithMany().HasForeignKey(r => r.PromptId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Workflow>().WithMany().HasForeignKey(r => r.WorkflowId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Experiment>().WithMany().HasForeignKey(r => r.ExperimentId).OnDelete(DeleteBehavior.SetNull);
        builder.HasOne<User>().WithMany().HasForeignKey(r => r.RequestedBy).OnDelete(DeleteBehavior.SetNull);
        builder.HasOne<User>().WithMany().HasForeignKey(r => r.ClosedBy).OnDelete(DeleteBehavior.SetNull);
    }

    public void Configure(EntityTypeBuilder<ChangeEntry> builder)
    {
        builder.Property(e => e.Text).HasMaxLength(ChangeText.MaxComment);
        builder.HasIndex(e => new { e.ChangeRequestId, e.At });
        builder
            .HasIndex(e => new { e.ChangeRequestId, e.UserId })
            .IsUnique()
            .HasFilter("\"Kind\" = 'Approval'")
            .HasDatabaseName("IX_ChangeEntries_Approval");
        builder.HasOne<ChangeRequest>().WithMany().HasForeignKey(e => e.ChangeRequestId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<User>().WithMany().HasForeignKey(e => e.UserId).OnDelete(DeleteBehavior.SetNull);
    }
}
