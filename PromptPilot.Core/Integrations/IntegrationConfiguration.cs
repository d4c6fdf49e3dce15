using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Integrations.Bodies;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Integrations;

internal sealed class IntegrationConfiguration
    : IEntityTypeConfiguration<IntegrationHook>,
        IEntityTypeConfiguration<HookDelivery>,
        IEntityTypeConfiguration<HookAttempt>
{
    public void Configure(EntityTypeBuilder<IntegrationHook> builder)
    {
        builder.Property(h => h.Name).HasMaxLength(HookRules.MaxName);
        builder.Property(h => h.NormalizedName).HasMaxLength(HookRules.MaxName);
        builder.Property(h => h.TargetUrl).HasMaxLength(HookRules.MaxUrl);
        builder.Property(h => h.Body).HasMaxLength(BodyTemplate.MaxLength);
        builder.Property(h => h.On).HasJson();
        builder.Property(h => h.Outputs).HasJson();
        builder.Property(h => h.Revision).IsConcurrencyToken();
        builder.HasIndex(h => new { h.NormalizedName, h.Id });
        builder.HasIndex(h => h.LinkedWorkflowId);
        builder.HasOne<Workflow>().WithMany().HasForeignKey(h => h.LinkedWorkflowId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<User>().WithMany().HasForeignKey(h => h.CreatedBy).OnDelete(DeleteBehavior.SetNull);
    }

    public void Configure(EntityTypeBuilder<HookDelivery> builder)
    {
        builder.HasIndex(d => new { d.HookId, d.CreatedAt });
        builder.HasIndex(d => new
        {
            d.HookId,
            d.State,
            d.CreatedAt,
        });

        // Due deliveries are found hook by hook, so that one with a long queue hides no other.
        builder
            .HasIndex(d => new { d.HookId, d.NextAttemptAt })
            .HasFilter("\"NextAttemptAt\" IS NOT NULL")
            .HasDatabaseName("IX_HookDeliveries_Due");
        builder.HasIndex(d => d.RunId);
        builder.HasIndex(d => d.EndedAt).HasFilter("\"EndedAt\" IS NOT NULL");
        builder.HasOne<IntegrationHook>().WithMany().HasForeignKey(d => d.HookId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<HookAttempt> builder)
    {
        builder.HasKey(a => new { a.DeliveryId, a.Number });
        builder.HasOne<HookDelivery>().WithMany().HasForeignKey(a => a.DeliveryId).OnDelete(DeleteBehavior.Cascade);
    }
}
