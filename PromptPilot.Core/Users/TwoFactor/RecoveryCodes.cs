using System.Security.Cryptography;
using System.Text;

namespace PromptPilot.Core.Users.TwoFactor;

/// <summary>
/// Single-use codes that replace a lost phone. Only hashes are kept; a fast hash is sufficient, since a code has 80 random bits.
/// </summary>
internal static class RecoveryCodes
{
    public const int Count = 10;

    public static IReadOnlyList<string> New() =>
        [
            .. Enumerable
                .Range(0, Count)
                .Select(_ => Totp.ToBase32(RandomNumberGenerator.GetBytes(10)))
                .Select(code => $"{code[..4]}-{code[4..8]}-{code[8..12]}-{code[12..]}"),
        ];

    public static string Hash(string code) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(new string([.. code.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)])))
        );
}
