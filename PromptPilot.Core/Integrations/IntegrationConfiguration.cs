using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Integrations;

internal sealed class IntegrationConfiguration : IEntityTypeConfiguration<IntegrationHook>, IEntityTypeConfiguration<HookDelivery>
{
    public void Configure(EntityTypeBuilder<IntegrationHook> builder)
    {
        builder.Property(h => h.TargetUrl).HasMaxLength(2000);
        builder.Property(h => h.On).HasJson();
        builder.Property(h => h.Revision).IsConcurrencyToken();
        builder.HasIndex(h => h.LinkedWorkflowId);
        builder.HasOne<Workflow>().WithMany().HasForeignKey(h => h.LinkedWorkflowId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<HookDelivery> builder)
    {
        builder.HasIndex(d => new { d.HookId, d.CreatedAt });
        builder.HasIndex(d => d.NextAttemptAt);
        builder.HasIndex(d => d.RunId);
        builder.HasOne<IntegrationHook>().WithMany().HasForeignKey(d => d.HookId).OnDelete(DeleteBehavior.Cascade);
    }
}
