using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users;

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>, IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable("Users");
        builder.Property(u => u.Name).HasMaxLength(200);
        builder.Property(u => u.Revision).IsConcurrencyToken();
        builder.ComplexProperty(u => u.Preferences);
        builder.Property(u => u.RecoveryCodes).HasJson();
        builder.HasIndex(u => u.NormalizedEmail).HasDatabaseName("EmailIndex").IsUnique();
        builder.HasIndex(u => u.Name);
    }

    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.Property(k => k.Name).HasMaxLength(200);
        builder.HasIndex(k => k.Hash).IsUnique();
        builder.HasIndex(k => new { k.UserId, k.CreatedAt });
        builder.HasOne<User>().WithMany().HasForeignKey(k => k.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
