using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments.Planning;

/// <summary>Plans experiments of workflows.</summary>
public sealed class WorkflowRules(ModelProfiles profiles, WorkflowVariants variants, CallBounds bounds)
{
    private const int MostUnrendered = 10;

    /// <param name="errors">What is wrong with the request already.</param>
    internal async Task<Result<PlannedExperiment>> PlanAsync(
        PromptPilotDbContext db,
        Principal principal,
        ExperimentRequest request,
        PlannedCases planned,
        List<FieldError> errors,
        CancellationToken cancellationToken
    )
    {
        var (set, cases, judges) = planned;
        var workflows = new List<PlannedWorkflow>();
        for (var i = 0; i < request.Variants.Count; i++)
        {
            var found = await variants.FindAsync(
                db,
                principal,
                set.WorkflowId!,
                request.Variants[i],
                set.OutputKey,
                set.IsBatch,
                cancellationToken
            );
            if (found.IsOk)
            {
                workflows.Add(found.Value);
                continue;
            }

            if (found.Problem.Errors.Count == 0)
            {
                return found.Problem;
            }

            errors.AddRange(
                found.Problem.Errors.Select(error =>
                    error with
                    {
                        Field = error.Field == "outputKey" ? "testSetId" : $"variants[{i}].{error.Field}",
                    }
                )
            );
        }

        if (errors.Count > 0)
        {
            return Problem.Invalid("The experiment was not started.", [.. errors.DistinctBy(error => (error.Field, error.Message))]);
        }

        var used = workflows.SelectMany(workflow => workflow.Variant.Profiles);
        if (
            await profiles.RefusalAsync(principal, used.Concat(judges.Select(judge => judge.Judge.ModelProfileId)), cancellationToken) is
            { } refusal
        )
        {
            return refusal;
        }

        var (costs, calls, unrendered) = await CostAsync(workflows, judges, cases, cancellationToken);
        return new PlannedExperiment(
            set,
            cases,
            [.. workflows.Select(workflow => workflow.Variant)],
            Drafts: [],
            [.. judges.Select(judge => judge.Judge)],
            costs,
            Fingerprints: new Dictionary<(int, string), string>(),
            unrendered
        )
        {
            Definitions = [.. workflows.Select(workflow => workflow.Definition)],
            Calls = calls,
        };
    }

    /// <summary>
    /// The most that each run can cost, in nano-USD, by variant and case; the calls of one round; and the cases that cannot be run.
    /// </summary>
    private async Task<(Dictionary<(int, string), long> Costs, int Calls, IReadOnlyList<string> Unrendered)> CostAsync(
        List<PlannedWorkflow> workflows,
        IReadOnlyList<(Judge Judge, PromptVersion Version)> judges,
        IReadOnlyList<FrozenCase> cases,
        CancellationToken cancellationToken
    )
    {
        var (costs, calls, unrendered) = (new Dictionary<(int, string), long>(), 0, new List<string>());
        var documents = new Dictionary<string, long>();
        for (var i = 0; i < workflows.Count; i++)
        {
            var (variant, definition) = workflows[i];
            var ofRun = await bounds.OfWorkflowAsync(definition, cancellationToken);
            var judged = definition.Steps.First(step => step.OutputKey == (variant.Workflow!.OutputKey ?? step.OutputKey));
            var maxTokens = await MaxTokensAsync(judged, cancellationToken);
            foreach (var test in cases)
            {
                var inputs = WorkflowInputs.Bind(definition.Inputs, VariantPlan.Inputs(definition, test.Inputs));
                if (!inputs.IsOk)
                {
                    if (unrendered.Count < MostUnrendered)
                    {
                        unrendered.Add($"Case {test.Number} with {variant.Title}: {inputs.Problem.Errors[0].Message}");
                    }

                    continue;
                }

                await bounds.AddDocumentsAsync(documents, inputs.Value, cancellationToken);
                var (cost, made) = ofRun.Of(inputs.Value, documents);
                calls += made + judges.Count;
                foreach (var (judge, version) in judges)
                {
                    cost += await bounds.OfJudgeAsync(judge, version, test, documents, maxTokens, cancellationToken);
                }

                costs[(i, test.Id)] = cost;
            }
        }

        return (costs, calls, unrendered);
    }

    private async Task<int> MaxTokensAsync(StepDefinition step, CancellationToken cancellationToken) =>
        step.Options.Parameters?.MaxTokens ?? (await profiles.FindAsync(step.Model, cancellationToken))?.Parameters.MaxTokens ?? 0;
}

/// <summary>The cases of a set and the judges of its checks.</summary>
internal sealed record PlannedCases(
    TestSet Set,
    IReadOnlyList<FrozenCase> Cases,
    IReadOnlyList<(Judge Judge, PromptVersion Version)> Judges
);
