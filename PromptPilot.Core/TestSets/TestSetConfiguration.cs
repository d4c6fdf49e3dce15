using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.TestSets;

internal sealed class TestSetConfiguration
    : IEntityTypeConfiguration<TestSet>,
        IEntityTypeConfiguration<TestCase>,
        IEntityTypeConfiguration<TestSetVersion>
{
    public void Configure(EntityTypeBuilder<TestSet> builder)
    {
        builder.Property(s => s.Name).HasMaxLength(TestSetService.MaxName);
        builder.Property(s => s.Checks).HasJson();
        builder.Property(s => s.Revision).IsConcurrencyToken();
        builder.HasIndex(s => new { s.PromptId, s.NormalizedName }).IsUnique();
        builder.HasIndex(s => new { s.WorkflowId, s.NormalizedName }).IsUnique();
        builder.HasIndex(s => s.UpdatedAt);
        builder.HasQueryFilter(s => !s.IsBatch);
        builder.HasOne<Prompt>().WithMany().HasForeignKey(s => s.PromptId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Workflow>().WithMany().HasForeignKey(s => s.WorkflowId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.CreatedBy).OnDelete(DeleteBehavior.SetNull);
    }

    public void Configure(EntityTypeBuilder<TestCase> builder)
    {
        builder.Property(c => c.Name).HasMaxLength(TestCaseRules.MaxName);
        builder.Property(c => c.Inputs).HasJson();
        builder.HasIndex(c => new { c.TestSetId, c.Number });
        builder.HasIndex(c => c.OriginId).HasFilter("\"OriginId\" IS NOT NULL");
        builder.HasOne<TestSet>().WithMany().HasForeignKey(c => c.TestSetId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<User>().WithMany().HasForeignKey(c => c.CreatedBy).OnDelete(DeleteBehavior.SetNull);
    }

    public void Configure(EntityTypeBuilder<TestSetVersion> builder)
    {
        builder.Property(v => v.Checks).HasJson();
        builder.Property(v => v.Cases).HasJson();
        builder.Property(v => v.Columns).HasJson();
        builder.HasIndex(v => new { v.TestSetId, v.Number }).IsUnique();
        builder.HasOne<TestSet>().WithMany().HasForeignKey(v => v.TestSetId).OnDelete(DeleteBehavior.Cascade);
    }
}
