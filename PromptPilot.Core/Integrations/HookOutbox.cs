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
public sealed class HookOutbox(DataVersion version, TimeProvider time)
{
    private static readonly IReadOnlyList<HookDelivery> None = [];

    /// <summary>Workflows with hooks, as of a count of <see cref="DataVersion"/>. Only the journal's thread uses it.</summary>
    private (long Version, HashSet<string> Workflows)? _hooked;

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
            || !(await ReadHookedAsync(db)).Contains(state.WorkflowId)
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

    /// <summary>On the journal's connection: it holds the gate that others wait for, so it must not wait for a second one.</summary>
    private async ValueTask<HashSet<string>> ReadHookedAsync(PromptPilotDbContext db)
    {
        // Taken before the rows are read: a commit during the read makes them worthless.
        var now = version.Current;
        if (_hooked is { } known && known.Version == now)
        {
            return known.Workflows;
        }

        var workflows = await db
            .IntegrationHooks.AsNoTracking()
            .Where(hook => hook.Enabled)
            .Select(hook => hook.LinkedWorkflowId)
            .ToHashSetAsync();
        _hooked = (now, workflows);
        return workflows;
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
