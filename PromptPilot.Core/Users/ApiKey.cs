using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users;

/// <summary>A key with which a program acts for its owner. The key itself is shown once; only its hash is kept.</summary>
public sealed class ApiKey
{
    public string Id { get; set; } = Ids.New();

    public required string UserId { get; set; }

    public required string Name { get; set; }

    /// <summary>The first characters of the key, to recognize it by.</summary>
    public required string Prefix { get; set; }

    /// <summary>SHA-256 of the whole key, hexadecimal. A fast hash is right here: the key has 256 random bits.</summary>
    public required string Hash { get; set; }

    public Permission Scope { get; set; }

    /// <summary>The model profiles that its calls of prompts may use, the default first; empty: all that its owner may use.</summary>
    public List<string> ModelProfileIds { get; set; } = [];

    public DateTime CreatedAt { get; set; }

    public DateTime? ExpiresAt { get; set; }

    /// <summary>Accurate to the minute, so that a busy key does not write at every call.</summary>
    public DateTime? LastUsedAt { get; set; }

    public DateTime? RevokedAt { get; set; }
}
