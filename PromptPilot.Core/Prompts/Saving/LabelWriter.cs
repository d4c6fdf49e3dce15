using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Saving;

/// <summary>The only place that adds, moves and removes labels. Every change passes the gate.</summary>
internal static class LabelWriter
{
    /// <summary>Puts a label on a version, in the caller's transaction. Saves nothing itself.</summary>
    /// <param name="by">The user it is moved for; null: the portal itself.</param>
    /// <param name="changeRequestId">The change request behind it; null: none.</param>
    /// <returns>The label; Conflict if it is protected.</returns>
    public static async Task<Result<PromptLabel>> MoveAsync(
        PromptPilotDbContext db,
        string promptId,
        string label,
        string versionId,
        string? by,
        DateTime at,
        string? changeRequestId,
        CancellationToken cancellationToken
    )
    {
        var row = await db.PromptLabels.SingleOrDefaultAsync(l => l.PromptId == promptId && l.Name == label, cancellationToken);
        if (row?.PromptVersionId == versionId)
        {
            return row;
        }

        if (await LabelImpactFinder.LoopAsync(db, promptId, label, versionId, cancellationToken) is { } loop)
        {
            return loop;
        }

        var move = GateMove.OfLabel(promptId, label, row?.PromptVersionId, versionId);
        var pass = await GatePass.AskAsync(db, move, changeRequestId, cancellationToken);
        if (!pass.IsOk)
        {
            return pass.Problem;
        }

        if (row is null)
        {
            row = new PromptLabel(pass.Value, by, at);
            db.PromptLabels.Add(row);
        }
        else
        {
            row.Move(pass.Value, by, at);
        }

        return row;
    }

    /// <summary>Removes a label. Refused while it is protected.</summary>
    public static async Task<Problem?> RemoveAsync(PromptPilotDbContext db, PromptLabel row, CancellationToken cancellationToken)
    {
        if (await ProtectedAsync(db, row.PromptId, cancellationToken) is { } labels && labels.Contains(row.Name))
        {
            return Problem.Conflict($"The label “{row.Name}” is protected. Ask an admin to remove its protection, then remove the label.");
        }

        db.PromptLabels.Remove(row);
        return null;
    }

    /// <summary>Removes all labels of a prompt that is about to be deleted. Refused while one is protected.</summary>
    public static async Task<Problem?> RemoveAllAsync(PromptPilotDbContext db, Prompt prompt, CancellationToken cancellationToken)
    {
        if (await PinnedNameAsync(db, prompt, "deleted", cancellationToken) is { } problem)
        {
            return problem;
        }

        await db.PromptLabels.Where(l => l.PromptId == prompt.Id).ExecuteDeleteAsync(cancellationToken);
        return null;
    }

    /// <summary>
    /// Why a prompt cannot be renamed or deleted: programs read a label by the prompt's name, so another prompt of this name would replace
    /// the protected version.
    /// </summary>
    /// <param name="verb">The refused change, e.g. “renamed”.</param>
    public static async Task<Problem?> PinnedNameAsync(
        PromptPilotDbContext db,
        Prompt prompt,
        string verb,
        CancellationToken cancellationToken
    )
    {
        var labels = await ProtectedAsync(db, prompt.Id, cancellationToken);
        return labels.Count == 0
            ? null
            : Problem.Conflict(
                $"“{prompt.Name}” was not {verb}: its label “{labels[0]}” is protected, and programs read it by the prompt’s name. "
                    + "Ask an admin to remove the protection first."
            );
    }

    /// <summary>The protected labels of a prompt, on a version or not.</summary>
    public static Task<List<string>> ProtectedAsync(PromptPilotDbContext db, string promptId, CancellationToken cancellationToken) =>
        db
            .Protections.AsNoTracking()
            .Where(p => p.PromptId == promptId)
            .OrderBy(p => p.Label)
            .Select(p => p.Label!)
            .ToListAsync(cancellationToken);
}
