using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Triggers;

internal sealed class TriggerConfiguration : IEntityTypeConfiguration<Trigger>
{
    public void Configure(EntityTypeBuilder<Trigger> builder)
    {
        builder.Property(t => t.Inputs).HasJson();
        builder.Property(t => t.Revision).IsConcurrencyToken();
        builder.HasIndex(t => new { t.WorkflowId, t.Type });
    }
}
