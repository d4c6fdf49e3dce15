using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments.Planning;

/// <summary>The idempotency key of a start, with its sender and a hash of the request.</summary>
/// <param name="Sender">Id of the API key or of the person.</param>
/// <param name="Key">Null: none was sent.</param>
/// <param name="Hash">See <see cref="HashOf"/>.</param>
internal sealed record StartKey(string? Sender, string? Key, string Hash)
{
    public static StartKey Of(Actor actor, Principal principal, string? key, string hash) =>
        new(actor is Actor.KeyHolder holder ? holder.ApiKeyId : principal.UserId, key, hash);

    /// <param name="request">Without its key.</param>
    public static string HashOf<T>(T request) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request, AppJson.Options)));

    /// <summary>The experiment that was started under this key.</summary>
    /// <returns>Its id, null: none; KeyReused when it was another request.</returns>
    public async Task<Result<string?>> FindAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        if (Key is null)
        {
            return (string?)null!;
        }

        var earlier = await db
            .Experiments.AsNoTracking()
            .Where(e => e.IdempotencyActor == Sender && e.IdempotencyKey == Key)
            .Select(e => new { e.Id, e.IdempotencyHash })
            .SingleOrDefaultAsync(cancellationToken);
        return earlier is null ? (string?)null!
            : earlier.IdempotencyHash == Hash ? earlier.Id
            : IdempotencyKey.Reused;
    }

    /// <summary>Stores the key with the experiment that it starts.</summary>
    public void Mark(Experiment experiment) =>
        (experiment.IdempotencyActor, experiment.IdempotencyKey, experiment.IdempotencyHash) = (Key is null ? null : Sender, Key, Hash);
}
