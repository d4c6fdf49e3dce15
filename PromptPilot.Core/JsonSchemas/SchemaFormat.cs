using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>A <c>format</c> that is checked.</summary>
/// <param name="Words">What a text must be.</param>
internal sealed record SchemaFormat(string Words, Func<string, bool> Fits);

/// <summary>The formats that generators of schemas write.</summary>
internal static partial class SchemaFormats
{
    /// <summary>The longest address of a mailbox (RFC 5321).</summary>
    private const int MaxMail = 254;

    private const int MaxHost = 253;

    private static readonly Dictionary<string, SchemaFormat> Checked = new(StringComparer.Ordinal)
    {
        ["date-time"] = new("must be a date and time, like 2030-01-31T12:00:00Z", IsDateTime),
        ["date"] = new("must be a date, like 2030-01-31", IsDate),
        ["time"] = new("must be a time, like 12:00:00Z", IsTime),
        ["duration"] = new("must be a duration, like P1DT12H", text => Duration.IsMatch(text) && text[^1] is not ('P' or 'T')),
        ["email"] = new("must be an e-mail address", text => text.Length <= MaxMail && Email.IsMatch(text)),
        ["hostname"] = new("must be a host name", text => text.Length <= MaxHost && Host.IsMatch(text)),
        ["ipv4"] = new("must be an IPv4 address", text => Ipv4.IsMatch(text)),
        ["ipv6"] = new(
            "must be an IPv6 address",
            text =>
                IPAddress.TryParse(text, out var address)
                && address.AddressFamily == AddressFamily.InterNetworkV6
                && text.IndexOfAny(['%', '[', ' ']) < 0
        ),
        ["uri"] = new("must be a URL", text => Uri.TryCreate(text, UriKind.Absolute, out _) && Scheme.IsMatch(text)),
        ["uuid"] = new("must be a UUID", text => Guid.TryParseExact(text, "D", out _)),
    };

    /// <summary>Formats of the standard, of OpenAPI and of Pydantic that say something to the reader only.</summary>
    private static readonly HashSet<string> Noted = new(StringComparer.Ordinal)
    {
        "idn-email",
        "idn-hostname",
        "uri-reference",
        "uri-template",
        "iri",
        "iri-reference",
        "json-pointer",
        "relative-json-pointer",
        "regex",
        "int32",
        "int64",
        "float",
        "double",
        "byte",
        "binary",
        "password",
        "decimal",
        "name-email",
        "multi-host-uri",
        "ipvanyaddress",
        "ipvanyinterface",
        "ipvanynetwork",
        "ipv4interface",
        "ipv6interface",
        "ipv4network",
        "ipv6network",
        "path",
        "file-path",
        "directory-path",
        "json-string",
        "base64",
        "base64url",
        "color",
        "cuid",
        "cuid2",
        "ulid",
        "nanoid",
        "emoji",
        "ip",
        "cidrv4",
        "cidrv6",
        "jwt",
        "url",
        "markdown",
        "html",
    };

    public static string Names { get; } = string.Join(", ", Checked.Keys);

    /// <summary>Null: it is not checked.</summary>
    public static SchemaFormat? Find(string name) => Checked.GetValueOrDefault(name);

    public static bool IsNoted(string name) => Noted.Contains(name);

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\d\z", RegexOptions.CultureInvariant)]
    private static partial Regex Day { get; }

    /// <summary>The offset may be missing: programs in Python leave it out.</summary>
    [GeneratedRegex(@"\A([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Clock { get; }

    [GeneratedRegex(@"\AP(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration { get; }

    [GeneratedRegex(@"\A[^\s@<>()\[\],;:]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Email { get; }

    [GeneratedRegex(
        @"\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Host { get; }

    [GeneratedRegex(@"\A((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.|\z)){4}(?<!\.)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Ipv4 { get; }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:[^\s<>""{}|\\^`]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme { get; }

    private static bool IsDate(string text) =>
        Day.IsMatch(text) && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsTime(string text) => Clock.IsMatch(text);

    private static bool IsDateTime(string text) =>
        text.Length > 11 && text[10] is 'T' or 't' or ' ' && IsDate(text[..10]) && IsTime(text[11..]);
}
