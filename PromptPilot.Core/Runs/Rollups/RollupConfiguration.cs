using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>The key starts with the time, since all reads are by time. No foreign keys: sums outlive the items they count.</summary>
internal sealed class RollupConfiguration
    : IEntityTypeConfiguration<RunRollup>,
        IEntityTypeConfiguration<CallRollup>,
        IEntityTypeConfiguration<RatingRollup>,
        IEntityTypeConfiguration<RollupProgress>
{
    public void Configure(EntityTypeBuilder<RunRollup> builder) =>
        builder.HasKey(r => new
        {
            r.Span,
            r.Start,
            r.WorkflowId,
            r.TriggerKind,
            r.UserId,
            r.Status,
            r.IsRemoved,
        });

    public void Configure(EntityTypeBuilder<CallRollup> builder) =>
        builder.HasKey(r => new
        {
            r.Span,
            r.Start,
            r.WorkflowId,
            r.PromptVersionId,
            r.ModelProfileId,
            r.Status,
            r.IsRemoved,
        });

    public void Configure(EntityTypeBuilder<RatingRollup> builder) =>
        builder.HasKey(r => new
        {
            r.Span,
            r.Start,
            r.WorkflowId,
            r.PromptVersionId,
            r.ModelProfileId,
            r.IsRemoved,
        });

    public void Configure(EntityTypeBuilder<RollupProgress> builder) => builder.HasKey(p => p.Facts);
}
