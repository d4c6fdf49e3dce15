using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace PromptPilot.Core.Settings;

/// <summary>Reads the configuration below and above the settings page.</summary>
public sealed class SettingLayers(IConfiguration configuration, StoredSettingsProvider page)
{
    /// <summary>The effective value of a setting as text, or its default.</summary>
    internal string Effective(Setting setting)
    {
        if (setting.Kind == SettingKind.List)
        {
            var section = configuration.GetSection(setting.Key);
            return section.GetChildren().Any() ? Join(section.GetChildren().Select(entry => entry.Value))
                : section.Value is null ? setting.Default
                : "";
        }

        return configuration[setting.Key] is { } text ? Plain(setting, text) : setting.Default;
    }

    /// <summary>The value without the page: from the settings file, or null.</summary>
    internal string? Below(Setting setting)
    {
        var values = Values(Split().Below, setting);
        return values.Count == 0 ? null : Plain(setting, Join(values.OrderBy(pair => Index(pair.Key)).Select(pair => pair.Value)));
    }

    /// <summary>The source that overrides the page, for people; null if none does.</summary>
    internal string? Above(Setting setting) =>
        Split().Above.LastOrDefault(provider => Values([provider], setting).Count > 0) switch
        {
            null => null,
            EnvironmentVariablesConfigurationProvider => $"the environment variable {setting.Variable}",
            CommandLineConfigurationProvider => "the command line",
            _ => "the host",
        };

    /// <summary>
    /// The page's value as configuration keys. A list hides the whole list below it, or leaves it alone if a higher source has one:
    /// otherwise the entries of several sources would mix.
    /// </summary>
    internal IEnumerable<KeyValuePair<string, string?>> Page(Setting setting, string value)
    {
        if (setting.Kind != SettingKind.List)
        {
            return [new(setting.Key, value)];
        }

        if (Above(setting) is not null)
        {
            return [];
        }

        var entries = value.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var count = Math.Max(1, Math.Max(entries.Length, Values(Split().Below, setting).Keys.Select(Index).DefaultIfEmpty(-1).Max() + 1));
        return Enumerable
            .Range(0, count)
            .Select(index => new KeyValuePair<string, string?>(
                ConfigurationPath.Combine(setting.Key, index.ToString(CultureInfo.InvariantCulture)),
                entries.ElementAtOrDefault(index) ?? ""
            ));
    }

    /// <summary>The configuration as it would be with other values on the page.</summary>
    internal IConfiguration With(IReadOnlyList<Setting> settings, IReadOnlyDictionary<string, string> values)
    {
        var all = configuration.AsEnumerable().Where(pair => pair.Value is not null).ToDictionary(StringComparer.OrdinalIgnoreCase);
        var (below, above) = Split();
        foreach (var setting in settings)
        {
            foreach (var (key, _) in Values([.. below, page, .. above], setting))
            {
                all.Remove(key);
            }

            var typed = values.TryGetValue(setting.Key, out var value) ? Page(setting, value) : [];
            foreach (var (key, text) in Values(below, setting).Concat(typed).Concat(Values(above, setting)))
            {
                all[key] = text;
            }
        }

        return new ConfigurationBuilder().AddInMemoryCollection(all).Build();
    }

    private (IReadOnlyList<IConfigurationProvider> Below, IReadOnlyList<IConfigurationProvider> Above) Split()
    {
        var providers = ((IConfigurationRoot)configuration).Providers.ToList();
        var at = providers.IndexOf(page);
        return at < 0 ? (providers, []) : (providers[..at], providers[(at + 1)..]);
    }

    /// <summary>The keys and values that make up a setting, later providers over earlier ones.</summary>
    private static Dictionary<string, string?> Values(IEnumerable<IConfigurationProvider> providers, Setting setting)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in providers)
        {
            // The key of the list itself represents an empty list.
            var keys =
                setting.Kind == SettingKind.List
                    ? provider
                        .GetChildKeys([], setting.Key)
                        .Select(child => ConfigurationPath.Combine(setting.Key, child))
                        .Prepend(setting.Key)
                    : [setting.Key];
            foreach (var key in keys)
            {
                if (provider.TryGet(key, out var value))
                {
                    values[key] = value;
                }
            }
        }

        return values;
    }

    /// <summary>As the page writes it: files and environments have their own ways to write true, or a word.</summary>
    private static string Plain(Setting setting, string text) =>
        setting.Kind is SettingKind.Switch or SettingKind.Choice && SettingText.Read(setting, text) is { Error: null, Value: var plain }
            ? plain
            : text;

    private static string Join(IEnumerable<string?> entries) =>
        string.Join('\n', entries.Where(entry => !string.IsNullOrWhiteSpace(entry)));

    private static int Index(string key) =>
        int.TryParse(ConfigurationPath.GetSectionKey(key), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : 0;
}
