using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Prompts;

/// <summary>Values of a prompt's variables that someone kept under a name, to try the prompt with them again.</summary>
public sealed class PromptExample
{
    public string Id { get; set; } = Ids.New();

    public required string PromptId { get; set; }

    /// <summary>Unique within the prompt.</summary>
    public required string Name { get; set; }

    /// <summary>Values by variable. Those that a version does not have are left out.</summary>
    public Dictionary<string, JsonElement> Values { get; set; } = [];

    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }
}

internal sealed class PromptExampleConfiguration : IEntityTypeConfiguration<PromptExample>
{
    public void Configure(EntityTypeBuilder<PromptExample> builder)
    {
        builder.Property(e => e.Name).HasMaxLength(PromptChecks.MaxName);
        builder.Property(e => e.Values).HasJson();
        builder.HasIndex(e => new { e.PromptId, e.Name }).IsUnique();
        builder.HasOne<Prompt>().WithMany().HasForeignKey(e => e.PromptId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<User>().WithMany().HasForeignKey(e => e.CreatedBy).OnDelete(DeleteBehavior.SetNull);
    }
}
