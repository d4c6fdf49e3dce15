using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

/// <summary>Model profiles and their keys: admins manage them, everyone may see their names.</summary>
public sealed class ModelProfileService(
    Operations operations,
    ModelProfiles profiles,
    ModelKeys keys,
    ModelEndpoints endpoints,
    IModelGateway gateway,
    TimeProvider time
)
{
    internal const string TestPrompt =
        "Repeat the following text in one sentence, without comment.\n\nText:\nThe connection works and the model answers.";
    internal static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);
    private const char CursorMark = ';';

    /// <summary>Profiles by name. For admins.</summary>
    /// <param name="search">Part of name, model or provider; null: all.</param>
    public Task<Result<Page<ModelProfileView>>> ListAsync(
        Actor actor,
        PageRequest page,
        CancellationToken cancellationToken,
        string? search = null
    ) =>
        operations.ReadAsync<Page<ModelProfileView>>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var query = db.ModelProfiles.AsNoTracking();
                if (search?.Trim() is { Length: > 0 } words)
                {
                    var pattern = LikePattern.Containing(words);
                    query = query.Where(p =>
                        SqlText.Matches(p.Name, pattern) || SqlText.Matches(p.Model, pattern) || SqlText.Matches(p.Provider, pattern)
                    );
                }

                if (page.After is { } after)
                {
                    if (NameCursor.Parse(after, CursorMark) is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    query = query.Where(p => p.NormalizedName.CompareTo(cursor.Name) > 0);
                }

                var rows = await query.OrderBy(p => p.NormalizedName).Take(page.Take + 1).ToListAsync(cancellationToken);
                var use = await ModelProfileUse.FindAsync(db, cancellationToken);
                return Page.Of(
                    rows.ConvertAll(p => View(p, use)),
                    page,
                    last => new NameCursor(last.Name.ToUpperInvariant(), last.Id).ToString(CursorMark)
                );
            },
            cancellationToken
        );

    /// <summary>Names of all profiles, to choose from. Requires only the read permission.</summary>
    public Task<Result<IReadOnlyList<ModelProfileName>>> ListNamesAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<ModelProfileName>>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var rows = await db
                    .ModelProfiles.AsNoTracking()
                    .OrderBy(p => p.NormalizedName)
                    .Select(p => new
                    {
                        p.Id,
                        p.Name,
                        p.Provider,
                        p.Model,
                        p.Enabled,
                        p.Roles,
                        p.EndsOn,
                        p.TakesPictures,
                        p.ContextTokens,
                    })
                    .ToListAsync(cancellationToken);
                return rows.ConvertAll(p => new ModelProfileName(
                    p.Id,
                    p.Name,
                    p.Provider,
                    p.Model,
                    p.Enabled,
                    ModelUse.Allows(p.Roles, principal.Role)
                )
                {
                    End = ModelEnd.Of(p.Provider, p.Model, p.EndsOn),
                    TakesPictures = ModelAbilities.TakesPictures(p.Provider, p.Model, p.TakesPictures),
                    ContextTokens = ModelAbilities.ContextTokens(p.Provider, p.Model, p.ContextTokens),
                });
            },
            cancellationToken
        );

    public Task<Result<ModelProfileView>> FindAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        operations.ReadAsync<ModelProfileView>(
            actor,
            Permission.Admin,
            async (db, _) =>
                await db.ModelProfiles.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, cancellationToken) is { } profile
                    ? View(profile, await ModelProfileUse.FindAsync(db, cancellationToken))
                    : Problem.NotFound("model profile"),
            cancellationToken
        );

    /// <summary>Everything that uses a profile, for admins.</summary>
    public Task<Result<IReadOnlyList<ModelProfileUser>>> ListUsersAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<ModelProfileUser>>(
            actor,
            Permission.Admin,
            async (db, _) =>
                await db.ModelProfiles.AnyAsync(p => p.Id == id, cancellationToken)
                    ? await ModelProfileUse.ListAsync(db, id, cancellationToken)
                    : Problem.NotFound("model profile"),
            cancellationToken
        );

    /// <returns>The new profile; field errors when something is wrong with it.</returns>
    public Task<Result<ModelProfileView>> CreateAsync(Actor actor, ModelProfileContent content, CancellationToken cancellationToken) =>
        operations.ReadAsync<ModelProfileView>(
            actor,
            Permission.Admin,
            async (db, principal) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                var profile = new ModelProfile
                {
                    Name = "",
                    NormalizedName = "",
                    Provider = "",
                    Model = "",
                    CreatedBy = principal.UserId,
                    CreatedAt = now,
                };
                if (await CheckAsync(db, content, null, cancellationToken) is { } problem)
                {
                    return problem;
                }

                ModelProfileChanges.Apply(content, profile, keys, now);
                db.ModelProfiles.Add(profile);
                return await SaveAsync(db, profile, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Replaces everything but the key, which is kept unless one is given.</summary>
    /// <param name="ifRevision">The expected revision; null: any.</param>
    public Task<Result<ModelProfileView>> UpdateAsync(
        Actor actor,
        string id,
        ModelProfileContent content,
        int? ifRevision,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<ModelProfileView>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var found = await db.ModelProfiles.Where(p => p.Id == id).ToChangeAsync("model profile", ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var profile = found.Value;

                if (await CheckAsync(db, content, profile, cancellationToken) is { } problem)
                {
                    return problem;
                }

                ModelProfileChanges.Apply(content, profile, keys, time.GetUtcNow().UtcDateTime);
                profile.Revision++;
                return await SaveAsync(db, profile, cancellationToken);
            },
            cancellationToken
        );

    /// <returns>Conflict while a workflow uses the profile.</returns>
    public async Task<Result<Done>> DeleteAsync(Actor actor, string id, int? ifRevision, CancellationToken cancellationToken)
    {
        var result = await operations.WriteAsync<Done>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var found = await db.ModelProfiles.Where(p => p.Id == id).ToChangeAsync("model profile", ifRevision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var profile = found.Value;

                if ((await ModelProfileUse.FindAsync(db, cancellationToken)).TryGetValue(id, out var workflows))
                {
                    var names = string.Join(", ", workflows.Take(3).Select(w => $"“{ModelProfileUse.NameOf(w)}”"));
                    var more = workflows.Count > 3 ? $" and {workflows.Count - 3} more" : "";
                    return Problem.Conflict(
                        $"“{profile.Name}” is used by {names}{more}. Choose another profile there first, or disable this one."
                    );
                }

                if (await FallbackRules.UsersOfAsync(db, id, cancellationToken) is [var first, .. var rest])
                {
                    return Problem.Conflict(
                        $"“{profile.Name}” is a fallback of “{first}”{(rest.Count > 0 ? $" and {rest.Count} more" : "")}. "
                            + "Remove it there first."
                    );
                }

                db.ModelProfiles.Remove(profile);
                try
                {
                    await db.SaveChangesAsync(cancellationToken);
                }
                catch (DbUpdateConcurrencyException)
                {
                    return Problem.Stale("model profile");
                }
                catch (DbUpdateException exception) when (exception.IsConstraint())
                {
                    return Problem.Conflict(
                        $"“{profile.Name}” was just added to a workflow. Choose another profile there first, or disable this one."
                    );
                }

                return default(Done);
            },
            cancellationToken
        );
        if (result.IsOk)
        {
            profiles.Drop(id);
        }

        return result;
    }

    /// <summary>Calls the model once with a short fixed text. A failure of the provider is a fault in the answer.</summary>
    public Task<Result<ModelTest>> TestAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<ModelTest>(
            actor,
            Permission.Admin,
            async _ =>
            {
                if (await profiles.FindAsync(id, cancellationToken) is null)
                {
                    return Problem.NotFound("model profile");
                }

                var start = time.GetTimestamp();
                var reply = await gateway.CallAsync(
                    new ModelRequest(id, "test", null, TestPrompt, TestTimeout),
                    static _ => { },
                    cancellationToken
                );
                return ModelTest.Of(reply, time.GetElapsedTime(start));
            },
            cancellationToken
        );

    private async Task<Problem?> CheckAsync(
        PromptPilotDbContext db,
        ModelProfileContent content,
        ModelProfile? stored,
        CancellationToken cancellationToken
    )
    {
        var errors = ModelProfileRules.Check(content, stored, endpoints);
        if (await FallbackRules.CheckAsync(db, content, stored, cancellationToken) is { } fallback)
        {
            errors.Add(fallback);
        }

        var name = ModelProfileChanges.Normalize(content.Name ?? "");
        var id = stored?.Id;
        if (await db.ModelProfiles.AnyAsync(p => p.NormalizedName == name && p.Id != id, cancellationToken))
        {
            errors.Add(NameTaken);
        }

        return errors.Count == 0 ? null : Problem.Invalid("Could not save the model profile.", errors);
    }

    private static FieldError NameTaken => new("name", "Another model profile has this name. Choose a different name.");

    private async Task<Result<ModelProfileView>> SaveAsync(
        PromptPilotDbContext db,
        ModelProfile profile,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problem.Stale("model profile");
        }
        catch (DbUpdateException exception) when (exception.IsConstraint())
        {
            // Checked before; someone else was faster.
            return Problem.Invalid("Could not save the model profile.", NameTaken);
        }

        profiles.Drop(profile.Id);
        return View(profile, await ModelProfileUse.FindAsync(db, cancellationToken));
    }

    private ModelProfileView View(ModelProfile profile, IReadOnlyDictionary<string, SortedSet<string>> use) =>
        ModelProfileView.Of(profile, use.TryGetValue(profile.Id, out var workflows) ? workflows.Count : 0, keys);
}
