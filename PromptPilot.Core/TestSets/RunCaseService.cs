using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.TestSets;

/// <summary>Makes test cases of runs.</summary>
public sealed class RunCaseService(Operations operations, WorkflowVersions workflowVersions, TimeProvider time)
{
    /// <summary>Makes a case of a run of the set's workflow: its inputs and, if wanted, its output as the expected value.</summary>
    /// <param name="withOutput">Of a run that succeeded: the output that the set checks becomes the expected value.</param>
    /// <returns>Conflict when the set has a case of this run already, or when there is no such output.</returns>
    public Task<Result<TestCaseItem>> AddAsync(
        Actor actor,
        string setId,
        string runId,
        bool withOutput,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<TestCaseItem>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var set = await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == setId, cancellationToken);
                var run = await db.WorkflowRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken);
                if (set is null || run is null)
                {
                    return Problem.NotFound(set is null ? "test set" : "run");
                }

                if (set.WorkflowId != run.WorkflowId)
                {
                    return Problem.Conflict("This run is from another workflow. Choose a test set of its workflow.");
                }

                if (await db.TestCases.AnyAsync(test => test.TestSetId == setId && test.OriginId == runId, cancellationToken))
                {
                    return Problem.Conflict($"“{set.Name}” already has a test case from this run. Edit that one.");
                }

                var expected = withOutput ? await OutputAsync(run, set.OutputKey, cancellationToken) : (string?)null;
                if (!expected.IsOk)
                {
                    return expected.Problem;
                }

                var inputs = run.Inputs.Where(input => input.Value.ValueKind != JsonValueKind.Null).ToDictionary();
                var added = await CaseWriter.AddAsync(
                    db,
                    principal,
                    setId,
                    [new NewCase(new TestCaseContent("", inputs, expected.Value, []), CaseOrigin.Run, runId)],
                    time.GetUtcNow().UtcDateTime,
                    cancellationToken
                );
                return added.Map(cases => TestCaseItem.Of(cases[0]));
            },
            cancellationToken
        );

    private async Task<Result<string?>> OutputAsync(WorkflowRun run, string? outputKey, CancellationToken cancellationToken)
    {
        var definition =
            run.Definition
            ?? (run.WorkflowVersionId is { } id ? (await workflowVersions.FindAsync(id, cancellationToken))?.Definition : null);
        if (definition is null || run.Outputs is null || run.Status != RunStatus.Succeeded)
        {
            return Problem.Conflict("This run has no outputs. Add only its inputs, then enter the expected value in the test set.");
        }

        var key = FinalOutput.KeyOf(definition.Steps, outputKey);
        return !key.IsOk ? key.Problem
            : run.Outputs.TryGetValue(key.Value, out var value) && CaseValues.Text(value) is { Length: > 0 } text ? text
            : Problem.Conflict($"This run has no output “{key.Value}”, because its step was skipped. Add only its inputs.");
    }
}
