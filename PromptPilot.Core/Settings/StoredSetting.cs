using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Settings;

/// <summary>A value set on the settings page. Without a row, the settings file or the default applies.</summary>
public sealed class StoredSetting
{
    /// <summary>The configuration key.</summary>
    [MaxLength(200)]
    public required string Key { get; set; }

    /// <summary>Null for a secret.</summary>
    [MaxLength(Setting.MaxLength)]
    public string? Value { get; set; }

    /// <summary>The encrypted value of a secret.</summary>
    public string? Secret { get; set; }

    public int Revision { get; set; } = 1;

    public DateTime UpdatedAt { get; set; }

    /// <summary>Id of a user; null when they were deleted.</summary>
    [MaxLength(36)]
    public string? UpdatedBy { get; set; }
}

internal sealed class StoredSettingConfiguration : IEntityTypeConfiguration<StoredSetting>
{
    public void Configure(EntityTypeBuilder<StoredSetting> builder)
    {
        builder.HasKey(setting => setting.Key);
        builder.Property(setting => setting.Revision).IsConcurrencyToken();
        builder.HasOne<User>().WithMany().HasForeignKey(setting => setting.UpdatedBy).OnDelete(DeleteBehavior.SetNull);
    }
}
