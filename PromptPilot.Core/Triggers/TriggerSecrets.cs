using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Triggers;

/// <summary>Creates the secrets of webhook triggers, and encrypts them with the host's key ring.</summary>
public sealed class TriggerSecrets(IDataProtectionProvider provider)
{
    /// <summary>Standard Webhooks asks for 24 to 64 bytes.</summary>
    private const int Length = 32;

    private readonly IDataProtector _protector = provider.CreateProtector("PromptPilot.Triggers.Secret");

    /// <summary>A new secret in clear: <c>whsec_</c> and 32 random bytes in base64.</summary>
    internal static string Make() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length));

    /// <summary>
    /// True when the present secret can stay for a verification. The secret that a sender made is not base64, as Standard Webhooks wants
    /// it.
    /// </summary>
    internal bool Fits(WebhookSettings settings, WebhookVerification verification)
    {
        try
        {
            return verification != WebhookVerification.StandardWebhooks || WebhookSignatures.IsStandardSecret(Decrypt(settings)[0]);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    internal string Encrypt(string secret) => _protector.Protect(secret);

    /// <summary>The decrypted secrets: the current one first, then the previous one, even if it is no longer valid.</summary>
    /// <exception cref="CryptographicException">The key ring no longer has the key that encrypted them.</exception>
    internal IReadOnlyList<string> Decrypt(WebhookSettings settings) =>
        [.. new[] { settings.Secret, settings.PreviousSecret }.OfType<string>().Select(_protector.Unprotect)];
}
