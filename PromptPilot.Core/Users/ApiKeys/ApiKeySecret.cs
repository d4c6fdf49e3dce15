using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PromptPilot.Core.Users.ApiKeys;

/// <summary>The text of an API key: <c>pp_</c> and 256 random bits.</summary>
internal static class ApiKeySecret
{
    private const int PrefixLength = 8;

    public static string New() => "pp_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public static string Prefix(string key) => key[..PrefixLength];
}
