using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Users.ApiKeys;

/// <summary>The model profiles that someone's calls of prompts may use.</summary>
/// <param name="Allowed">Ids; empty: all that their role may use.</param>
/// <param name="Preferred">The id of the one to use when a call names none; null: there is none.</param>
internal sealed record CallModelRule(IReadOnlyList<string> Allowed, string? Preferred)
{
    public bool Allows(string profileId) => Allowed.Count == 0 || Allowed.Contains(profileId);
}

/// <summary>
/// Which model profiles the calls of an API key or a person may use. Kept until the next commit, since every call of an application asks.
/// </summary>
public sealed class CallModels(IDbContextFactory<PromptPilotDbContext> contexts, DataVersion version)
{
    private readonly CommittedCache<IReadOnlyList<string>> _ofKeys = new(
        version,
        async (id, cancellationToken) =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await db.ApiKeys.Where(key => key.Id == id).Select(key => key.ModelProfileIds).SingleOrDefaultAsync(cancellationToken);
        }
    );

    internal async ValueTask<CallModelRule> OfAsync(Actor actor, Principal principal, CancellationToken cancellationToken)
    {
        var allowed = actor is Actor.KeyHolder holder ? await _ofKeys.FindAsync(holder.ApiKeyId, cancellationToken) ?? [] : [];
        return new CallModelRule(allowed, allowed.Count > 0 ? allowed[0] : await DefaultAsync(principal.UserId, cancellationToken));
    }

    private async Task<string?> DefaultAsync(string? userId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db
            .Users.Where(user => user.Id == userId)
            .Select(user => user.Preferences.DefaultModel)
            .SingleOrDefaultAsync(cancellationToken);
    }
}
