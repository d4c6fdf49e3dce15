using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users;

/// <summary>One sign-in on one browser. Its cookie is valid as long as this row exists.</summary>
public sealed class Session
{
    /// <summary>The claim of the cookie that names the session.</summary>
    public const string Claim = "promptpilot:session";

    public string Id { get; set; } = Ids.New();

    public required string UserId { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>Accurate to a few minutes, so that not every click writes.</summary>
    public DateTime LastSeenAt { get; set; }

    /// <summary>Begun with a second factor, or it was set up since.</summary>
    public bool IsStrong { get; set; }

    public string? RemoteAddress { get; set; }

    public string? UserAgent { get; set; }

    /// <summary>The session that a cookie names; null for a cookie without one.</summary>
    public static string? IdOf(ClaimsPrincipal? person) => person?.FindFirstValue(Claim);
}

internal sealed class SessionConfiguration : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("Sessions");
        builder.Property(s => s.RemoteAddress).HasMaxLength(AuditConfiguration.MaxAddress);
        builder.Property(s => s.UserAgent).HasMaxLength(AuditConfiguration.MaxUserAgent);
        builder.HasIndex(s => new { s.UserId, s.LastSeenAt });
        builder.HasOne<User>().WithMany().HasForeignKey(s => s.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
