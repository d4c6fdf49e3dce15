using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Approvals.Gates;

/// <summary>
/// The right to make one exact change. Labels and published versions change only with a pass, since nothing else can set them, and only
/// <see cref="AskAsync"/> makes one: whatever the way in, what a protection asks for is checked here.
/// </summary>
internal sealed class GatePass
{
    private GatePass(GateMove move) => Move = move;

    public GateMove Move { get; }

    /// <summary>The pass, in the transaction that makes the change.</summary>
    /// <param name="changeRequestId">The request that asks for it; null: none.</param>
    /// <returns>Conflict when it is protected, and the request is missing, another, or lacks something.</returns>
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
                    ? $"The label “{label}” is protected, so it was not moved. Ask for the change on the prompt’s page."
                    : "This workflow is protected, so it was not published. Ask for the change on its page."
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
                : Problem.Forbidden("Only an admin can override a protection, with a reason.");
        }

        var missing = GateRule.Missing(protection, request, await GateFactsQuery.LoadAsync(db, protection, request, cancellationToken));
        return missing.Count == 0 ? new GatePass(move) : Problem.Conflict(string.Join(" ", missing));
    }

    /// <summary>The protection of what would change, or null.</summary>
    public static Task<Protection?> FindProtectionAsync(PromptPilotDbContext db, GateMove move, CancellationToken cancellationToken) =>
        db
            .Protections.AsNoTracking()
            .SingleOrDefaultAsync(
                p => p.PromptId == move.PromptId && p.Label == move.Label && p.WorkflowId == move.WorkflowId,
                cancellationToken
            );
}
