using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Core.Runs.Drafts;

/// <summary>A request to test the draft in the editor, saved or not.</summary>
/// <param name="WorkflowId">The saved workflow that the run belongs to.</param>
/// <param name="Content">The draft to run.</param>
/// <param name="Inputs">By name; of <see cref="OneStep.Of"/> when one step is run.</param>
/// <param name="StepIndex">The position in the content of the only step to run, from 0; null runs them all.</param>
/// <param name="Trigger">The value of <c>trigger</c> in expressions, an object; null for an empty one.</param>
/// <param name="From">Runs from one step on and reuses earlier results; null runs all steps.</param>
public sealed record DraftRunRequest(
    string WorkflowId,
    WorkflowContent Content,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    int? StepIndex = null,
    JsonElement? Trigger = null,
    DraftFrom? From = null
);

/// <summary>
/// A step to run from. Steps that do not depend on it keep their results unless they were edited since or did not succeed. Inputs and
/// trigger default to those of the earlier run. Reused steps do not see changed ones.
/// </summary>
/// <param name="RunId">An ended run of the workflow, of a version or a draft.</param>
/// <param name="StepIndex">The position of the step in the draft, from 0.</param>
public sealed record DraftFrom(string RunId, int StepIndex);

/// <summary>
/// Runs drafts. Such a run is like any other (journal, feed, budget, retention), but names no version: it stores the definition, as it was
/// when the run was made.
/// </summary>
public sealed class DraftRunService(Operations operations, RunLoader loader, RunDispatcher dispatcher)
{
    /// <summary>Starts a run of a draft, or of one of its steps. <c>latest</c> and labels are resolved now.</summary>
    /// <returns>The run; the problems that publishing would name, at their fields; problems of inputs at <c>inputs.NAME</c> and
    /// <c>trigger</c>; Conflict for an archived workflow, or an earlier run that has not ended.</returns>
    public Task<Result<StartedRun>> StartAsync(Actor actor, DraftRunRequest request, CancellationToken cancellationToken) =>
        operations.ReadAsync<StartedRun>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var workflow = await db
                    .Workflows.Where(w => w.Id == request.WorkflowId)
                    .Select(w => new { w.Status, Steps = w.Steps.Select(s => s.Id).ToList() })
                    .SingleOrDefaultAsync(cancellationToken);
                if (workflow is null or { Status: WorkflowStatus.Archived })
                {
                    return workflow is null
                        ? Problem.NotFound("workflow")
                        : Problem.Conflict("This workflow is archived. Unarchive it to test its draft.");
                }

                if (request.Trigger is { ValueKind: not JsonValueKind.Object })
                {
                    return Problem.AtField("trigger", "The trigger must be a JSON object, such as { \"payload\": { } }.");
                }

                if (request.Trigger is { } trigger && InputValues.Unusable(trigger) is { } unusable)
                {
                    return Problem.AtField("trigger", unusable);
                }

                if ((request.From?.StepIndex ?? request.StepIndex) is { } index && (index < 0 || index >= request.Content.Steps.Count))
                {
                    return Problem.AtField("stepIndex", "The draft no longer has this step. Choose one of its steps.");
                }

                var earlier = await EarlierAsync(request, cancellationToken);
                if (!earlier.IsOk)
                {
                    return earlier.Problem;
                }

                var draft = OwnSteps(request.Content.Tidy(), workflow.Steps, earlier.Value);

                var content = request.StepIndex is { } only ? OneStep.Of(draft, only) : draft;
                var facts = await WorkflowFacts.LoadAsync(db, content.Steps, cancellationToken) with { Author = principal.Role };
                if (WorkflowProblems.Find(content, facts) is { Count: > 0 } problems)
                {
                    return Problem.Invalid(
                        "Nothing was started because the draft has errors.",
                        [
                            .. problems.Select(p => new FieldError(
                                FieldInDraft(p.Field, draft, content, request.StepIndex),
                                p.Message,
                                p.Line,
                                p.Column
                            )),
                        ]
                    );
                }

                return await dispatcher.DispatchDraftAsync(
                    principal,
                    WorkflowChanges.Freeze(content.Numbered(), facts),
                    request,
                    request.StepIndex is null ? null : content.Steps[0].OutputKey,
                    request.From is { } from ? new DraftReuse(earlier.Value!, draft.Steps[from.StepIndex].Id!) : null,
                    cancellationToken
                );
            },
            cancellationToken
        );

    /// <summary>The run whose results are reused; null if the request names none.</summary>
    private async Task<Result<RunProgress?>> EarlierAsync(DraftRunRequest request, CancellationToken cancellationToken)
    {
        if (request.From is not { } from)
        {
            return (RunProgress?)null;
        }

        try
        {
            return await loader.LoadAsync(from.RunId, cancellationToken) switch
            {
                { } run when run.Run.WorkflowId != request.WorkflowId || run.Run.OnlyStep is not null => Problem.NotFound("run"),
                { State.IsFinished: false } => Problem.Conflict("This run has not ended yet. Wait for it to end, or cancel it first."),
                { } run => run,
                null => Problem.NotFound("run"),
            };
        }
        catch (RunPlanException)
        {
            return Problem.Conflict("The results of the earlier run can no longer be read. Run the whole draft instead.");
        }
    }

    /// <summary>
    /// Replaces step ids that the saved workflow does not have, so that logs are not added to another workflow's step. An unsaved step is
    /// recognized by its output key in an earlier run of the draft.
    /// </summary>
    private static WorkflowContent OwnSteps(WorkflowContent content, IEnumerable<string> ids, RunProgress? earlier)
    {
        var free = ids.ToHashSet();
        var tried = (earlier?.State.Steps ?? []).Where(step => !free.Contains(step.StepId)).ToDictionary(s => s.OutputKey, s => s.StepId);
        return content with
        {
            Steps =
            [
                .. content.Steps.Select(step =>
                    step.Id is not null && free.Remove(step.Id) ? step
                    : tried.Remove(step.OutputKey, out var id) ? step with { Id = id }
                    : step with { Id = Ids.New() }
                ),
            ],
        };
    }

    /// <summary>Maps a field of the executed definition to the draft: a step that runs alone is the first in it.</summary>
    private static string FieldInDraft(string field, WorkflowContent draft, WorkflowContent runs, int? stepIndex)
    {
        if (stepIndex is not { } index)
        {
            return field;
        }

        for (var i = 0; i < runs.Inputs.Count; i++)
        {
            var at = $"inputs[{i}]";
            if (field.StartsWith(at, StringComparison.Ordinal))
            {
                var place = draft.Inputs.ToList().FindIndex(input => input.Name == runs.Inputs[i].Name);
                return place < 0 ? field : $"inputs[{place}]{field[at.Length..]}";
            }
        }

        return field.Replace("steps[0]", $"steps[{index}]", StringComparison.Ordinal);
    }
}
