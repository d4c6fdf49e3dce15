using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Notifications;

internal sealed class NotificationConfiguration : IEntityTypeConfiguration<Notification>
{
    public void Configure(EntityTypeBuilder<Notification> builder)
    {
        builder.HasIndex(n => new { n.UserId, n.FactKey }).IsUnique();
        builder.HasIndex(n => n.FactKey);
        builder.HasIndex(n => new
        {
            n.UserId,
            n.CreatedAt,
            n.Id,
        });
        builder.HasIndex(n => n.UserId).HasFilter("\"ReadAt\" IS NULL").HasDatabaseName("IX_Notifications_Unread");
        builder.HasIndex(n => new { n.CauseKey, n.CreatedAt }).HasFilter("\"CauseKey\" IS NOT NULL");
        builder.HasIndex(n => n.MailDueAt).HasFilter("\"MailDueAt\" IS NOT NULL");
        builder.HasIndex(n => n.CreatedAt);
        builder.HasOne<User>().WithMany().HasForeignKey(n => n.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
