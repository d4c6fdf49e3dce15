using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Approvals;

/// <summary>Reads change requests.</summary>
public sealed class ChangeListService(Operations operations, ApprovalSignal signal, ExperimentSignal experiments)
{
    /// <summary>Change requests, newest first.</summary>
    public Task<Result<Page<ChangeListItem>>> ListAsync(
        Actor actor,
        ChangeFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<ChangeListItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var requests = db
                    .ChangeRequests.AsNoTracking()
                    .Where(r =>
                        (filter.Status == null || r.Status == filter.Status)
                        && (filter.PromptId == null || r.PromptId == filter.PromptId)
                        && (filter.WorkflowId == null || r.WorkflowId == filter.WorkflowId)
                    );
                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, '$') is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    requests = requests.Where(r =>
                        r.RequestedAt <= cursor.At && (r.RequestedAt < cursor.At || r.Id.CompareTo(cursor.Id) < 0)
                    );
                }

                var items = await Items(db, requests.OrderByDescending(r => r.RequestedAt).ThenByDescending(r => r.Id).Take(page.Take + 1))
                    .ToListAsync(cancellationToken);
                return Page.Of(items, page, last => new TimeCursor(last.RequestedAt, last.Id).ToString('$'));
            },
            cancellationToken
        );

    /// <summary>A change request with its requirements and approvals.</summary>
    public Task<Result<ChangeView>> FindAsync(Actor actor, string changeRequestId, CancellationToken cancellationToken) =>
        operations.ReadAsync<ChangeView>(
            actor,
            Permission.Read,
            async (db, principal) =>
                await db.ChangeRequests.AsNoTracking().SingleOrDefaultAsync(r => r.Id == changeRequestId, cancellationToken) is { } request
                    ? await ViewAsync(db, principal, actor, request, cancellationToken)
                    : Problem.NotFound("change request"),
            cancellationToken
        );

    /// <summary>Signals when change requests or protections change.</summary>
    public Task<Result<ApprovalWatch>> WatchAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<ApprovalWatch>(actor, Permission.Read, _ => new ApprovalWatch(signal, experiments), cancellationToken);

    private static async Task<ChangeView> ViewAsync(
        PromptPilotDbContext db,
        Principal principal,
        Actor actor,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        var isOpen = request.Status == ChangeStatus.Open;
        var isOutdated = isOpen && await ChangeTarget.NowAsync(db, request, cancellationToken) != request.Move;
        var protection = await GatePass.FindProtectionAsync(db, request.Move, cancellationToken);
        var missing =
            isOpen && protection is not null
                ? GateRule.Missing(protection, request, await GateFactsQuery.LoadAsync(db, protection, request, cancellationToken))
                : [];
        var entries = await (
            from entry in db.ChangeEntries.AsNoTracking()
            where entry.ChangeRequestId == request.Id
            orderby entry.At, entry.Id
            join user in db.Users on entry.UserId equals user.Id into users
            from user in users.DefaultIfEmpty()
            select new
            {
                Entry = entry,
                User = user == null
                    ? null
                    : new
                    {
                        user.Id,
                        user.Name,
                        user.Role,
                        user.IsLocked,
                    },
            }
        ).ToListAsync(cancellationToken);
        var author = await db
            .Users.Where(user => user.Id == request.AuthorId)
            .Select(user => user.Name)
            .FirstOrDefaultAsync(cancellationToken);
        return new ChangeView(
            await Items(db, db.ChangeRequests.AsNoTracking().Where(r => r.Id == request.Id)).SingleAsync(cancellationToken),
            isOutdated,
            request.Note,
            request.RequestedBy,
            request.AuthorId,
            author,
            request.ExperimentId,
            protection is null
                ? null
                : (await ProtectionQuery.ReadAsync(db, db.Protections.Where(p => p.Id == protection.Id), cancellationToken))[0],
            isOutdated ? [GateRule.Changed] : missing,
            isOpen ? WhyNot(request, principal, actor) : null,
            [
                .. entries
                    .Where(row => row.Entry.Kind == ChangeEntryKind.Approval)
                    .Select(row => new ChangeApproval(
                        row.User?.Id,
                        row.User?.Name,
                        row.Entry.At,
                        row.User is { } user && GateRule.Count(request, [new GatePerson(user.Id, user.Role, user.IsLocked)]) == 1
                    )),
            ],
            [
                .. entries
                    .Where(row => row.Entry.Kind == ChangeEntryKind.Comment)
                    .Select(row => new ChangeComment(row.Entry.Id, row.User?.Id, row.User?.Name, row.Entry.Text, row.Entry.At)),
            ]
        );
    }

    private static string? WhyNot(ChangeRequest request, Principal principal, Actor actor) =>
        !Access.Allows(principal.Role, Permission.Write)
            ? "Architects and admins can approve changes."
            : ChangeTarget.PersonProblem(actor)?.Message ?? GateRule.WhyNot(request, principal.UserId);

    internal static IQueryable<ChangeListItem> Items(PromptPilotDbContext db, IQueryable<ChangeRequest> requests) =>
        requests.Select(r => new ChangeListItem(
            r.Id,
            r.Status,
            r.PromptId,
            r.Label,
            r.WorkflowId,
            r.PromptId != null
                ? db.Prompts.Where(prompt => prompt.Id == r.PromptId).Select(prompt => prompt.Name).FirstOrDefault() ?? ""
                : db.Workflows.Where(workflow => workflow.Id == r.WorkflowId).Select(workflow => workflow.Name).FirstOrDefault() ?? "",
            r.PromptId != null
                ? db.PromptVersions.Where(version => version.Id == r.From).Select(version => version.Version).FirstOrDefault()
                : db.WorkflowVersions.Where(version => version.Id == r.From).Select(version => "" + version.Number).FirstOrDefault(),
            r.PromptId != null
                ? db.PromptVersions.Where(version => version.Id == r.To).Select(version => version.Version).FirstOrDefault()
                : db
                    .WorkflowVersions.Where(version => version.Id == r.WorkflowVersionId)
                    .Select(version => "" + version.Number)
                    .FirstOrDefault(),
            db.Users.Where(user => user.Id == r.RequestedBy).Select(user => user.Name).FirstOrDefault(),
            r.RequestedAt,
            db.Users.Where(user => user.Id == r.ClosedBy).Select(user => user.Name).FirstOrDefault(),
            r.ClosedAt,
            r.Reason
        ));
}
