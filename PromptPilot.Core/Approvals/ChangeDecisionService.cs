using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Approvals;

/// <summary>Approves, rejects, overrides and withdraws change requests. The last approval makes the change, in one transaction.</summary>
public sealed class ChangeDecisionService(
    Operations operations,
    IEnumerable<IChangeObserver> observers,
    ApprovalSignal signal,
    TimeProvider time
)
{
    /// <summary>Approves an open request. Only a signed-in person can, and not for their own version or request.</summary>
    /// <returns>Whether this made the change; Conflict if something has changed since, or the experiment falls short.</returns>
    public async Task<Result<ApprovalOutcome>> ApproveAsync(Actor actor, string changeRequestId, CancellationToken cancellationToken)
    {
        var outcome = new ApprovalOutcome(IsApplied: false);
        var done = await WriteAsync(
            actor,
            Permission.Write,
            changeRequestId,
            ChangeEvent.Approved,
            async (db, request, principal) =>
            {
                if ((ChangeTarget.PersonProblem(actor) ?? OpenProblem(request)) is { } problem)
                {
                    return problem;
                }

                if (GateRule.WhyNot(request, principal.UserId) is { } why)
                {
                    return Problem.Forbidden(why);
                }

                if (await ChangeTarget.NowAsync(db, request, cancellationToken) != request.Move)
                {
                    return Problem.Conflict(GateRule.Changed);
                }

                if (await GatePass.FindProtectionAsync(db, request.Move, cancellationToken) is not { } protection)
                {
                    return Problem.Conflict("This is no longer protected. Make the change directly, then withdraw this request.");
                }

                var outcomes = await GateFactsQuery.OutcomeAsync(db, protection, request, cancellationToken);
                if (GateRule.MissingInExperiment(protection, outcomes) is { Count: > 0 } missing)
                {
                    return Problem.Conflict($"The change cannot be approved yet. {string.Join(" ", missing)}");
                }

                await AddApprovalAsync(db, request, principal, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                var facts = await GateFactsQuery.LoadAsync(db, protection, request, cancellationToken);
                if (GateRule.Missing(protection, request, facts).Count > 0)
                {
                    return null;
                }

                outcome = new ApprovalOutcome(IsApplied: true);
                return await ChangeApplier.ApplyAsync(db, request, ChangeStatus.Applied, principal, Now, cancellationToken);
            },
            cancellationToken
        );
        return done.Map(_ => outcome);
    }

    /// <summary>Makes the change without meeting its protection. Only a signed-in admin can. The reason stays visible.</summary>
    public Task<Result<Done>> OverrideAsync(Actor actor, string changeRequestId, string reason, CancellationToken cancellationToken) =>
        WriteAsync(
            actor,
            Permission.Admin,
            changeRequestId,
            what: null,
            async (db, request, principal) =>
            {
                if ((ChangeTarget.PersonProblem(actor) ?? OpenProblem(request)) is { } problem)
                {
                    return problem;
                }

                var why = ChangeText.Of(reason, "reason", ChangeText.MaxNote, "Enter a reason for the override.");
                if (!why.IsOk)
                {
                    return why.Problem;
                }

                if (await ChangeTarget.NowAsync(db, request, cancellationToken) != request.Move)
                {
                    return Problem.Conflict(GateRule.Changed);
                }

                request.Reason = why.Value;
                return await ChangeApplier.ApplyAsync(db, request, ChangeStatus.Overridden, principal, Now, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Adds a comment. Closed requests can be commented on too.</summary>
    public Task<Result<Done>> CommentAsync(Actor actor, string changeRequestId, string text, CancellationToken cancellationToken) =>
        WriteAsync(
            actor,
            Permission.Run,
            changeRequestId,
            what: null,
            (db, request, principal) =>
            {
                var comment = ChangeText.Of(text, "text", ChangeText.MaxComment, "Enter a comment.");
                if (!comment.IsOk)
                {
                    return Task.FromResult<Problem?>(comment.Problem);
                }

                db.ChangeEntries.Add(
                    new ChangeEntry
                    {
                        ChangeRequestId = request.Id,
                        Kind = ChangeEntryKind.Comment,
                        UserId = principal.UserId,
                        Text = comment.Value,
                        At = Now,
                    }
                );
                return Task.FromResult<Problem?>(null);
            },
            cancellationToken
        );

    /// <summary>Closes an open request without making the change.</summary>
    /// <param name="reason">Shown to the requester.</param>
    public Task<Result<Done>> RejectAsync(Actor actor, string changeRequestId, string reason, CancellationToken cancellationToken) =>
        WriteAsync(
            actor,
            Permission.Write,
            changeRequestId,
            ChangeEvent.Rejected,
            (_, request, principal) =>
            {
                var why = ChangeText.Of(reason, "reason", ChangeText.MaxNote, "Enter a reason for the rejection.");
                return Task.FromResult(!why.IsOk ? why.Problem : Close(request, ChangeStatus.Rejected, principal, why.Value));
            },
            cancellationToken
        );

    /// <summary>Withdraws an open request. Only the requester or an admin can.</summary>
    public Task<Result<Done>> WithdrawAsync(Actor actor, string changeRequestId, CancellationToken cancellationToken) =>
        WriteAsync(
            actor,
            Permission.Write,
            changeRequestId,
            ChangeEvent.Withdrawn,
            (_, request, principal) =>
                Task.FromResult(
                    principal.UserId == request.RequestedBy || principal.Role == Role.Admin
                        ? Close(request, ChangeStatus.Withdrawn, principal, reason: null)
                        : Problem.Forbidden("Only the person who requested a change can withdraw it. Reject it instead.")
                ),
            cancellationToken
        );

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private Problem? Close(ChangeRequest request, ChangeStatus status, Principal principal, string? reason)
    {
        if (OpenProblem(request) is { } closed)
        {
            return closed;
        }

        (request.Status, request.ClosedBy, request.ClosedAt, request.Reason) = (status, principal.UserId, Now, reason);
        return null;
    }

    private static Problem? OpenProblem(ChangeRequest request) =>
        request.Status == ChangeStatus.Open ? null : Problem.Conflict("This change request is already closed.");

    /// <summary>Approving twice counts once. A second approval can apply a request that waited for the person's role.</summary>
    private async Task AddApprovalAsync(
        PromptPilotDbContext db,
        ChangeRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var mine = await db.ChangeEntries.SingleOrDefaultAsync(
            e => e.ChangeRequestId == request.Id && e.Kind == ChangeEntryKind.Approval && e.UserId == principal.UserId,
            cancellationToken
        );
        if (mine is not null)
        {
            mine.At = Now;
            return;
        }

        db.ChangeEntries.Add(
            new ChangeEntry
            {
                ChangeRequestId = request.Id,
                Kind = ChangeEntryKind.Approval,
                UserId = principal.UserId,
                At = Now,
            }
        );
    }

    private async Task<Result<Done>> WriteAsync(
        Actor actor,
        Permission permission,
        string changeRequestId,
        ChangeEvent? what,
        Func<PromptPilotDbContext, ChangeRequest, Principal, Task<Problem?>> change,
        CancellationToken cancellationToken
    )
    {
        var done = await operations.ExclusiveAsync<Done>(
            actor,
            permission,
            async (db, principal) =>
            {
                if (await db.ChangeRequests.SingleOrDefaultAsync(r => r.Id == changeRequestId, cancellationToken) is not { } request)
                {
                    return Problem.NotFound("change request");
                }

                var before = request.Status;
                if (await change(db, request, principal) is { } problem)
                {
                    return problem;
                }

                request.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                var isMade = before == ChangeStatus.Open && request.Status is ChangeStatus.Applied or ChangeStatus.Overridden;
                ChangeEvent?[] events = [what, isMade ? ChangeEvent.Applied : null];
                await observers.AddAsync(db, request, events.OfType<ChangeEvent>(), principal.Name, cancellationToken);
                return default(Done);
            },
            cancellationToken
        );
        observers.Committed();
        signal.Changed.Raise();
        return done;
    }
}
