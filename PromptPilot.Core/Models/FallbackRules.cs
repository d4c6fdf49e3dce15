using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

/// <summary>Validates the fallbacks of a profile before it is stored.</summary>
internal static class FallbackRules
{
    /// <summary>Maximum number of fallbacks per profile.</summary>
    public const int Most = 5;

    private const string Field = "fallbacks";

    /// <param name="stored">The profile that is being changed; null for a new one.</param>
    /// <returns>The first problem; null if there is none.</returns>
    public static async Task<FieldError?> CheckAsync(
        PromptPilotDbContext db,
        ModelProfileContent content,
        ModelProfile? stored,
        CancellationToken cancellationToken
    )
    {
        if (content.Fallbacks.Count > Most || content.Fallbacks.Distinct(StringComparer.Ordinal).Count() != content.Fallbacks.Count)
        {
            return new FieldError(Field, $"Choose at most {Most} fallbacks, each once.");
        }

        if (stored is not null && content.Fallbacks.Contains(stored.Id))
        {
            return new FieldError(Field, "A profile cannot be its own fallback. Choose another profile.");
        }

        var others = await db.ModelProfiles.AsNoTracking().ToDictionaryAsync(p => p.Id, cancellationToken);
        foreach (var id in content.Fallbacks)
        {
            if (!others.TryGetValue(id, out var other))
            {
                return new FieldError(Field, "A fallback no longer exists. Choose another one.");
            }

            if (!MayAllUse(content.Roles, other.Roles))
            {
                return new FieldError(
                    Field,
                    $"“{other.Name}” is limited to {ModelUse.Words(other.Roles)}, but this profile to {ModelUse.Words(content.Roles)}. "
                        + "Choose another fallback, or change the access of one of them."
                );
            }
        }

        return
            others.Values.FirstOrDefault(p => stored is not null && p.Fallbacks.Contains(stored.Id) && !MayAllUse(p.Roles, content.Roles))
                is { } user
            ? new FieldError(
                "roles",
                $"This profile is a fallback of “{user.Name}”, which {ModelUse.Words(user.Roles)} can use. Remove it there first."
            )
            : null;
    }

    /// <summary>Names of the profiles that fall back to one.</summary>
    public static async Task<List<string>> UsersOfAsync(PromptPilotDbContext db, string id, CancellationToken cancellationToken)
    {
        var all = await db.ModelProfiles.AsNoTracking().OrderBy(p => p.NormalizedName).ToListAsync(cancellationToken);
        return [.. all.Where(p => p.Fallbacks.Contains(id)).Select(p => p.Name)];
    }

    /// <summary>True if everyone who may use a profile may use its fallback, so that no one bypasses the fallback's access.</summary>
    private static bool MayAllUse(IReadOnlyCollection<Role> profile, IReadOnlyCollection<Role> fallback) =>
        Enum.GetValues<Role>().All(role => !ModelUse.Allows(profile, role) || ModelUse.Allows(fallback, role));
}
