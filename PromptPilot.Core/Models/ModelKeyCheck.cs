using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Models;

/// <summary>Logs at start which model profiles have a key that can no longer be decrypted, e.g. after the key ring was replaced.</summary>
public sealed class ModelKeyCheck(IDbContextFactory<PromptPilotDbContext> contexts, ModelKeys keys, ILogger<ModelKeyCheck> log)
{
    public async Task WarnAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var stored = await db
            .ModelProfiles.AsNoTracking()
            .Where(profile => profile.ApiKey != null)
            .OrderBy(profile => profile.NormalizedName)
            .Select(profile => new { profile.Name, profile.ApiKey })
            .ToListAsync(cancellationToken);
        var lost = stored.Where(profile => !keys.CanDecrypt(profile.ApiKey!)).Select(profile => $"“{profile.Name}”").ToList();
        if (lost.Count > 0)
        {
            log.LogError(
                "The key ring can no longer decrypt the API keys of these model profiles: {Profiles}. Restore the keys folder "
                    + "from a backup, or enter these keys again.",
                string.Join(", ", lost)
            );
        }
    }
}
