using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Prompts;

internal sealed class PromptConfiguration
    : IEntityTypeConfiguration<Prompt>,
        IEntityTypeConfiguration<PromptVersion>,
        IEntityTypeConfiguration<PromptLabel>
{
    public void Configure(EntityTypeBuilder<Prompt> builder)
    {
        builder.Property(p => p.Name).HasMaxLength(200);
        builder.Property(p => p.NormalizedName).HasMaxLength(200);
        builder.Property(p => p.VariableDefinitions).HasJson();
        builder.Property(p => p.Messages).HasJson();
        builder.Property(p => p.Parts).HasJson();
        builder.ComplexProperty(p => p.Metadata);
        builder.Property(p => p.Revision).IsConcurrencyToken();
        builder.HasIndex(p => p.NormalizedName).IsUnique();
        builder.HasIndex(p => new { p.Archived, p.UpdatedAt });
        builder.HasIndex(p => new { p.Archived, p.NormalizedName });
        builder.HasOne<User>().WithMany().HasForeignKey(p => p.CreatedBy).OnDelete(DeleteBehavior.SetNull);
    }

    public void Configure(EntityTypeBuilder<PromptVersion> builder)
    {
        builder.Property(v => v.VariableDefinitions).HasJson();
        builder.Property(v => v.Messages).HasJson();
        builder.Property(v => v.Parts).HasJson();
        builder.ComplexProperty(v => v.Metadata);
        builder.HasIndex(v => new { v.PromptId, v.Number }).IsUnique();
        builder.HasQueryFilter(PromptVersions.Drafts, v => v.Number >= 0);
        builder.HasIndex(v => new { v.PromptId, v.Version }).IsUnique();
        builder.HasOne<Prompt>().WithMany().HasForeignKey(v => v.PromptId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<PromptLabel> builder)
    {
        builder.HasKey(l => new { l.PromptId, l.Name });
        builder.Property(l => l.Name).HasMaxLength(64);
        builder.HasIndex(l => l.Name);
        builder.HasOne<Prompt>().WithMany().HasForeignKey(l => l.PromptId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<PromptVersion>().WithMany().HasForeignKey(l => l.PromptVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
