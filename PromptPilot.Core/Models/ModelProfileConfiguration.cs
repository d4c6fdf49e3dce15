using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

internal sealed class ModelProfileConfiguration : IEntityTypeConfiguration<ModelProfile>
{
    public void Configure(EntityTypeBuilder<ModelProfile> builder)
    {
        builder.Property(p => p.Name).HasMaxLength(200);
        builder.Property(p => p.NormalizedName).HasMaxLength(200);
        builder.Property(p => p.MaxTokensField).HasMaxLength(40);
        builder.ComplexProperty(p => p.Parameters);
        builder.ComplexProperty(p => p.Prices);
        builder.PrimitiveCollection(p => p.Roles).ElementType().HasConversion<string>();
        builder.PrimitiveCollection(p => p.Fallbacks);
        builder.Property(p => p.EndsOn).HasConversion<string>().HasMaxLength(10);
        builder.ComplexProperty(p => p.Limits);
        builder.ComplexProperty(p => p.Budgets);
        builder.Property(p => p.Revision).IsConcurrencyToken();
        builder.HasIndex(p => p.NormalizedName).IsUnique();
        builder.HasOne<User>().WithMany().HasForeignKey(p => p.CreatedBy).OnDelete(DeleteBehavior.SetNull);
    }
}
