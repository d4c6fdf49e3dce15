using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PromptPilot.Core.Users.TwoFactor;

/// <summary>Time-based one-time passwords as authenticator apps make them: RFC 6238 with SHA-1, six digits, 30 seconds.</summary>
internal static class Totp
{
    private const int Seconds = 30;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>160 random bits, the length that RFC 4226 recommends.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(20);

    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / Seconds;

    public static string CodeAt(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // What authenticator apps understand; HMAC does not suffer from collisions of SHA-1.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 0xf;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(offset, 4)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step that a code is of: this one or a neighbour, for clocks that differ, but never one at or before <paramref name="used"/>, so that a code counts once.</summary>
    /// <returns>Null when it is none of these.</returns>
    public static long? Match(byte[] key, string code, DateTimeOffset now, long used)
    {
        var given = Encoding.ASCII.GetBytes(new string([.. code.Where(char.IsAsciiDigit)]));
        long? found = null;
        for (var step = StepAt(now) - 1; step <= StepAt(now) + 1; step++)
        {
            // All are compared, in constant time.
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(CodeAt(key, step))) && step > used)
            {
                found ??= step;
            }
        }

        return found;
    }

    /// <summary>Base 32 without padding (RFC 4648), as people type it into an app.</summary>
    public static string ToBase32(byte[] key)
    {
        var text = new StringBuilder();
        int buffer = 0, bits = 0;
        foreach (var value in key)
        {
            buffer = (buffer << 8) | value;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
            }
        }

        return bits > 0 ? text.Append(Alphabet[(buffer << (5 - bits)) & 31]).ToString() : text.ToString();
    }

    /// <summary>What the QR code holds.</summary>
    public static string Uri(byte[] key, string email) =>
        $"otpauth://totp/PromptPilot:{System.Uri.EscapeDataString(email)}?secret={ToBase32(key)}&issuer=PromptPilot";
}
