using System.Net;
using System.Text;

namespace PromptPilot.Tests.Integration.Attacks;

/// <summary>
/// Secrets that were planted, and the search for them: as they are, and in the forms in which they would still be readable.
/// </summary>
internal sealed class Canaries
{
    private readonly Dictionary<string, List<byte[]>> _needles = [];

    public IReadOnlyCollection<string> Names => _needles.Keys;

    public void Plant(string name, string secret)
    {
        secret.Length.Should().BeGreaterThan(7, $"{name} must be long enough to be known when it is met");
        _needles.Add(name, [.. Forms(secret).Distinct().Select(Encoding.UTF8.GetBytes), Encoding.Unicode.GetBytes(secret)]);
    }

    /// <returns>Where which secret stands, one line each.</returns>
    public IEnumerable<string> Find(string place, string text) => Find(place, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Find(string, string)"/>
    public IReadOnlyList<string> Find(string place, byte[] content) =>
        [
            .. _needles
                .Where(canary => canary.Value.Any(needle => content.AsSpan().IndexOf(needle) >= 0))
                .Select(canary => $"{canary.Key} in {place}"),
        ];

    /// <summary>Around the first find, to see what wrote it.</summary>
    public IEnumerable<string> Lines(IEnumerable<string> lines) =>
        lines.Where(line => Find("", line).Any()).Take(5).Select(line => line.Length > 400 ? line[..400] : line);

    private static IEnumerable<string> Forms(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return WebUtility.UrlEncode(secret);
        yield return WebUtility.HtmlEncode(secret);
        yield return Convert.ToHexString(bytes);
        yield return Convert.ToHexStringLower(bytes);
        for (var offset = 0; offset < 3; offset++)
        {
            // In the middle of a longer text base64 looks different by where the secret begins: its inner characters in each of the three
            // ways.
            var shifted = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            var inner = shifted[4..^4];
            yield return inner;
            yield return inner.Replace('+', '-').Replace('/', '_');
        }
    }
}
