using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Approvals;

/// <summary>Reads the current state of what change requests would change.</summary>
internal static class ChangeTarget
{
    /// <summary>The move that applying the request would make now. It differs from the requested one if the target has changed.</summary>
    /// <returns>Null if it cannot be applied at all.</returns>
    public static async Task<GateMove?> NowAsync(PromptPilotDbContext db, ChangeRequest request, CancellationToken cancellationToken)
    {
        if (request is { PromptId: { } promptId, Label: { } label })
        {
            return GateMove.OfLabel(promptId, label, await VersionOfLabelAsync(db, promptId, label, cancellationToken), request.To);
        }

        var role = await db
            .Users.Where(user => user.Id == request.RequestedBy)
            .Select(user => user.Role)
            .FirstOrDefaultAsync(cancellationToken);
        if (await WorkflowAsync(db.Workflows.AsNoTracking(), request.WorkflowId!, cancellationToken) is not { } workflow)
        {
            return null;
        }

        var frozen = await WorkflowPublishing.FreezeAsync(db, workflow, role, cancellationToken);
        return frozen.IsOk ? GateMove.OfPublishing(workflow.Id, workflow.PublishedVersionId, frozen.Value) : null;
    }

    /// <summary>Id of the version a label is on; null: none.</summary>
    public static Task<string?> VersionOfLabelAsync(
        PromptPilotDbContext db,
        string promptId,
        string label,
        CancellationToken cancellationToken
    ) =>
        db
            .PromptLabels.Where(l => l.PromptId == promptId && l.Name == label)
            .Select(l => l.PromptVersionId)
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>A workflow with its steps in order.</summary>
    public static Task<Workflow?> WorkflowAsync(IQueryable<Workflow> workflows, string id, CancellationToken cancellationToken) =>
        workflows.Include(w => w.Steps.OrderBy(s => s.Order)).SingleOrDefaultAsync(w => w.Id == id, cancellationToken);

    /// <summary>The experiment a protection requires; null if it has no test set.</summary>
    public static async Task<ExperimentRequest?> ExperimentAsync(
        PromptPilotDbContext db,
        Protection protection,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        if (protection.TestSetId is not { } setId)
        {
            return null;
        }

        if (request.WorkflowId is not null)
        {
            var number = await db
                .WorkflowVersions.Where(v => v.Id == request.From)
                .Select(v => (int?)v.Number)
                .SingleOrDefaultAsync(cancellationToken);
            var now = number?.ToString(CultureInfo.InvariantCulture);
            return new ExperimentRequest(
                setId,
                $"publish: {(now is null ? "" : $"version {now} vs ")}draft",
                [.. new[] { now, WorkflowVariants.Draft }.OfType<string>().Select(version => new VariantRequest(version, ""))]
            );
        }

        var ids = GateFactsQuery.Versions(request);
        var names = await db.PromptVersions.Where(v => ids.Contains(v.Id)).ToDictionaryAsync(v => v.Id, v => v.Version, cancellationToken);
        return new ExperimentRequest(
            setId,
            $"{request.Label}: {string.Join(" vs ", ids.Select(id => names[id]))}",
            [.. ids.Select(id => new VariantRequest(names[id], protection.ModelProfileId!))]
        );
    }

    /// <summary>An open request, or the problem that it does not exist or is closed.</summary>
    public static async Task<Result<ChangeRequest>> OpenAsync(
        IQueryable<ChangeRequest> requests,
        string changeRequestId,
        CancellationToken cancellationToken
    ) =>
        await requests.SingleOrDefaultAsync(r => r.Id == changeRequestId, cancellationToken) is not { } request
            ? Problem.NotFound("change request")
        : request.Status != ChangeStatus.Open ? Problem.Conflict("This change request is already closed.")
        : request;

    /// <summary>Refuses API keys, which programs hold and people share.</summary>
    public static Problem? PersonProblem(Actor actor) =>
        actor is Actor.Person
            ? null
            : Problem.Forbidden("Only a signed-in person can approve or override a change. Sign in and open the change request.");
}
