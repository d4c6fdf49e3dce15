using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>Removes deliveries that ended long ago.</summary>
internal sealed class DeliveryCleaning(
    IDbContextFactory<PromptPilotDbContext> contexts,
    IOptions<IntegrationsOptions> options,
    TimeProvider time
) : ICleaning
{
    async Task ICleaning.CleanAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().UtcDateTime.AddDays(-options.Value.KeepDays);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.HookDeliveries.AnyAsync(delivery => delivery.EndedAt < before, cancellationToken))
        {
            await db.HookDeliveries.Where(delivery => delivery.EndedAt < before).ExecuteDeleteAsync(cancellationToken);
        }
    }
}
