using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers.Webhooks;

internal sealed class WebhookConfiguration : IEntityTypeConfiguration<WebhookReceipt>
{
    public void Configure(EntityTypeBuilder<WebhookReceipt> builder)
    {
        builder.Property(r => r.Headers).HasJson();
        builder.HasIndex(r => new { r.TriggerId, r.ReceivedAt });
        builder.HasIndex(r => new
        {
            r.TriggerId,
            r.IsAuthentic,
            r.ReceivedAt,
        });
        builder.HasIndex(r => new { r.TriggerId, r.MessageKey }).HasFilter("\"MessageKey\" IS NOT NULL");
        builder.HasIndex(r => r.ReceivedAt);
        builder.HasOne<Trigger>().WithMany().HasForeignKey(r => r.TriggerId).OnDelete(DeleteBehavior.Cascade);
    }
}
