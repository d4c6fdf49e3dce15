using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Settings;

/// <summary>The source of the effective value; a later one wins.</summary>
public enum SettingSource
{
    Default,
    File,
    Page,

    /// <summary>Environment variables, arguments: not to be changed on the page.</summary>
    Environment,
}

/// <summary>The current state of a setting.</summary>
/// <param name="Value">The effective value; empty for a secret.</param>
/// <param name="IsSet">True when there is a value; nothing more is shown of a secret.</param>
/// <param name="Without">The value without the page; empty for a secret.</param>
/// <param name="FixedBy">The source that overrides the page, for people; null if the page may change it.</param>
/// <param name="Revision">Revision of the stored value; 0 when the page stored none.</param>
/// <param name="ChangedBy">A name; null when unknown.</param>
/// <param name="IsLeftOut">True when the stored value is invalid and therefore ignored.</param>
public sealed record SettingState(
    Setting Setting,
    string Value,
    bool IsSet,
    SettingSource Source,
    string Without,
    string? FixedBy,
    int Revision,
    DateTime? ChangedAt,
    string? ChangedBy,
    bool IsLeftOut = false
);

/// <summary>A change of a setting by an admin.</summary>
/// <param name="Value">As typed; null resets the setting to the file's value or the default.</param>
/// <param name="Revision">Revision of the state that was shown.</param>
public sealed record SettingChange(string Key, string? Value, int Revision);

/// <summary>Shows and changes settings while the portal runs. For admins.</summary>
public sealed class SettingsService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    StoredSettings stored,
    SettingLayers layers,
    TimeProvider time
) : IDisposable
{
    private static readonly Dictionary<string, StoredSetting> NoRows = [];

    /// <summary>Serializes saves and reloads, so that the last written values are shown.</summary>
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    void IDisposable.Dispose() => _oneAtATime.Dispose();

    public Task<Result<IReadOnlyList<SettingState>>> ListAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<IReadOnlyList<SettingState>>(
            actor,
            Permission.Admin,
            async _ => Result(await StatesAsync(cancellationToken)),
            cancellationToken
        );

    /// <summary>Changes settings together: all of them, or none. They count when this returns.</summary>
    /// <returns>All settings as they are then; <see cref="ProblemKind.Invalid"/> with the keys as fields, <see cref="ProblemKind.Stale"/>
    /// if someone else changed one of them since.</returns>
    public Task<Result<IReadOnlyList<SettingState>>> SaveAsync(
        Actor actor,
        IReadOnlyList<SettingChange> changes,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<IReadOnlyList<SettingState>>(
            actor,
            Permission.Admin,
            principal => SaveAsync(principal, changes, cancellationToken),
            cancellationToken
        );

    /// <summary>Reads what another host has stored.</summary>
    internal async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await stored.LoadAsync(cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<Result<IReadOnlyList<SettingState>>> SaveAsync(
        Principal principal,
        IReadOnlyList<SettingChange> changes,
        CancellationToken cancellationToken
    )
    {
        if (changes.FirstOrDefault(change => stored.All.All(setting => setting.Key != change.Key)) is { } unknown)
        {
            return Problem.NotFound($"setting “{unknown.Key}”");
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await gate.BeginAsync(db, cancellationToken);
            var rows = await db.StoredSettings.ToDictionaryAsync(row => row.Key, cancellationToken);
            if (changes.FirstOrDefault(change => change.Revision != (rows.GetValueOrDefault(change.Key)?.Revision ?? 0)) is { } stale)
            {
                return Stale(stale);
            }

            var secrets = UntypedSecrets(changes, rows).ToList();
            List<FieldError> errors = [.. Change(db, rows, changes, principal.UserId), .. secrets];
            if (errors.Count > 0)
            {
                return Problem.Invalid("Nothing was saved.", errors);
            }

            // What is wrong elsewhere is no reason not to fix this.
            var values = stored.Read(rows.Values);
            var faults = stored.Errors(values);
            var touched = changes.Select(change => ConfigurationPath.GetParentPath(change.Key)).ToHashSet();
            if (faults.Where(fault => touched.Contains(fault.Section)).ToList() is { Count: > 0 } wrong)
            {
                return Problem.Invalid("Nothing was saved.", wrong.ConvertAll(AtField));
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            stored.Apply(values, faults);
        }
        finally
        {
            _oneAtATime.Release();
        }

        return Result(await StatesAsync(cancellationToken));
    }

    private static Result<IReadOnlyList<SettingState>> Result(List<SettingState> states) => states;

    /// <summary>Changes the rows, not yet written.</summary>
    private List<FieldError> Change(
        PromptPilotDbContext db,
        Dictionary<string, StoredSetting> rows,
        IReadOnlyList<SettingChange> changes,
        string? userId
    )
    {
        var errors = new List<FieldError>();
        foreach (var change in changes)
        {
            var setting = stored.All.First(one => one.Key == change.Key);
            var (value, error) = change.Value is null ? ("", null) : SettingText.Read(setting, change.Value);
            error = layers.Above(setting) is { } above ? $"{setting.Title} is set by {above}. Change it there." : error;
            if (error is not null)
            {
                errors.Add(new FieldError(setting.Key, error));
            }
            else if (change.Value is null)
            {
                if (rows.Remove(change.Key, out var gone))
                {
                    db.Remove(gone);
                }
            }
            else
            {
                Put(db, rows, setting, value, userId);
            }
        }

        return errors;
    }

    /// <summary>
    /// Secrets that would go elsewhere than where they were typed for: the one who stored one on the page typed it for the server that is
    /// stored, the one who wrote one into the file or the environment for the server without the page.
    /// </summary>
    private IEnumerable<FieldError> UntypedSecrets(IReadOnlyList<SettingChange> changes, IReadOnlyDictionary<string, StoredSetting> rows)
    {
        foreach (
            var secret in stored.All.Where(setting =>
                setting.IsSecret && changes.Any(change => change.Key == setting.Key || setting.GoesTo.Contains(change.Key))
            )
        )
        {
            var change = changes.FirstOrDefault(one => one.Key == secret.Key);
            var isOurs = change is null && rows.GetValueOrDefault(secret.Key)?.Secret is not null;
            var above = layers.Above(secret);
            if (change?.Value is not null || (!isOurs && above is null && string.IsNullOrEmpty(layers.Below(secret))))
            {
                continue;
            }

            var targets = stored.All.Where(setting => secret.GoesTo.Contains(setting.Key)).ToList();
            if (
                After(targets[0], changes, rows).Length > 0
                && targets.Exists(target => After(target, changes, rows) != After(target, [], isOurs ? rows : NoRows))
            )
            {
                yield return new FieldError(
                    secret.Key,
                    isOurs
                        ? $"Enter the {secret.Title.ToLowerInvariant()} again: it was stored for a different server."
                        : $"{secret.Title} is set by {above ?? "the settings file"}, for the server set there. Enter one for "
                            + "this server, or reset the server too."
                );
            }
        }
    }

    /// <summary>The effective values when <paramref name="rows"/> are stored and <paramref name="changes"/> made.</summary>
    private string After(Setting setting, IReadOnlyList<SettingChange> changes, IReadOnlyDictionary<string, StoredSetting> rows)
    {
        var change = changes.FirstOrDefault(one => one.Key == setting.Key);
        return layers.Above(setting) is not null ? layers.Effective(setting)
            : change?.Value is { } typed ? SettingText.Read(setting, typed).Value
            : (change is null ? rows.GetValueOrDefault(setting.Key)?.Value : null) ?? layers.Below(setting) ?? setting.Default;
    }

    private void Put(PromptPilotDbContext db, Dictionary<string, StoredSetting> rows, Setting setting, string value, string? userId)
    {
        if (rows.TryGetValue(setting.Key, out var row))
        {
            row.Revision++;
        }
        else
        {
            row = new StoredSetting { Key = setting.Key };
            rows.Add(setting.Key, row);
            db.StoredSettings.Add(row);
        }

        row.Secret = setting.IsSecret && value.Length > 0 ? stored.Encrypt(value) : null;
        row.Value = row.Secret is null ? value : null;
        (row.UpdatedAt, row.UpdatedBy) = (time.GetUtcNow().UtcDateTime, userId);
    }

    /// <summary>A rule names its key; people know the title.</summary>
    private FieldError AtField(SettingFault error)
    {
        var setting = stored.All.FirstOrDefault(one => one.Key == error.Key);
        return setting is null
            ? new FieldError("", error.Text)
            : new FieldError(setting.Key, setting.Title + error.Text[error.Key.Length..]);
    }

    private Problem Stale(SettingChange change) =>
        new(
            ProblemKind.Stale,
            "Nothing was saved.",
            [
                new FieldError(
                    change.Key,
                    $"Someone else changed “{stored.All.First(setting => setting.Key == change.Key).Title}” since you opened "
                        + "this page. Reload it to see the new value."
                ),
            ]
        );

    private async Task<List<SettingState>> StatesAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db
            .StoredSettings.AsNoTracking()
            .Select(row => new
            {
                row.Key,
                row.Revision,
                row.UpdatedAt,
                Name = db.Users.Where(user => user.Id == row.UpdatedBy).Select(user => user.Name).FirstOrDefault(),
            })
            .ToDictionaryAsync(row => row.Key, cancellationToken);
        return
        [
            .. stored.All.Select(setting =>
            {
                var row = rows.GetValueOrDefault(setting.Key);
                var (above, below, value) = (layers.Above(setting), layers.Below(setting), layers.Effective(setting));
                var source =
                    above is not null ? SettingSource.Environment
                    : row is not null ? SettingSource.Page
                    : below is not null ? SettingSource.File
                    : SettingSource.Default;
                return new SettingState(
                    setting,
                    setting.IsSecret ? "" : value,
                    value.Length > 0,
                    source,
                    setting.IsSecret ? "" : below ?? setting.Default,
                    above,
                    row?.Revision ?? 0,
                    row?.UpdatedAt,
                    row?.Name,
                    row is not null && above is null && !stored.Counts(setting.Key)
                );
            }),
        ];
    }
}
