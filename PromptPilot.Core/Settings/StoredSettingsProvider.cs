using Microsoft.Extensions.Configuration;

namespace PromptPilot.Core.Settings;

/// <summary>
/// The settings page as a source of configuration: over the settings file, below environment variables and arguments. Empty until the
/// database is open.
/// </summary>
public sealed class StoredSettingsProvider : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Replaces all it has; options that follow settings have the new values when this returns.</summary>
    internal void Show(IReadOnlyDictionary<string, string?> values)
    {
        if (values.Count == Data.Count && values.All(pair => Data.TryGetValue(pair.Key, out var shown) && shown == pair.Value))
        {
            return;
        }

        Data = new Dictionary<string, string?>(values, StringComparer.OrdinalIgnoreCase);
        OnReload();
    }
}
