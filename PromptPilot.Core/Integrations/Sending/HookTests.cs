using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Integrations.Sending;

/// <summary>Sends tests immediately, without retries, while someone waits for the result.</summary>
public sealed class HookTests(
    IDbContextFactory<PromptPilotDbContext> contexts,
    HookMessenger messenger,
    AttemptRecorder recorder,
    TimeProvider time
)
{
    internal async Task<Result<HookAttempt>> SendAsync(string hookId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var hook = await db.IntegrationHooks.AsNoTracking().SingleOrDefaultAsync(h => h.Id == hookId, cancellationToken);
        if (hook is null)
        {
            return Problem.NotFound("hook");
        }

        var now = time.GetUtcNow().UtcDateTime;
        var delivery = new HookDelivery
        {
            HookId = hook.Id,
            State = DeliveryState.Failed,
            Payload = HookPayload
                .Test(hook.LinkedWorkflowId, await HookWorkflows.NameAsync(db, hook.LinkedWorkflowId, cancellationToken) ?? "", now)
                .ToJson(),
            CreatedAt = now,
            EndedAt = now,
            LastError = "PromptPilot stopped before the result of this test was recorded.",
        };
        db.HookDeliveries.Add(delivery);
        await db.SaveChangesAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        var outcome = await messenger.SendAsync(hook, delivery, cancellationToken);
        return await recorder.RecordAsync(new EndedAttempt(delivery.Id, now, clock.ElapsedMilliseconds, outcome)) is { } attempt
            ? attempt
            : Problem.NotFound("hook");
    }
}
