using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Notifications;

/// <summary>
/// Notifications about change requests: open ones go to everyone who can approve them, decided ones to the requester.
/// </summary>
internal static class ChangeFacts
{
    public const string ChangePath = "/changes/";

    /// <summary>Requests opened since a time, for approvers, and requests decided since, for their requesters.</summary>
    /// <param name="mailFrom">The time from which they are also e-mailed; null: there is no mail server.</param>
    public static async Task<List<Notification>> FindAsync(
        PromptPilotDbContext db,
        DateTime since,
        DateTime? mailFrom,
        CancellationToken cancellationToken
    )
    {
        var requests = await db
            .ChangeRequests.AsNoTracking()
            .Where(r => r.RequestedAt >= since || r.ClosedAt >= since)
            .OrderBy(r => r.RequestedAt)
            .Select(r => new
            {
                Request = r,
                Prompt = db.Prompts.Where(prompt => prompt.Id == r.PromptId).Select(prompt => prompt.Name).FirstOrDefault(),
                Workflow = db.Workflows.Where(workflow => workflow.Id == r.WorkflowId).Select(workflow => workflow.Name).FirstOrDefault(),
                By = db.Users.Where(user => user.Id == r.RequestedBy).Select(user => user.Name).FirstOrDefault(),
                Decider = db.Users.Where(user => user.Id == r.ClosedBy).Select(user => user.Name).FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        if (requests.Count == 0)
        {
            return [];
        }

        var approvers = await db
            .Users.AsNoTracking()
            .Where(user => !user.IsLocked && (user.Role == Role.Architect || user.Role == Role.Admin))
            .Select(user => user.Id)
            .ToListAsync(cancellationToken);
        var found = new List<Notification>();
        foreach (var row in requests)
        {
            var request = row.Request;
            var what = request.Label is { } label ? $"{label} of “{row.Prompt}”" : $"publishing “{row.Workflow}”";
            if (request.Status == ChangeStatus.Open)
            {
                found.AddRange(
                    approvers
                        .Where(person => person != request.RequestedBy && person != request.AuthorId)
                        .Select(person =>
                            New(
                                person,
                                NotificationKind.Approval,
                                $"{row.By ?? "Someone"} requests approval: {what}",
                                request.Note,
                                request.Id,
                                request.RequestedAt,
                                mailFrom
                            )
                        )
                );
            }
            else if (
                request is { RequestedBy: { } asker, ClosedAt: { } at, Status: not ChangeStatus.Withdrawn }
                && asker != request.ClosedBy
            )
            {
                found.Add(
                    New(
                        asker,
                        NotificationKind.ChangeDecided,
                        $"{request.Status} {(row.Decider is { } by ? $"by {by}" : "by another change")}: {what}",
                        request.Reason ?? "",
                        request.Id,
                        at,
                        mailFrom
                    )
                );
            }
        }

        return found;
    }

    private static Notification New(
        string userId,
        NotificationKind kind,
        string title,
        string cause,
        string changeRequestId,
        DateTime at,
        DateTime? mailFrom
    ) =>
        new()
        {
            UserId = userId,
            Kind = kind,
            Title = NotificationLimits.Line(title, NotificationLimits.MaxTitle),
            Cause = NotificationLimits.Line(cause, NotificationLimits.MaxCause),
            Link = ChangePath + changeRequestId,
            CreatedAt = at,
            FactKey = $"{(kind == NotificationKind.Approval ? "approval" : "decided")}:{changeRequestId}",
            MailDueAt = at >= mailFrom ? at : null,
        };
}
