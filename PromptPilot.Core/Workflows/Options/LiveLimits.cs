using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>
/// The limits of workflows as they are now, kept in memory until they change: every change is reported here, by this
/// host's services or by another host.
/// </summary>
public sealed class LiveLimits(IDbContextFactory<PromptPilotDbContext> contexts)
{
    private static readonly WorkflowLimits None = new();

    private readonly ConcurrentDictionary<string, WorkflowLimits> _cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _owners = new(StringComparer.Ordinal);
    private int _generation;

    /// <summary>A workflow's limits have changed.</summary>
    internal event Action<string>? Changed;

    /// <summary>The limits of a workflow; none when it does not exist.</summary>
    internal ValueTask<WorkflowLimits> ForAsync(string workflowId, CancellationToken cancellationToken) =>
        _cache.TryGetValue(workflowId, out var limits) ? ValueTask.FromResult(limits) : LoadAsync(workflowId, cancellationToken);

    /// <summary>The workflow whose budgets apply to a run of this one.</summary>
    internal ValueTask<string> OwnerOfAsync(string workflowId, CancellationToken cancellationToken) =>
        _owners.TryGetValue(workflowId, out var owner) ? ValueTask.FromResult(owner) : LoadOwnerAsync(workflowId, cancellationToken);

    /// <summary>Forgets a workflow's limits after they were changed.</summary>
    internal void Drop(string workflowId)
    {
        Interlocked.Increment(ref _generation);
        _cache.TryRemove(workflowId, out _);
        Changed?.Invoke(workflowId);
    }

    /// <summary>Forgets all limits, after another host has changed some.</summary>
    internal void DropAll()
    {
        foreach (var workflowId in _cache.Keys)
        {
            Drop(workflowId);
        }

        Interlocked.Increment(ref _generation);
    }

    private async ValueTask<WorkflowLimits> LoadAsync(string workflowId, CancellationToken cancellationToken)
    {
        var generation = Volatile.Read(ref _generation);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var limits =
            await db
                .Workflows.AsNoTracking()
                .Where(workflow => workflow.Id == workflowId)
                .Select(workflow => workflow.Limits)
                .SingleOrDefaultAsync(cancellationToken)
            ?? None;
        _cache[workflowId] = limits;
        if (generation != Volatile.Read(ref _generation))
        {
            _cache.TryRemove(workflowId, out _);
        }

        return limits;
    }

    /// <summary>It never changes.</summary>
    private async ValueTask<string> LoadOwnerAsync(string workflowId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var owner = await db
            .Workflows.IgnoreQueryFilters()
            .Where(workflow => workflow.Id == workflowId)
            .Select(workflow => workflow.BudgetOf)
            .SingleOrDefaultAsync(cancellationToken);
        return _owners[workflowId] = owner ?? workflowId;
    }
}
