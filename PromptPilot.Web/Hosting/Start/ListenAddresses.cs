using Microsoft.Extensions.Configuration.Json;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Web.Hosting.Start;

/// <summary>
/// Where the portal listens, by the settings that all ASP.NET programs have: <c>Urls</c>, <c>--urls</c>, <c>ASPNETCORE_URLS</c>,
/// <c>DOTNET_URLS</c>, and ports alone.
/// </summary>
internal sealed class ListenAddresses : ISettingsCheck
{
    private const string Urls = "Urls";
    private const string HttpPorts = "HTTP_PORTS";
    private const string HttpsPorts = "HTTPS_PORTS";
    private const string Example = "Write one or more addresses like http://0.0.0.0:5080, separated by semicolons.";

    /// <summary>The shipped file has an address; ports that someone set elsewhere win over it.</summary>
    public static void PreferPorts(WebApplicationBuilder builder)
    {
        IConfigurationRoot configuration = builder.Configuration;
        var file = configuration.Providers.OfType<JsonConfigurationProvider>().FirstOrDefault(provider => provider.TryGet(Urls, out _));
        var isOfFile = file is not null && file.TryGet(Urls, out var shipped) && shipped == configuration[Urls];
        var ports = PortsOf(configuration);
        if (isOfFile && ports.Count > 0 && ports.TrueForAll(port => IsPort(port.Port)))
        {
            // Not emptied: the host would fall back to the address that it read when its builder was made.
            var urls = string.Join(';', ports.Select(port => $"{port.Scheme}://*:{port.Port}"));
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [Urls] = urls });
        }
    }

    /// <summary>The configured addresses, for people to read.</summary>
    public static string Of(IConfiguration configuration) => configuration[Urls] is { Length: > 0 } urls ? urls : "the default address";

    public IReadOnlyList<string> Keys => [Urls, HttpPorts, HttpsPorts];

    public IReadOnlyList<string> Errors(IConfiguration configuration) =>
        [
            .. NoAddress(configuration),
            .. PortsOf(configuration)
                .Where(port => !IsPort(port.Port))
                .Select(port => $"{port.Key} has “{port.Port}”, which is not a port. Write a number from 0 to 65535."),
            .. Parts(configuration[Urls]).Select(part => AddressError(Urls, configuration[Urls]!, part)).OfType<string>().Take(1),
        ];

    /// <summary>Otherwise Kestrel would listen on its default address, where no one expects the portal.</summary>
    private static IEnumerable<string> NoAddress(IConfiguration configuration) =>
        configuration[Urls] is { } urls
        && Parts(urls).Length == 0
        && PortsOf(configuration).Count == 0
        && !configuration.GetSection("Kestrel:Endpoints").Exists()
            ? [$"{Urls} is empty. {Example}"]
            : [];

    private static List<(string Key, string Scheme, string Port)> PortsOf(IConfiguration configuration) =>
        [
            .. Parts(configuration[HttpPorts]).Select(port => (HttpPorts, "http", port)),
            .. Parts(configuration[HttpsPorts]).Select(port => (HttpsPorts, "https", port)),
        ];

    private static bool IsPort(string text) => ushort.TryParse(text, System.Globalization.NumberStyles.None, null, out _);

    private static string[] Parts(string? text) =>
        (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <returns>Null, or what is wrong with one of the addresses that a key has.</returns>
    internal static string? AddressError(string key, string urls, string part)
    {
        var wrong = $"{key} is “{urls}”: ";
        var schemeEnd = part.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd < 0 || part[..schemeEnd].ToLowerInvariant() is not ("http" or "https"))
        {
            return $"{wrong}“{part}” does not start with http:// or https://. {Example}";
        }

        var rest = part[(schemeEnd + 3)..];
        if (rest.StartsWith("unix:/", StringComparison.Ordinal) || rest.StartsWith("pipe:/", StringComparison.Ordinal))
        {
            return null;
        }

        var pathStart = rest.IndexOf('/', StringComparison.Ordinal);
        var host = pathStart < 0 ? rest : rest[..pathStart];
        if (pathStart >= 0 && pathStart < rest.Length - 1)
        {
            return $"{wrong}“{part}” has a path, but the portal listens at the root. {Example}";
        }

        var portStart = host.LastIndexOf(':');
        var isAddress = host.EndsWith(']');
        var port = portStart < 0 || isAddress ? null : host[(portStart + 1)..];
        var name = port is null ? host : host[..portStart];
        if (port is not null && !IsPort(port))
        {
            return $"{wrong}“{port}” is not a port. {Example}";
        }

        var isName = Uri.CheckHostName(name) != UriHostNameType.Unknown || name is "*" or "+";
        return !isName ? $"{wrong}“{name}” is not a host. {Example}"
            : port == "0" && name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                ? $"{wrong}port 0 (any free port) needs an IP address as host: http://127.0.0.1:0."
            : null;
    }
}
