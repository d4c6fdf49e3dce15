using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Shared.Network;

/// <summary>
/// Where people find this portal, for links in what leaves it: <c>PromptPilot:PublicUrl</c>, else where it listens, which works on this
/// machine at least.
/// A request's Host header, which its sender writes, is believed only where it names this machine or what AllowedHosts lists.
/// </summary>
public sealed class PortalAddress(IConfiguration configuration) : ISettingsCheck
{
    internal const string Key = "PromptPilot:PublicUrl";

    /// <summary>Read here too, where the web is not known.</summary>
    private const string PathBaseKey = "PromptPilot:Http:PathBase";

    public IReadOnlyList<string> Keys => [Key];

    /// <param name="path">Path of a page, with a leading slash.</param>
    internal string LinkTo(string path) => RootOf(configuration) + path;

    /// <summary>
    /// A link that is shown to the sender of a request: with <c>PublicUrl</c>, else with the address they used if it is one of this portal.
    /// </summary>
    /// <param name="path">Path of a page, with a leading slash.</param>
    /// <param name="asked">The address of the portal as the sender sees it, with its base path.</param>
    public string LinkTo(string path, Uri asked) =>
        configuration[Key] is { Length: > 0 } || !OwnHosts.Contains(configuration, asked.IdnHost)
            ? LinkTo(path)
            : asked.GetLeftPart(UriPartial.Path).TrimEnd('/') + path;

    public IReadOnlyList<string> Errors(IConfiguration configuration)
    {
        var text = RootOf(configuration);
        return
            Uri.TryCreate(text, UriKind.Absolute, out var root)
            && (root.Scheme == Uri.UriSchemeHttp || root.Scheme == Uri.UriSchemeHttps)
            && root.AbsolutePath.TrimEnd('/') == PathBaseOf(configuration)
            && root.Query.Length == 0
            && root.UserInfo.Length == 0
            ? []
            : [$"{Key} is “{text}”, which is not an address like https://prompts.example.org{PathBaseOf(configuration)}."];
    }

    private static string RootOf(IConfiguration configuration) =>
        configuration[Key] is { Length: > 0 } chosen
            ? chosen.TrimEnd('/')
            : Listening(configuration["Urls"]).TrimEnd('/') + PathBaseOf(configuration);

    private static string PathBaseOf(IConfiguration configuration) => configuration[PathBaseKey] ?? "";

    private static string Listening(string? urls)
    {
        // "http://+:5080" and the like are no addresses of a URL.
        var first =
            urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault()
            ?? "http://localhost:5080";
        return first
            .Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .Replace("[::]", "localhost", StringComparison.Ordinal)
            .Replace("//+", "//localhost", StringComparison.Ordinal)
            .Replace("//*", "//localhost", StringComparison.Ordinal);
    }
}
