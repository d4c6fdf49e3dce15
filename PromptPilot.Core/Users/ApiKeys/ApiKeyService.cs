using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Users.ApiKeys;

/// <summary>An API key in a list, without the key itself.</summary>
public sealed record ApiKeyItem(
    string Id,
    string UserId,
    string Name,
    string Prefix,
    Permission Scope,
    DateTime CreatedAt,
    DateTime? ExpiresAt,
    DateTime? LastUsedAt,
    DateTime? RevokedAt,
    IReadOnlyList<string> ModelProfileIds
);

/// <param name="ExpiresAt">Null: never.</param>
/// <param name="ModelProfileIds">The model profiles for calls of prompts, the default first; null or empty: any.</param>
public sealed record NewApiKey(string Name, Permission Scope, DateTime? ExpiresAt = null, IReadOnlyList<string>? ModelProfileIds = null);

/// <param name="Key">Shown this once; only its hash is kept.</param>
public sealed record CreatedApiKey(ApiKeyItem Item, string Key);

/// <summary>API keys. They are private to their owner; an admin may list and revoke them.</summary>
public sealed class ApiKeyService(Operations operations, Access access, IDbContextFactory<PromptPilotDbContext> contexts, TimeProvider time)
{
    public const int MaxKeys = 50;
    public const int MaxModels = 20;

    /// <summary>The actor's own keys, the newest first.</summary>
    public Task<Result<IReadOnlyList<ApiKeyItem>>> ListAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<IReadOnlyList<ApiKeyItem>>(
            actor,
            Permission.Read,
            async principal => await ListAsync(principal.UserId, cancellationToken),
            cancellationToken
        );

    /// <summary>Creates a key for the actor. Only people can: a key that could create others would outlive its own revocation.</summary>
    public Task<Result<CreatedApiKey>> CreateAsync(Actor actor, NewApiKey input, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<CreatedApiKey>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                if (actor is not Actor.Person || principal.UserId is not { } userId)
                {
                    return Problem.Forbidden("API keys can only be created on the Account page.");
                }

                var now = time.GetUtcNow().UtcDateTime;
                var models = (input.ModelProfileIds ?? []).Distinct(StringComparer.Ordinal).ToList();
                var errors = PersonRules.All(
                    PersonRules.Name(input.Name),
                    Access.Allows(principal.Role, input.Scope)
                        ? null
                        : new FieldError("scope", "A key cannot have a wider scope than your role."),
                    input.ExpiresAt <= now ? new FieldError("expiresAt", "The expiry must be in the future.") : null,
                    await ModelErrorAsync(db, models, principal.Role, cancellationToken)
                );
                if (errors.Count > 0)
                {
                    return Problem.Invalid("Could not create the key.", errors);
                }

                if (await db.ApiKeys.CountAsync(k => k.UserId == userId && k.RevokedAt == null, cancellationToken) >= MaxKeys)
                {
                    return Problem.Conflict($"You already have {MaxKeys} keys. Revoke one you no longer use.");
                }

                var secret = ApiKeySecret.New();
                var key = new ApiKey
                {
                    UserId = userId,
                    Name = input.Name.Trim(),
                    Prefix = ApiKeySecret.Prefix(secret),
                    Hash = ApiKeySecret.Hash(secret),
                    Scope = input.Scope,
                    CreatedAt = now,
                    ExpiresAt = input.ExpiresAt,
                    ModelProfileIds = models,
                };
                db.ApiKeys.Add(key);
                await db.SaveChangesAsync(cancellationToken);
                return new CreatedApiKey(Item(key), secret);
            },
            cancellationToken
        );

    /// <summary>Revokes a key immediately: one's own, or as an admin anyone's.</summary>
    public Task<Result<Done>> RevokeAsync(Actor actor, string keyId, CancellationToken cancellationToken) =>
        operations.WriteAsync<Done>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var mayAll = (await access.RequireAsync(actor, Permission.Admin, cancellationToken)).IsOk;
                var now = time.GetUtcNow().UtcDateTime;
                if (
                    await db.ApiKeys.SingleOrDefaultAsync(
                        k => k.Id == keyId && k.RevokedAt == null && (mayAll || k.UserId == principal.UserId),
                        cancellationToken
                    )
                    is not { } key
                )
                {
                    return Problem.NotFound("API key");
                }

                key.RevokedAt = now;
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private static async Task<FieldError?> ModelErrorAsync(
        PromptPilotDbContext db,
        List<string> models,
        Role role,
        CancellationToken cancellationToken
    )
    {
        if (models.Count > MaxModels)
        {
            return new FieldError("modelProfileIds", $"A key can name at most {MaxModels} model profiles.");
        }

        var found = await db
            .ModelProfiles.AsNoTracking()
            .Where(profile => models.Contains(profile.Id))
            .Select(profile => new { profile.Name, profile.Roles })
            .ToListAsync(cancellationToken);
        return found.Count < models.Count
            ? new FieldError("modelProfileIds", "One of these model profiles no longer exists. Choose again.")
            : found
                .Where(profile => !ModelUse.Allows(profile.Roles, role))
                .Select(profile => new FieldError("modelProfileIds", ModelUse.Refusal(profile.Name, profile.Roles)))
                .FirstOrDefault();
    }

    private async Task<Result<IReadOnlyList<ApiKeyItem>>> ListAsync(string? userId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var keys = await db
            .ApiKeys.AsNoTracking()
            .Where(k => k.UserId == userId && k.RevokedAt == null)
            .OrderByDescending(k => k.CreatedAt)
            .ToListAsync(cancellationToken);
        return keys.ConvertAll(Item);
    }

    private static ApiKeyItem Item(ApiKey key) =>
        new(
            key.Id,
            key.UserId,
            key.Name,
            key.Prefix,
            key.Scope,
            key.CreatedAt,
            key.ExpiresAt,
            key.LastUsedAt,
            key.RevokedAt,
            key.ModelProfileIds
        );
}
