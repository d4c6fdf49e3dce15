using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Integrations;

/// <summary>
/// Which deliveries a commit of the journal brings with it: they are written in the transaction that ends the run or asks for its review,
/// so that neither is there without the other.
/// A run of a workflow without hooks costs a look into memory.
/// </summary>
public sealed class HookOutbox(IDbContextFactory<PromptPilotDbContext> contexts, DataVersion version, TimeProvider time)
{
    private const string All = "";
    private static readonly IReadOnlyList<HookDelivery> None = [];

    private readonly CommittedCache<HashSet<string>> _hooked = new(
        version,
        async (_, cancellationToken) =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await db
                .IntegrationHooks.AsNoTracking()
                .Where(hook => hook.Enabled)
                .Select(hook => hook.LinkedWorkflowId)
                .ToHashSetAsync(cancellationToken);
        }
    );

    /// <summary>Signals that there may be something to send.</summary>
    internal ChangeSignal Written { get; } = new();

    /// <summary>
    /// The rows that belong to an entry. Called inside the journal's transaction, which holds the write gate: no hook comes or goes
    /// meanwhile.
    /// </summary>
    /// <param name="db">The journal's own connection.</param>
    internal async ValueTask<IReadOnlyList<HookDelivery>> FindAsync(PromptPilotDbContext db, JournalEntry entry)
    {
        if (
            entry.State is not { IsDraft: false } state
            || WhatHappened(entry) is not { } what
            || await _hooked.FindAsync(All, CancellationToken.None) is not { } hooked
            || !hooked.Contains(state.WorkflowId)
        )
        {
            return None;
        }

        var hooks = await db
            .IntegrationHooks.AsNoTracking()
            .Where(hook => hook.LinkedWorkflowId == state.WorkflowId && hook.Enabled)
            .ToListAsync();
        var now = time.GetUtcNow().UtcDateTime;
        var asked = entry
            .Events.Where(happened => happened.Type == RunEventType.ReviewAsked)
            .Select(happened => happened.StepId!)
            .ToHashSet();
        return hooks
            .Where(hook => hook.On.Contains(what))
            .Select(hook => new HookDelivery
            {
                HookId = hook.Id,
                RunId = state.Id,
                Event = what,
                Payload = HookPayload.Of(what, state, hook.Outputs, asked, now).ToJson(),
                CreatedAt = now,
                NextAttemptAt = now,
            })
            .ToList();
    }

    private static HookEvent? WhatHappened(JournalEntry entry)
    {
        foreach (var happened in entry.Events)
        {
            switch (happened.Type)
            {
                case RunEventType.Finished:
                    return happened.Payload?.Status switch
                    {
                        RunStatus.Succeeded => HookEvent.Succeeded,
                        RunStatus.Failed or RunStatus.TimedOut => HookEvent.Failed,
                        _ => null,
                    };
                case RunEventType.ReviewAsked when !entry.State!.IsFinished:
                    return HookEvent.Waiting;
            }
        }

        return null;
    }
}
