using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Core.Runs;

/// <summary>A request to test a draft as it is in the editor, saved or not.</summary>
/// <param name="WorkflowId">The saved workflow that the run belongs to.</param>
/// <param name="Content">The draft to run.</param>
/// <param name="Inputs">By name; of <see cref="OneStep.Of"/> when one step is run.</param>
/// <param name="StepIndex">The position in the content of the only step to run, from 0; null runs them all.</param>
/// <param name="Trigger">The value of <c>trigger</c> in expressions, an object; null for an empty one.</param>
public sealed record DraftRunRequest(
    string WorkflowId,
    WorkflowContent Content,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    int? StepIndex = null,
    JsonElement? Trigger = null
);

/// <summary>
/// Runs drafts. Such a run is like any other (journal, feed, budget, retention), but names no version: it stores the definition, as it was
/// when the run was made.
/// </summary>
public sealed class DraftRunService(Operations operations, RunDispatcher dispatcher)
{
    /// <summary>Starts a run of a draft, or of one of its steps. <c>latest</c> and labels are resolved now.</summary>
    /// <returns>The run; the problems that publishing would name, at their fields; problems of inputs at <c>inputs.NAME</c> and
    /// <c>trigger</c>; Conflict for an archived workflow.</returns>
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

                var draft = OwnSteps(request.Content.Tidy(), workflow.Steps);
                if (request.StepIndex is { } index && (index < 0 || index >= draft.Steps.Count))
                {
                    return Problem.AtField("stepIndex", "The draft no longer has this step. Choose one of its steps.");
                }

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
                    cancellationToken
                );
            },
            cancellationToken
        );

    /// <summary>
    /// Replaces step ids that the saved workflow does not have, so that logs are not added to another workflow's step.
    /// </summary>
    private static WorkflowContent OwnSteps(WorkflowContent content, IEnumerable<string> ids)
    {
        var free = ids.ToHashSet();
        return content with
        {
            Steps = [.. content.Steps.Select(step => step.Id is not null && free.Remove(step.Id) ? step : step with { Id = Ids.New() })],
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
