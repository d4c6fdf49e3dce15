using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Audit;

/// <summary>
/// No foreign key: an entry outlives its subject. Each filter of the list has its index, with the order of the list in it.
/// </summary>
internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public const int MaxName = 256;
    public const int MaxAddress = 64;
    public const int MaxUserAgent = 300;

    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable(AuditTable.Name);
        builder.HasKey(e => e.Sequence);
        builder.Property(e => e.Sequence).ValueGeneratedOnAdd();
        builder.Property(e => e.Kind).HasMaxLength(32);
        builder.Property(e => e.ActorName).HasMaxLength(MaxName);
        builder.Property(e => e.ApiKeyName).HasMaxLength(MaxName);
        builder.Property(e => e.SubjectName).HasMaxLength(MaxName);
        builder.Property(e => e.RemoteAddress).HasMaxLength(MaxAddress);
        builder.Property(e => e.UserAgent).HasMaxLength(MaxUserAgent);
        builder.Property(e => e.Changes).HasJson();
        builder.HasIndex(e => e.At);
        builder.HasIndex(e => new { e.ActorId, e.Sequence });
        builder.HasIndex(e => new { e.Kind, e.Sequence });
        builder.HasIndex(e => new { e.Action, e.Sequence });
    }
}
