using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Approvals.Gates;

/// <summary>
/// The right to make one exact change. Labels and published versions can only be set with a pass, and only
/// <see cref="AskAsync"/> creates one, so the protection is checked on every path.
/// </summary>
internal sealed class GatePass
{
    private GatePass(GateMove move) => Move = move;

    public GateMove Move { get; }

    /// <summary>Checks the protection and returns the pass, in the transaction that makes the change.</summary>
    /// <param name="changeRequestId">The change request behind it; null: none.</param>
    /// <returns>Conflict if the target is protected and the request is missing, for another change, or short of the protection.</returns>
    public static async Task<Result<GatePass>> AskAsync(
        PromptPilotDbContext db,
        GateMove move,
        string? changeRequestId,
        CancellationToken cancellationToken
    )
    {
        if (await FindProtectionAsync(db, move, cancellationToken) is not { } protection)
        {
            return new GatePass(move);
        }

        if (changeRequestId is null || await db.ChangeRequests.FindAsync([changeRequestId], cancellationToken) is not { } request)
        {
            return Problem.Conflict(
                move.Label is { } label
                    ? $"The label “{label}” is protected, so it was not moved. Request the change on the prompt’s page."
                    : "This workflow is protected, so it was not published. Request the change on its page."
            );
        }

        if (request.Move != move)
        {
            return Problem.Conflict(GateRule.Changed);
        }

        if (request.Status == ChangeStatus.Overridden)
        {
            return
                await db.Users.AnyAsync(user => user.Id == request.ClosedBy && user.Role == Role.Admin && !user.IsLocked, cancellationToken)
                && !string.IsNullOrWhiteSpace(request.Reason)
                ? new GatePass(move)
                : Problem.Forbidden("Only an admin can override a protection, and must give a reason.");
        }

        var missing = GateRule.Missing(protection, request, await GateFactsQuery.LoadAsync(db, protection, request, cancellationToken));
        return missing.Count == 0 ? new GatePass(move) : Problem.Conflict(string.Join(" ", missing));
    }

    /// <summary>The protection of the target, or null.</summary>
    public static Task<Protection?> FindProtectionAsync(PromptPilotDbContext db, GateMove move, CancellationToken cancellationToken) =>
        db
            .Protections.AsNoTracking()
            .SingleOrDefaultAsync(
                p => p.PromptId == move.PromptId && p.Label == move.Label && p.WorkflowId == move.WorkflowId,
                cancellationToken
            );
}
