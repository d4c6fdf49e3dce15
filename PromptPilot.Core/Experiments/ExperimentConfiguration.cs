using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

internal sealed class ExperimentConfiguration
    : IEntityTypeConfiguration<Experiment>,
        IEntityTypeConfiguration<ExperimentCell>,
        IEntityTypeConfiguration<Workflow>
{
    public void Configure(EntityTypeBuilder<Experiment> builder)
    {
        builder.Property(e => e.Name).HasMaxLength(ExperimentRules.MaxName);
        builder.Property(e => e.Variants).HasJson();
        builder.Property(e => e.Judges).HasJson();
        builder.Property(e => e.Definitions).HasJson();
        builder.Property(e => e.Revision).IsConcurrencyToken();
        builder.HasIndex(e => new { e.TestSetId, e.CreatedAt });
        builder.HasIndex(e => e.Status);
        builder.HasIndex(e => new { e.IdempotencyActor, e.IdempotencyKey }).IsUnique().HasFilter("\"IdempotencyKey\" IS NOT NULL");
        builder.HasOne<TestSet>().WithMany().HasForeignKey(e => e.TestSetId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<TestSetVersion>().WithMany().HasForeignKey(e => e.TestSetVersionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<User>().WithMany().HasForeignKey(e => e.StartedBy).OnDelete(DeleteBehavior.SetNull);
    }

    public void Configure(EntityTypeBuilder<ExperimentCell> builder)
    {
        builder.Property(c => c.Verdicts).HasJson();
        builder.HasIndex(c => new
        {
            c.ExperimentId,
            c.Status,
            c.Order,
        });
        builder
            .HasIndex(c => new
            {
                c.ExperimentId,
                c.CaseId,
                c.Variant,
                c.Repetition,
            })
            .IsUnique();
        builder.HasIndex(c => c.Fingerprint).HasFilter("\"Fingerprint\" IS NOT NULL");
        builder.HasOne<Experiment>().WithMany().HasForeignKey(c => c.ExperimentId).OnDelete(DeleteBehavior.Cascade);
    }

    /// <summary>
    /// Runs need a workflow. Those of experiments have one that belongs to the test set, which no list, search or export shows. It goes
    /// with the set, without a foreign key: adding one would rebuild the table of workflows.
    /// </summary>
    public void Configure(EntityTypeBuilder<Workflow> builder)
    {
        builder.HasIndex(w => w.TestSetId).HasFilter("\"TestSetId\" IS NOT NULL");
        builder.HasIndex(w => w.BudgetOf).HasFilter("\"BudgetOf\" IS NOT NULL");
        builder.HasQueryFilter(w => w.TestSetId == null);
    }
}
