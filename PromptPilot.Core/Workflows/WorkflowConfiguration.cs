using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Workflows;

internal sealed class WorkflowConfiguration
    : IEntityTypeConfiguration<Workflow>,
        IEntityTypeConfiguration<WorkflowStep>,
        IEntityTypeConfiguration<WorkflowVersion>
{
    public void Configure(EntityTypeBuilder<Workflow> builder)
    {
        builder.Property(w => w.Name).HasMaxLength(200);
        builder.Property(w => w.Inputs).HasJson();
        builder.Property(w => w.Options).HasJson();
        builder.Property(w => w.Limits).HasJson();
        builder.Property(w => w.Revision).IsConcurrencyToken();
        builder.HasIndex(w => w.UpdatedAt);
        builder.HasIndex(w => new { w.Status, w.UpdatedAt });
        builder.HasOne<User>().WithMany().HasForeignKey(w => w.Owner).OnDelete(DeleteBehavior.SetNull);
        builder.HasOne<User>().WithMany().HasForeignKey(w => w.UpdatedBy).OnDelete(DeleteBehavior.SetNull);
        builder.HasMany(w => w.Steps).WithOne().HasForeignKey(s => s.WorkflowId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(w => w.Triggers).WithOne().HasForeignKey(t => t.WorkflowId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<WorkflowStep> builder)
    {
        builder.Property(s => s.InputMapping).HasJson();
        builder.Property(s => s.Options).HasJson();

        // Renumbering moves several rows at once, so the service keeps the order unique.
        builder.HasIndex(s => new { s.WorkflowId, s.Order });
        builder.HasIndex(s => s.PromptId);
        builder.HasIndex(s => s.Model);
        builder.HasOne<Prompt>().WithMany().HasForeignKey(s => s.PromptId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne<ModelProfile>().WithMany().HasForeignKey(s => s.Model).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<WorkflowVersion> builder)
    {
        builder.Property(v => v.Definition).HasJson();
        builder.Property(v => v.Message).HasMaxLength(WorkflowService.MaxMessageLength);
        builder.HasIndex(v => new { v.WorkflowId, v.Number }).IsUnique();
        builder.HasOne<Workflow>().WithMany().HasForeignKey(v => v.WorkflowId).OnDelete(DeleteBehavior.Cascade);
    }
}
