using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

/// <summary>Profiles as the engine and other features may see them: no endpoint, no key.</summary>
internal sealed record ModelProfileInfo(string Id, string Name, string Provider, string Model, bool Enabled, IReadOnlyList<Role> Roles);

/// <summary>Profiles by id, kept in memory until they change. They are shared: never change them.</summary>
public sealed class ModelProfiles(IDbContextFactory<PromptPilotDbContext> contexts)
{
    private readonly ConcurrentDictionary<string, ModelProfile> _cache = new(StringComparer.Ordinal);
    private int _generation;

    internal ValueTask<ModelProfile?> FindAsync(string id, CancellationToken cancellationToken) =>
        _cache.TryGetValue(id, out var profile) ? ValueTask.FromResult<ModelProfile?>(profile) : LoadAsync(id, cancellationToken);

    /// <summary>The profile if it is in memory; null says nothing about the database.</summary>
    internal ModelProfile? FindLoaded(string id) => _cache.GetValueOrDefault(id);

    internal async ValueTask<ModelProfileInfo?> FindInfoAsync(string id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } p
            ? new ModelProfileInfo(p.Id, p.Name, p.Provider, p.Model, p.Enabled, p.Roles)
            : null;

    /// <summary>
    /// Why someone may not use one of these profiles; null if they may use all. Does not check for deleted or disabled ones.
    /// </summary>
    internal async ValueTask<Problem?> RefusalAsync(Principal principal, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            if (await FindAsync(id, cancellationToken) is { } profile && !ModelUse.Allows(profile.Roles, principal.Role))
            {
                return Problem.Forbidden(ModelUse.Refusal(profile.Name, profile.Roles));
            }
        }

        return null;
    }

    /// <summary>Forgets a profile after it was changed or deleted; its kernel goes with it.</summary>
    internal void Drop(string id)
    {
        Interlocked.Increment(ref _generation);
        _cache.TryRemove(id, out _);
    }

    /// <summary>Forgets all profiles, after another host has changed some.</summary>
    internal void DropAll()
    {
        Interlocked.Increment(ref _generation);
        _cache.Clear();
    }

    private async ValueTask<ModelProfile?> LoadAsync(string id, CancellationToken cancellationToken)
    {
        var generation = Volatile.Read(ref _generation);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var profile = await db.ModelProfiles.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellationToken);
        if (profile is null)
        {
            return null;
        }

        // The first to load wins, so that all calls share one kernel. A change during the read: use what was read, but do not keep it.
        profile = _cache.GetOrAdd(id, profile);
        if (generation != Volatile.Read(ref _generation))
        {
            _cache.TryRemove(id, out _);
        }

        return profile;
    }
}
