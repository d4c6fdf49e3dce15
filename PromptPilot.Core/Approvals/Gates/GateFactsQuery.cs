using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments;

namespace PromptPilot.Core.Approvals.Gates;

/// <summary>Reads the facts that decide about a change request.</summary>
internal static class GateFactsQuery
{
    public static async Task<GateFacts> LoadAsync(
        PromptPilotDbContext db,
        Protection protection,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        var approvers = await (
            from entry in db.ChangeEntries.AsNoTracking()
            where entry.ChangeRequestId == request.Id && entry.Kind == ChangeEntryKind.Approval
            join user in db.Users on entry.UserId equals user.Id
            select new GatePerson(user.Id, user.Role, user.IsLocked)
        ).ToListAsync(cancellationToken);
        var requester = await db
            .Users.AsNoTracking()
            .Where(user => user.Id == request.RequestedBy)
            .Select(user => new GatePerson(user.Id, user.Role, user.IsLocked))
            .SingleOrDefaultAsync(cancellationToken);
        return new GateFacts(requester, approvers, await OutcomeAsync(db, protection, request, cancellationToken));
    }

    /// <summary>The outcome of the request's experiment; null if the protection has no test set.</summary>
    public static async Task<GateOutcome?> OutcomeAsync(
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

        var experiment = await db.Experiments.AsNoTracking().SingleOrDefaultAsync(e => e.Id == request.ExperimentId, cancellationToken);
        if (experiment is null || experiment.TestSetId != setId || !Tries(experiment, protection, request))
        {
            return new GateOutcome("No experiment has tested this change the way its protection requires. Run the experiment.");
        }

        if (experiment.Status != ExperimentStatus.Finished)
        {
            return new GateOutcome(
                experiment.Status == ExperimentStatus.Running
                    ? "The experiment is still running."
                    : "The experiment was cancelled. Run it again."
            );
        }

        var version = await db.TestSetVersions.AsNoTracking().SingleAsync(v => v.Id == experiment.TestSetVersionId, cancellationToken);
        if (!await db.TestSets.AnyAsync(set => set.Id == setId && set.Version == version.Number, cancellationToken))
        {
            return new GateOutcome("The test set has changed since the experiment. Run it again.");
        }

        var cells = await db
            .ExperimentCells.AsNoTracking()
            .Where(cell => cell.ExperimentId == experiment.Id)
            .ToListAsync(cancellationToken);
        var (variants, cases) = ExperimentTable.Of(experiment.Variants, version.Cases, cells);
        var rate = variants[^1].PassRate;
        return new GateOutcome(
            null,
            rate?.Passed ?? 0,
            rate?.Count ?? 0,
            variants.Count == 1 ? 0 : cases.Count(one => one.Changes[^1] == Change.Worse)
        );
    }

    /// <summary>
    /// Whether the experiment compares the current version with the requested one: of a label, on the protection's profile; of a workflow,
    /// with exactly the definition that is to be published.
    /// </summary>
    private static bool Tries(Experiment experiment, Protection protection, ChangeRequest request) =>
        request.WorkflowId is null
            ? experiment.Variants.TrueForAll(variant => variant.ModelProfileId == protection.ModelProfileId && variant.Parameters is null)
                && experiment.Variants.ConvertAll(variant => variant.PromptVersionId).SequenceEqual(Versions(request))
            : experiment.Variants[^1].Workflow?.Hash == request.To
                && experiment
                    .Variants[..^1]
                    .ConvertAll(variant => variant.Workflow?.VersionId)
                    .SequenceEqual(new[] { request.From }.OfType<string>());

    /// <summary>The versions that a request's experiment compares, the current one first.</summary>
    public static IReadOnlyList<string> Versions(ChangeRequest request) => [.. new[] { request.From, request.To }.OfType<string>()];
}
