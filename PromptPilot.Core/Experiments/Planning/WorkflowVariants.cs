using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Experiments.Planning;

/// <summary>A workflow version or draft that can be run by an experiment.</summary>
/// <param name="Definition">With the prompt versions that its labels are on now.</param>
internal sealed record PlannedWorkflow(Variant Variant, WorkflowDefinition Definition);

/// <summary>Finds the workflow that a variant names, and refuses what an experiment cannot run.</summary>
public sealed class WorkflowVariants(ModelProfiles profiles, RunPlans plans)
{
    /// <summary>The word for the draft, where a version is named.</summary>
    public const string Draft = "draft";

    /// <summary>A variant of a workflow.</summary>
    /// <param name="outputKey">The output that the test set checks; null: the final one.</param>
    /// <param name="keepsAll">It is a batch: no output has to be chosen.</param>
    /// <returns>A problem at <c>version</c>, <c>modelProfileId</c>, <c>parameters</c> or <c>outputKey</c>.</returns>
    internal async Task<Result<PlannedWorkflow>> FindAsync(
        PromptPilotDbContext db,
        Principal principal,
        string workflowId,
        VariantRequest request,
        string? outputKey,
        bool keepsAll,
        CancellationToken cancellationToken
    )
    {
        if (request.ModelProfileId.Length > 0 || request.Parameters is not null || request.Draft is not null)
        {
            return Problem.AtField(
                request.Draft is not null ? "draft"
                    : request.Parameters is not null ? "parameters"
                    : "modelProfileId",
                "The steps of a workflow name their own prompts, model profiles and parameters. Leave this out."
            );
        }

        var found = await DefinitionAsync(db, principal, workflowId, request.Version, cancellationToken);
        if (!found.IsOk)
        {
            return found.Problem;
        }

        var (definition, version) = found.Value;
        if (definition.Steps.FirstOrDefault(step => step.Options.Review is not null) is { } reviewed)
        {
            return Problem.AtField(
                "version",
                $"Step “{reviewed.OutputKey}” waits for a person’s review, which an experiment cannot give. "
                    + "Choose a version without reviews."
            );
        }

        foreach (var step in definition.Steps)
        {
            if (await profiles.FindInfoAsync(step.Model, cancellationToken) is not { Enabled: true })
            {
                return Problem.AtField(
                    "version",
                    $"The model profile of step “{step.OutputKey}” is disabled or was deleted. Choose another one for the step."
                );
            }
        }

        var key = keepsAll ? (string?)null! : FinalOutput.KeyOf(definition.Steps, outputKey).Map(only => (string?)only);
        if (!key.IsOk)
        {
            return key.Problem;
        }

        var resolved = await plans.ResolveLabelsAsync(definition, choice: null, cancellationToken);
        if (!resolved.IsOk)
        {
            return Problem.AtField("version", resolved.Problem.Message);
        }

        var models = definition.Steps.Select(step => step.Model).Distinct(StringComparer.Ordinal).ToList();
        return new PlannedWorkflow(
            new Variant(null, null, null, null)
            {
                Workflow = new WorkflowVariant(version?.Id, version?.Number, DefinitionHash.Of(definition), key.Value, models),
            },
            Pinned(definition, resolved.Value)
        );
    }

    private static async Task<Result<(WorkflowDefinition Definition, WorkflowVersion? Version)>> DefinitionAsync(
        PromptPilotDbContext db,
        Principal principal,
        string workflowId,
        string? named,
        CancellationToken cancellationToken
    )
    {
        var workflow = await db
            .Workflows.AsNoTracking()
            .Include(w => w.Steps.OrderBy(s => s.Order))
            .SingleOrDefaultAsync(w => w.Id == workflowId, cancellationToken);
        if (workflow is null)
        {
            return Problem.NotFound("workflow");
        }

        named = string.IsNullOrWhiteSpace(named) ? null : named.Trim();
        if (named == Draft)
        {
            var frozen = await WorkflowPublishing.FreezeAsync(db, workflow, principal.Role, cancellationToken);
            return frozen.IsOk
                ? (frozen.Value, (WorkflowVersion?)null)
                : Problem.AtField(
                    "version",
                    $"The draft has errors: {frozen.Problem.Errors.Select(error => error.Message).FirstOrDefault(frozen.Problem.Message)}"
                );
        }

        var versions = db.WorkflowVersions.AsNoTracking().Where(v => v.WorkflowId == workflowId);
        var version =
            named is null ? await versions.SingleOrDefaultAsync(v => v.Id == workflow.PublishedVersionId, cancellationToken)
            : int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? await versions.SingleOrDefaultAsync(v => v.Number == number, cancellationToken)
            : null;
        return version is not null ? (version.Definition, version)
            : named is null ? Problem.AtField("version", "This workflow is not published. Publish it, or choose its draft.")
            : Problem.AtField("version", $"This workflow has no version “{named}”. Use a number, or “{Draft}”.");
    }

    /// <summary>The definition with exact prompt versions, so that all cases run the same one.</summary>
    private static WorkflowDefinition Pinned(WorkflowDefinition definition, Dictionary<string, string> resolved) =>
        definition with
        {
            Steps =
            [
                .. definition.Steps.Select(step =>
                    step with
                    {
                        PromptVersionId = resolved.GetValueOrDefault(step.Id) ?? step.PromptVersionId,
                        PromptLabel = null,
                        Arms = null,
                    }
                ),
            ],
        };
}
