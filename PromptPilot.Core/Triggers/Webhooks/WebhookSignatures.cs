using System.Security.Cryptography;
using System.Text;

namespace PromptPilot.Core.Triggers.Webhooks;

/// <summary>
/// Signatures as the senders make them: Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks) and GitHub's
/// <c>X-Hub-Signature-256</c>. All are HMAC-SHA256.
/// </summary>
public static class WebhookSignatures
{
    /// <summary>Prefix of Standard Webhooks secrets; base64 follows.</summary>
    public const string StandardPrefix = "whsec_";

    /// <summary>The base64 signature over <c>id.timestamp.body</c>, without the version <c>v1,</c> before it.</summary>
    /// <param name="secret"><c>whsec_…</c>.</param>
    /// <param name="timestamp">Unix seconds, as sent.</param>
    public static string SignStandard(string secret, string id, string timestamp, ReadOnlySpan<byte> body) =>
        Convert.ToBase64String(StandardHash(secret, id, timestamp, body));

    /// <summary>The signature with <c>sha256=</c> before it.</summary>
    public static string SignGitHub(string secret, ReadOnlySpan<byte> body) =>
        "sha256=" + Convert.ToHexStringLower(GitHubHash(secret, body));

    /// <summary>A new secret: 32 random bytes, as the verification wants them written.</summary>
    public static string NewSecret(bool standard)
    {
        var bytes = RandomNumberGenerator.GetBytes(32);
        return standard ? StandardPrefix + Convert.ToBase64String(bytes) : Convert.ToHexStringLower(bytes);
    }

    /// <summary>True when a given secret is valid for Standard Webhooks: 16 to 128 bytes in base64 after the prefix.</summary>
    public static bool IsStandardSecret(string secret) =>
        secret.StartsWith(StandardPrefix, StringComparison.Ordinal)
        && secret.Length <= 200
        && Convert.TryFromBase64String(secret[StandardPrefix.Length..], new byte[200], out var length)
        && length is >= 16 and <= 128;

    internal static byte[] StandardHash(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        var key = Convert.FromBase64String(
            secret.StartsWith(StandardPrefix, StringComparison.Ordinal) ? secret[StandardPrefix.Length..] : secret
        );
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    internal static byte[] GitHubHash(string secret, ReadOnlySpan<byte> body) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body);
}
