using Microsoft.AspNetCore.DataProtection;

namespace PromptPilot.Core.Users.TwoFactor;

/// <summary>Encrypts the keys of authenticator apps with the host's key ring.</summary>
public sealed class TotpKeys(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("PromptPilot.Users.Totp");

    internal string Protect(byte[] key) => Convert.ToBase64String(_protector.Protect(key));

    internal byte[] Unprotect(string text) => _protector.Unprotect(Convert.FromBase64String(text));
}
