using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PromptPilot.Core.Models;

/// <summary>
/// Encrypts the keys of model profiles with the host's key ring. A key is decrypted only when a profile's kernel is made.
/// </summary>
public sealed class ModelKeys(IDataProtectionProvider provider)
{
    private readonly IDataProtector _protector = provider.CreateProtector("PromptPilot.Models.ApiKey");

    internal string Encrypt(string key) => _protector.Protect(key);

    /// <summary>The key in clear.</summary>
    /// <exception cref="CryptographicException">The key ring no longer has the key that encrypted it.</exception>
    internal string Decrypt(string encrypted) => _protector.Unprotect(encrypted);

    internal bool CanDecrypt(string encrypted)
    {
        try
        {
            _ = Decrypt(encrypted);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
