using System.Security.Cryptography;
using OtpNet;

namespace PromptPilot.Core.Users.TwoFactor;

/// <summary>
/// Time-based one-time passwords as in authenticator apps: RFC 6238 with SHA-1, six digits, 30 seconds, by Otp.NET. Our only addition is
/// that a code works once.
/// </summary>
internal static class Totp
{
    private const int Seconds = 30;

    /// <summary>160 random bits, the length that RFC 4226 recommends.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(20);

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / Seconds;

    public static string CodeAt(byte[] key, long step) => Codes(key).ComputeTotp(DateTime.UnixEpoch.AddSeconds(step * Seconds));

    /// <summary>
    /// The time step of a code: this one or a neighbor, for clocks that differ, but never one at or before <paramref name="used"/>, so
    /// that a code works once.
    /// </summary>
    /// <returns>Null when it is none of these.</returns>
    public static long? Match(byte[] key, string code, DateTimeOffset now, long used) =>
        Codes(key)
            .VerifyTotp(
                now.UtcDateTime,
                new string([.. code.Where(char.IsAsciiDigit)]),
                out var step,
                new VerificationWindow(previous: 1, future: 1)
            )
        && step > used
            ? step
            : null;

    /// <summary>Base 32 without padding (RFC 4648), as people type it into an app.</summary>
    public static string ToBase32(byte[] key) => Base32Encoding.ToString(key).TrimEnd('=');

    /// <summary>The content of the QR code.</summary>
    public static string Uri(byte[] key, string email) =>
        $"otpauth://totp/PromptPilot:{System.Uri.EscapeDataString(email)}?secret={ToBase32(key)}&issuer=PromptPilot";

    private static OtpNet.Totp Codes(byte[] key) => new(key, Seconds);
}
