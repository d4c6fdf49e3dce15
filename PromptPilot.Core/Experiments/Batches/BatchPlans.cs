using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments.Batches;

/// <summary>A batch as it would run.</summary>
/// <param name="Preview">Without cost and time.</param>
/// <param name="Plan">Null while rows or columns have errors.</param>
internal sealed record PlannedBatch(BatchPreview Preview, ExperimentRequest Request, PlannedExperiment? Plan);

/// <summary>Makes an experiment of a file: one variant, a case for each row, no checks.</summary>
public sealed class BatchPlans(WorkflowVariants variants, WorkflowRules rules, IOptions<ExperimentsOptions> options)
{
    /// <summary>Rows in a preview.</summary>
    public const int RowsShown = 10;

    /// <summary>Errors in a preview.</summary>
    private const int ErrorsShown = 50;

    internal async Task<Result<PlannedBatch>> PlanAsync(
        PromptPilotDbContext db,
        Principal principal,
        BatchRequest request,
        CancellationToken cancellationToken
    )
    {
        if (await RefusalAsync(db, request, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var name = request.Name.Trim();
        if (name.Length > TestSetService.MaxName || name.Any(char.IsControl))
        {
            return Problem.AtField("name", $"A name can have at most {TestSetService.MaxName} displayable characters.");
        }

        var variant = new VariantRequest(request.Version, "");
        var found = await variants.FindAsync(db, principal, request.WorkflowId, variant, null, keepsAll: true, cancellationToken);
        if (!found.IsOk)
        {
            return found.Problem;
        }

        var file = BatchFile.Read(request.Csv, options.Value);
        if (!file.IsOk)
        {
            return file.Problem;
        }

        var set = new TestSet
        {
            WorkflowId = request.WorkflowId,
            IsBatch = true,
            Name = name.Length > 0 ? name : found.Value.Variant.Title,
            NormalizedName = "",
        };
        set.NormalizedName = set.Id;
        var experiment = new ExperimentRequest(set.Id, set.Name, [variant]);
        var (preview, cases) = Rows(file.Value, found.Value.Definition.Inputs, request.Columns);
        if (preview.Errors.Count > 0)
        {
            return new PlannedBatch(preview, experiment, null);
        }

        var plan = await rules.PlanAsync(db, principal, experiment, new PlannedCases(set, cases, []), [], cancellationToken);
        return plan.Map(value => new PlannedBatch(preview, experiment, value with { Columns = file.Value.Columns }));
    }

    /// <summary>What the file has, and its rows as cases.</summary>
    private static (BatchPreview Preview, List<FrozenCase> Cases) Rows(
        BatchFile file,
        IReadOnlyList<WorkflowInput> inputs,
        IReadOnlyDictionary<string, string>? chosen
    )
    {
        var matched = file.Match(inputs, chosen);
        var columnErrors = file.ColumnErrors(inputs, chosen).ToList();
        var (errors, first, cases, wrong) = (columnErrors, new List<BatchRowPreview>(), new List<FrozenCase>(), 0);
        for (var row = 0; row < file.Rows.Count; row++)
        {
            var values = file.ValuesOf(row, inputs, matched);
            wrong += values.Errors.Count > 0 ? 1 : 0;
            if (row < RowsShown)
            {
                var shown = matched.ToDictionary(input => input.Key, input => (string?)file.Rows[row][input.Value]);
                first.Add(new BatchRowPreview(row + 1, shown, values.Errors));
            }

            // A column that is missing is one error, not one for each row.
            errors.AddRange(
                values
                    .Errors.Where(error => columnErrors.TrueForAll(column => column.Field != $"columns.{error.Key}"))
                    .Take(ErrorsShown - errors.Count)
                    .Select(error => new FieldError($"rows[{row + 1}].{error.Key}", $"Row {row + 1}, {error.Key}: {error.Value}"))
            );
            cases.Add(new FrozenCase(Ids.New(), row + 1, "", values.Values, null) { Row = file.Rows[row] });
        }

        return (
            new BatchPreview(
                file.Columns,
                [
                    .. inputs.Select(input => new BatchInput(
                        input.Name,
                        input.Type,
                        BatchFile.IsNeeded(input),
                        matched.TryGetValue(input.Name, out var column) ? file.Columns[column] : null
                    )),
                ],
                file.Rows.Count,
                wrong,
                first,
                errors,
                null
            ),
            cases
        );
    }

    /// <summary>A batch is many runs: what refuses one refuses it. A draft is tested whatever the state of the manual trigger.</summary>
    private static async Task<Problem?> RefusalAsync(PromptPilotDbContext db, BatchRequest request, CancellationToken cancellationToken)
    {
        var workflow = await db
            .Workflows.Where(w => w.Id == request.WorkflowId)
            .Select(w => new { w.Status, IsPaused = w.Triggers.Any(trigger => trigger.Type == TriggerType.Manual && !trigger.Enabled) })
            .SingleOrDefaultAsync(cancellationToken);
        return workflow switch
        {
            null => Problem.NotFound("workflow"),
            { Status: WorkflowStatus.Archived } => Problem.Conflict("This workflow is archived. Unarchive and publish it to run it."),
            { IsPaused: true } when request.Version?.Trim() != WorkflowVariants.Draft => Problem.Conflict(
                "The manual trigger of this workflow is disabled. Enable it to start runs manually or with the API."
            ),
            _ => null,
        };
    }
}
