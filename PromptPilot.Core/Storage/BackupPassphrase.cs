using System.Security.Cryptography;

namespace PromptPilot.Core.Storage;

/// <summary>
/// The passphrase of a backup. Anyone with the file can try passphrases at full speed, so short ones are refused.
/// </summary>
public static class BackupPassphrase
{
    /// <summary>Length in characters.</summary>
    public const int Shortest = 16;

    /// <summary>Length in characters.</summary>
    public const int Longest = 200;

    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>One that cannot be guessed: six groups of four letters, 118 bits.</summary>
    public static string Suggest() => string.Join('-', Enumerable.Range(0, 6).Select(_ => RandomNumberGenerator.GetString(Letters, 4)));
}
