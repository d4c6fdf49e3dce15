using System.Collections.Frozen;
using System.IO.Compression;

namespace PromptPilot.Core.Users.Passwords;

/// <summary>
/// The 5,000 most common passwords of twelve characters or more, in lower case, from Mark Burnett's public domain list of ten million.
/// </summary>
internal static class CommonPasswords
{
    private static readonly Lazy<FrozenSet<string>> Known = new(Read);

    /// <summary>True when the password is on the list, ignoring case.</summary>
    public static bool Contains(string password) => Known.Value.Contains(password.ToLowerInvariant());

    private static FrozenSet<string> Read()
    {
        using var file = typeof(CommonPasswords).Assembly.GetManifestResourceStream("Users.CommonPasswords")!;
        using var unpacked = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return unpacked.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
