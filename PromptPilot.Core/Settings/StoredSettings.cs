using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Core.Settings;

/// <summary>A rule that is broken.</summary>
/// <param name="Key">Key of the setting that the rule names first.</param>
internal sealed record SettingFault(string Key, string Text)
{
    public string Section => ConfigurationPath.GetParentPath(Key) ?? "";
}

/// <summary>Brings what the settings page stored into the configuration.</summary>
public sealed class StoredSettings
{
    private readonly IDbContextFactory<PromptPilotDbContext> _contexts;
    private readonly StoredSettingsProvider _page;
    private readonly SettingLayers _layers;
    private readonly IReadOnlyList<ISettingsCheck> _checks;
    private readonly IDataProtector _protector;
    private readonly ILogger<StoredSettings> _log;
    private volatile HashSet<string> _counting = [];

    public StoredSettings(
        IDbContextFactory<PromptPilotDbContext> contexts,
        StoredSettingsProvider page,
        SettingLayers layers,
        IEnumerable<Setting> settings,
        IEnumerable<ISettingsCheck> checks,
        IDataProtectionProvider protection,
        ILogger<StoredSettings> log
    )
    {
        (_contexts, _page, _layers, _log) = (contexts, page, layers, log);
        (All, _checks) = ([.. settings], [.. checks]);
        _protector = protection.CreateProtector("PromptPilot.Settings.Secret");
    }

    /// <summary>All settings there are, in the page's order.</summary>
    internal IReadOnlyList<Setting> All { get; }

    /// <summary>
    /// Reads what is stored, at start, once the database is open. What no longer goes together with the rest, since the environment or the
    /// rules changed, is left out and logged:
    /// a portal that does not start could not be fixed by its settings page.
    /// </summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var values = Read(await db.StoredSettings.AsNoTracking().ToListAsync(cancellationToken));
        Apply(values, Errors(values));
    }

    /// <summary>Applies these values, except those of invalid sections.</summary>
    internal void Apply(Dictionary<string, string> values, IReadOnlyList<SettingFault> faults)
    {
        foreach (var fault in faults)
        {
            foreach (var key in values.Keys.Where(key => ConfigurationPath.GetParentPath(key) == fault.Section).ToList())
            {
                values.Remove(key);
                _log.LogWarning("The stored setting {Key} is ignored: {Error} Fix it on the settings page.", key, fault.Text);
            }
        }

        _counting = values.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        _page.Show(
            All.Where(setting => values.ContainsKey(setting.Key))
                .SelectMany(setting => _layers.Page(setting, values[setting.Key]))
                .ToDictionary(StringComparer.OrdinalIgnoreCase)
        );
    }

    /// <summary>True when the stored value of a key applies, unless another source overrides the page.</summary>
    internal bool Counts(string key) => _counting.Contains(key);

    /// <summary>The errors in the configuration if the page had these values.</summary>
    internal IReadOnlyList<SettingFault> Errors(IReadOnlyDictionary<string, string> values)
    {
        var configuration = _layers.With(All, values);
        return [.. _checks.SelectMany(check => check.Errors(configuration)).Select(text => new SettingFault(text.Split(' ', 2)[0], text))];
    }

    /// <summary>Rows as values in clear, by key. Rows of unknown keys, of an older or newer version, are left alone.</summary>
    internal Dictionary<string, string> Read(IEnumerable<StoredSetting> rows)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in rows)
        {
            if (All.Any(setting => setting.Key == row.Key) && Clear(row) is { } value)
            {
                values[row.Key] = value;
            }
        }

        return values;
    }

    internal string Encrypt(string secret) => _protector.Protect(secret);

    private string? Clear(StoredSetting row)
    {
        if (row.Secret is null)
        {
            return row.Value;
        }

        try
        {
            return _protector.Unprotect(row.Secret);
        }
        catch (CryptographicException)
        {
            _log.LogError(
                "The stored setting {Key} cannot be decrypted: its key is not in the key ring. Enter it again on the settings page.",
                row.Key
            );
            return null;
        }
    }
}
