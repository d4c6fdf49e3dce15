using Microsoft.Extensions.Configuration;

namespace PromptPilot.Core.Shared.Settings;

/// <summary>Finds settings that nothing reads: misspelt ones would be ignored without a word.</summary>
public static class UnknownSettings
{
    private const string Section = "PromptPilot";

    /// <summary>Settings below <c>PromptPilot</c> that no code reads, one sentence each, beginning with the key.</summary>
    /// <param name="configuration">Everything that is set.</param>
    /// <param name="known">All keys there are, from the root on.</param>
    public static IReadOnlyList<string> Find(IConfiguration configuration, IReadOnlyCollection<string> known) =>
        [
            .. configuration
                .GetSection(Section)
                .AsEnumerable()
                .Where(pair => pair.Value is not null && !known.Any(key => Covers(key, pair.Key)))
                .Select(pair => pair.Key)
                .Order(StringComparer.OrdinalIgnoreCase)
                .Select(key => Warning(key, known)),
        ];

    /// <summary>A warning that a key is unknown, with the closest known one.</summary>
    public static string Warning(string key, IEnumerable<string> known)
    {
        var byLowerCase = known.DistinctBy(name => name.ToLowerInvariant()).ToDictionary(name => name.ToLowerInvariant());
        var nearest = Spelling.Nearest(key.ToLowerInvariant(), byLowerCase.Keys);
        return $"{key} is not a setting and is ignored."
            + (nearest is null ? " See docs/configuration.md for all settings." : $" Did you mean {byLowerCase[nearest]}?");
    }

    private static bool Covers(string known, string key) =>
        key.StartsWith(known, StringComparison.OrdinalIgnoreCase)
        && (key.Length == known.Length || key[known.Length] == ConfigurationPath.KeyDelimiter[0]);
}
