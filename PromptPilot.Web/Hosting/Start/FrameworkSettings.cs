using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Web.Hosting.Start;

/// <summary>Settings are invalid, so the host cannot be built.</summary>
internal sealed class WrongSettingsException(IReadOnlyList<string> errors) : Exception(string.Join(' ', errors))
{
    public IReadOnlyList<string> Errors => errors;
}

/// <summary>
/// The settings of ASP.NET Core that a portal has: log levels, host names and Kestrel's addresses. The framework answers a wrong value with
/// a stack, or not at all.
/// </summary>
internal static class FrameworkSettings
{
    private const string Logging = "Logging";
    private const string Kestrel = "Kestrel";

    private static readonly string[] Sections = ["PromptPilot", Logging, Kestrel, "Urls", "AllowedHosts"];

    /// <summary>Sections that libraries and tools read; they are not checked.</summary>
    private static readonly string[] Foreign = ["hostBuilder", "ConnectionStrings", "Quartz", "$schema"];

    private static readonly string[] LoggingSections = ["LogLevel", "Console", "Debug", "EventSource", "EventLog", "CaptureScopes"];

    private static readonly string[] LogFormats = ["simple", "systemd", "json"];
    private static readonly string[] LogSwitches = ["SingleLine", "IncludeScopes", "UseUtcTimestamp", "CaptureScopes"];
    private static readonly string[] KestrelSections = ["Endpoints", "EndpointDefaults", "Certificates"];

    private static readonly Dictionary<string, Type> KestrelWords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Protocols"] = typeof(HttpProtocols),
        ["ClientCertificateMode"] = typeof(ClientCertificateMode),
        ["SslProtocols"] = typeof(SslProtocols),
    };

    /// <summary>The errors, one sentence each, beginning with the key. Checked before the host is built.</summary>
    public static IReadOnlyList<string> Errors(IConfiguration configuration) =>
        [
            .. LogLevels(configuration),
            .. LogFormat(configuration),
            .. HostNames(configuration),
            .. Endpoints(configuration),
            .. Words(configuration),
        ];

    /// <summary>The settings that are ignored, one sentence each, beginning with the key.</summary>
    public static IReadOnlyList<string> Unknown(IConfiguration configuration) =>
        [
            .. TopLevel(configuration),
            .. Children(configuration, Logging)
                .Where(child => !Is(LoggingSections, child.Key) && !child.GetSection("LogLevel").Exists())
                .Select(child => UnknownSettings.Warning(child.Path, Below(Logging, LoggingSections))),
            .. Children(configuration, Kestrel)
                .Where(child => !Is(KestrelSections, child.Key))
                .Select(child => UnknownSettings.Warning(child.Path, Below(Kestrel, KestrelSections))),
        ];

    private static IEnumerable<string> LogLevels(IConfiguration configuration) =>
        from pair in configuration.GetSection(Logging).AsEnumerable()
        where
            pair.Value is not null
            && pair.Key.Split(ConfigurationPath.KeyDelimiter) is [.., var section, _]
            && section.Equals("LogLevel", StringComparison.OrdinalIgnoreCase)
            && !(Enum.TryParse<LogLevel>(pair.Value, ignoreCase: true, out var level) && Enum.IsDefined(level))
        orderby pair.Key
        select WrongWord(pair.Key, pair.Value, typeof(LogLevel));

    private static IEnumerable<string> LogFormat(IConfiguration configuration)
    {
        const string Formatter = $"{Logging}:Console:FormatterName";
        if (configuration[Formatter] is { Length: > 0 } name && !Is(LogFormats, name))
        {
            yield return $"{Formatter} is “{name}”, which is not one of {string.Join(", ", LogFormats)}.";
        }

        foreach (var (key, value) in configuration.GetSection(Logging).AsEnumerable().Where(pair => pair.Value is { Length: > 0 }))
        {
            if (Is(LogSwitches, key[(key.LastIndexOf(':') + 1)..]) && !bool.TryParse(value, out _))
            {
                yield return $"{key} is “{value}”, which is not true or false.";
            }
        }
    }

    private static IEnumerable<string> HostNames(IConfiguration configuration) =>
        (configuration["AllowedHosts"] ?? "")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(host =>
                host is not "*"
                && Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) == UriHostNameType.Unknown
            )
            .Select(host =>
                $"AllowedHosts has “{host}”, which is not a host name. Write names without scheme and port, with semicolons "
                + "between them, or * for all."
            );

    private static IEnumerable<string> Endpoints(IConfiguration configuration)
    {
        foreach (var endpoint in configuration.GetSection($"{Kestrel}:Endpoints").GetChildren())
        {
            var key = $"{endpoint.Path}:Url";
            if (endpoint["Url"] is not { Length: > 0 } url)
            {
                yield return $"{key} is missing. Write an address like http://0.0.0.0:5080.";
            }
            else if (ListenAddresses.AddressError(key, url, url) is { } error)
            {
                yield return error;
            }
        }
    }

    /// <summary>Values of which there are only a few.</summary>
    private static IEnumerable<string> Words(IConfiguration configuration) =>
        from pair in configuration.GetSection(Kestrel).AsEnumerable()
        where pair.Value is { Length: > 0 }
        let names = pair.Key.Split(ConfigurationPath.KeyDelimiter)
        // The list of TLS versions has an entry for each.
        let type = KestrelWords.GetValueOrDefault(names[^1]) ?? (names.Length > 1 ? KestrelWords.GetValueOrDefault(names[^2]) : null)
        where type is not null && !Enum.TryParse(type, pair.Value, ignoreCase: true, out _)
        orderby pair.Key
        select WrongWord(pair.Key, pair.Value, type);

    /// <summary>
    /// The environment is full of variables of other programs: only sections whose names are close to ours are reported.
    /// </summary>
    private static IEnumerable<string> TopLevel(IConfiguration configuration) =>
        configuration is not IConfigurationRoot root
            ? []
            : root
                .Providers.Where(provider =>
                    provider is JsonConfigurationProvider or CommandLineConfigurationProvider or EnvironmentVariablesConfigurationProvider
                )
                .SelectMany(provider => Names(provider).Where(name => IsMisspelt(provider, name)))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(name => UnknownSettings.Warning(name, Sections));

    private static bool IsMisspelt(IConfigurationProvider provider, string name)
    {
        var isNear =
            Core.Shared.Spelling.Nearest(name.ToLowerInvariant(), Sections.Select(section => section.ToLowerInvariant())) is not null;
        var isSection = provider.GetChildKeys([], name).Any();
        return !Is(Sections, name)
            && !Is(Foreign, name)
            && isSection
            && (isNear || provider is not EnvironmentVariablesConfigurationProvider);
    }

    private static IEnumerable<string> Names(IConfigurationProvider provider) =>
        provider.GetChildKeys([], null).Distinct(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<IConfigurationSection> Children(IConfiguration configuration, string section) =>
        configuration.GetSection(section).GetChildren();

    private static IEnumerable<string> Below(string section, string[] names) => names.Select(name => $"{section}:{name}");

    private static bool Is(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string WrongWord(string key, string? value, Type type) =>
        $"{key} is “{value}”, which is not one of {string.Join(", ", Enum.GetNames(type))}.";
}
