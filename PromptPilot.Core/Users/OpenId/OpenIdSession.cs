using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PromptPilot.Core.Users.OpenId;

/// <summary>What is stored about a session that was started by the provider. Deleted with the session.</summary>
public sealed class OpenIdSession
{
    public required string SessionId { get; set; }

    public required string Issuer { get; set; }

    public required string Subject { get; set; }

    /// <summary>The provider's own session (<c>sid</c>), which it names when it signs the person out.</summary>
    public string? ProviderSession { get; set; }

    /// <summary>Encrypted with the key ring; null if the provider issued none.</summary>
    public string? RefreshToken { get; set; }

    /// <summary>When the person's groups were last requested (UTC).</summary>
    public DateTime CheckedAt { get; set; }
}

internal sealed class OpenIdSessionConfiguration : IEntityTypeConfiguration<OpenIdSession>
{
    /// <summary>Maximum characters of an issuer, a subject or a provider's session id. Longer ones are refused.</summary>
    public const int MaxId = 255;

    public void Configure(EntityTypeBuilder<OpenIdSession> builder)
    {
        builder.ToTable("OpenIdSessions");
        builder.HasKey(s => s.SessionId);
        builder.Property(s => s.SessionId).HasMaxLength(36);
        builder.Property(s => s.Issuer).HasMaxLength(MaxId);
        builder.Property(s => s.Subject).HasMaxLength(MaxId);
        builder.Property(s => s.ProviderSession).HasMaxLength(MaxId);
        builder.HasIndex(s => new { s.Issuer, s.Subject });
        builder.HasOne<Session>().WithOne().HasForeignKey<OpenIdSession>(s => s.SessionId).OnDelete(DeleteBehavior.Cascade);
    }
}
