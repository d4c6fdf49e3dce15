using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PromptPilot.Core.Files;

internal sealed class FileConfiguration
    : IEntityTypeConfiguration<StoredFile>,
        IEntityTypeConfiguration<FileChunk>,
        IEntityTypeConfiguration<FileText>,
        IEntityTypeConfiguration<FileUse>
{
    private const int HashLength = 64;

    public void Configure(EntityTypeBuilder<StoredFile> builder)
    {
        builder.HasKey(file => file.Hash);
        builder.Property(file => file.Hash).HasMaxLength(HashLength);
        builder.Property(file => file.MediaType).HasMaxLength(100);
        builder.HasIndex(file => file.LastSentAt);
    }

    public void Configure(EntityTypeBuilder<FileChunk> builder)
    {
        builder.HasKey(chunk => new { chunk.Hash, chunk.Number });
        builder.Property(chunk => chunk.Hash).HasMaxLength(HashLength);
        builder.HasOne<StoredFile>().WithMany().HasForeignKey(chunk => chunk.Hash).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<FileText> builder)
    {
        builder.HasKey(text => text.Hash);
        builder.Property(text => text.Hash).HasMaxLength(HashLength);
        builder.HasOne<StoredFile>().WithOne().HasForeignKey<FileText>(text => text.Hash).OnDelete(DeleteBehavior.Cascade);
    }

    /// <summary>A file with uses cannot be deleted.</summary>
    public void Configure(EntityTypeBuilder<FileUse> builder)
    {
        builder.HasKey(use => new
        {
            use.Hash,
            use.Owner,
            use.OwnerId,
        });
        builder.Property(use => use.Hash).HasMaxLength(HashLength);
        builder.HasIndex(use => new { use.Owner, use.OwnerId });
        builder.HasOne<StoredFile>().WithMany().HasForeignKey(use => use.Hash).OnDelete(DeleteBehavior.Restrict);
    }
}
