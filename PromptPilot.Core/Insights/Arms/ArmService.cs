using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Insights.Arms;

/// <summary>Shows the results of A/B tests of published steps, stops tests, and promotes a winner.</summary>
public sealed class ArmService(Operations operations, WorkflowService workflows, ChangeRequestService changes)
{
    /// <summary>The A/B tests of the published version, in the order of the steps.</summary>
    public Task<Result<ArmsReport>> FindAsync(Actor actor, string workflowId, CancellationToken cancellationToken) =>
        operations.ReadAsync<ArmsReport>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var workflow = await db
                    .Workflows.AsNoTracking()
                    .Where(one => one.Id == workflowId)
                    .Select(one => new { one.PublishedVersionId, one.AreArmsStopped })
                    .SingleOrDefaultAsync(cancellationToken);
                if (workflow is null)
                {
                    return Problem.NotFound("workflow");
                }

                var results = new List<StepArmsResult>();
                foreach (var step in await StepsAsync(db, workflow.PublishedVersionId, cancellationToken))
                {
                    results.Add(await ArmResults.ReadAsync(db, workflowId, step, cancellationToken));
                }

                return new ArmsReport(workflow.AreArmsStopped, results);
            },
            cancellationToken
        );

    /// <summary>
    /// Stops the A/B tests of a workflow for new runs, or restarts them. The steps' own versions are already published, so stopping
    /// needs no approval.
    /// </summary>
    public Task<Result<Done>> SetStoppedAsync(Actor actor, string workflowId, bool isStopped, CancellationToken cancellationToken) =>
        operations.WriteAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var workflow = await db.Workflows.SingleOrDefaultAsync(one => one.Id == workflowId, cancellationToken);
                if (workflow is null)
                {
                    return Problem.NotFound("workflow");
                }

                workflow.AreArmsStopped = isStopped;
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    /// <summary>
    /// Makes an arm of an A/B test the step's own version and model profile, ends the test, and publishes the workflow or, if it is
    /// protected, requests that.
    /// </summary>
    /// <param name="model">Id of the arm's model profile. Null: only one arm has the version.</param>
    /// <returns>The result of publishing; Conflict while the draft has other changes, which would be published too.</returns>
    public Task<Result<PublishChange>> PromoteAsync(
        Actor actor,
        string workflowId,
        string stepId,
        string version,
        string? model,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync(
            actor,
            Permission.Write,
            _ => PromoteAllowedAsync(actor, workflowId, stepId, version, model, cancellationToken),
            cancellationToken
        );

    private async Task<Result<PublishChange>> PromoteAllowedAsync(
        Actor actor,
        string workflowId,
        string stepId,
        string version,
        string? model,
        CancellationToken cancellationToken
    )
    {
        var found = await workflows.FindAsync(actor, workflowId, cancellationToken);
        if (!found.IsOk)
        {
            return found.Problem;
        }

        var content = found.Value.Content();
        if (content.Steps.FirstOrDefault(one => one.Id == stepId) is not { } step)
        {
            return Problem.NotFound("step");
        }

        if (found.Value.HasUnpublishedChanges)
        {
            return Problem.Conflict("The draft has unpublished changes. Publish or discard them, then choose the version again.");
        }

        var fitting = StepArms.Read(step.Options.Arms) is { IsOk: true, Value: var arms }
            ? arms.Where(arm => arm.Version == version && (model is null || (arm.Model ?? step.Model) == model)).ToList()
            : [];
        if (fitting.Count != 1)
        {
            return fitting.Count == 0
                ? Problem.AtField("version", $"The A/B test of this step has no arm with version “{version}”. Choose one of its arms.")
                : Problem.AtField("model", $"Several arms have version {version}. Add the id of the arm's model profile.");
        }

        var promoted = step with
        {
            PromptVersion = version,
            PromptLabel = null,
            Model = fitting[0].Model ?? step.Model,
            Options = step.Options with { Arms = null, ArmsBy = null },
        };
        var saved = await workflows.UpdateAsync(
            actor,
            workflowId,
            content with
            {
                Steps = [.. content.Steps.Select(one => one == step ? promoted : one)],
            },
            found.Value.Revision,
            cancellationToken
        );
        return saved.IsOk
            ? await changes.PublishAsync(
                actor,
                workflowId,
                saved.Value.Revision,
                $"{step.OutputKey}: {version} won the A/B test",
                cancellationToken
            )
            : saved.Problem;
    }

    private static async Task<List<StepDefinition>> StepsAsync(
        PromptPilotDbContext db,
        string? versionId,
        CancellationToken cancellationToken
    )
    {
        var published = await db.WorkflowVersions.AsNoTracking().SingleOrDefaultAsync(one => one.Id == versionId, cancellationToken);
        return published is null ? [] : [.. published.Definition.Steps.Where(step => step.Arms is not null).OrderBy(step => step.Order)];
    }
}
