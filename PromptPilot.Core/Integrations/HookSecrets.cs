using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PromptPilot.Core.Integrations;

/// <summary>Encrypts what signs deliveries, and addresses that are secrets themselves, with the host's key ring.</summary>
public sealed class HookSecrets(IDataProtectionProvider provider)
{
    private readonly IDataProtector _protector = provider.CreateProtector("PromptPilot.Integrations.Secret");

    internal string Encrypt(string secret) => _protector.Protect(secret);

    /// <summary>The secret in clear.</summary>
    /// <exception cref="CryptographicException">The key ring no longer has the key that encrypted it.</exception>
    internal string Decrypt(string encrypted) => _protector.Unprotect(encrypted);

    /// <summary>The whole address of a hook.</summary>
    /// <exception cref="CryptographicException">As above.</exception>
    internal string AddressOf(IntegrationHook hook) => hook.SecretUrl is { } secret ? Decrypt(secret) : hook.TargetUrl;

    /// <summary>The same, or null if the key that encrypted it is lost.</summary>
    internal string? KnownAddressOf(IntegrationHook hook)
    {
        try
        {
            return AddressOf(hook);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
