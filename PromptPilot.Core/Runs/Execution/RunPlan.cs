using System.Collections.Frozen;
using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>What a run executes, with every version resolved. Immutable.</summary>
internal sealed record RunPlan(IReadOnlyList<PlannedStep> Steps, WorkflowOptions Options)
{
    private readonly FrozenDictionary<string, PlannedStep> _byId = Steps.ToFrozenDictionary(step => step.Id);

    public PlannedStep Step(string id) => _byId[id];
}

/// <summary>A step as it will be executed.</summary>
/// <param name="Reads">Output keys of earlier steps that its mapping reads: what it waits for.</param>
internal sealed record PlannedStep(
    string Id,
    string OutputKey,
    int Order,
    PromptVersion Prompt,
    string ProfileId,
    string ProfileName,
    IReadOnlyList<string> Reads,
    IReadOnlyDictionary<string, string> InputMapping
)
{
    public StepOptions Options { get; init; } = new();

    /// <summary>Values that stand in for the mapping: what a fork changed.</summary>
    public IReadOnlyDictionary<string, JsonElement>? FixedValues { get; init; }

    private readonly string[] _optional =
    [
        .. Prompt.VariableDefinitions.Where(definition => definition.IsOptional()).Select(definition => definition.Name),
    ];

    /// <summary>Whether the step cannot do without a key that it reads: an expression reads it and has no <c>default</c>.</summary>
    public bool Needs(string key) =>
        (Options.When is { } when && LiquidCondition.Parse(when) is { HasDefault: false } condition && condition.Reads.Contains(key))
        || (Options.ForEach is { } list && IsNeededBy(list, key))
        || InputMapping.Any(mapping => FixedValues?.ContainsKey(mapping.Key) is not true && IsNeededBy(mapping.Value, key));

    private static bool IsNeededBy(string text, string key) =>
        LiquidExpression.Parse(text) is { HasDefault: false } expression && expression.Reads.Contains(key);

    /// <summary>The values of the prompt's variables in a run context.</summary>
    /// <returns>A problem that names the variable, when an expression fails or a variable has no value.</returns>
    public Result<Dictionary<string, JsonElement>> Bind(
        IReadOnlyDictionary<string, JsonElement> context,
        CancellationToken cancellationToken
    )
    {
        var values = new Dictionary<string, JsonElement>(Prompt.Variables.Count);
        foreach (var variable in Prompt.Variables)
        {
            JsonElement? value = null;
            if (FixedValues?.TryGetValue(variable, out var changed) is true)
            {
                value = changed;
            }
            else if (InputMapping.TryGetValue(variable, out var expression))
            {
                var result = LiquidExpression.Parse(expression).Evaluate(context, cancellationToken);
                if (!result.IsOk)
                {
                    return Problem.AtField(variable, $"The mapping of “{variable}” ({expression}) failed: {result.Problem.Message}");
                }

                value = result.Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : result.Value;
            }

            value ??= Prompt.VariableDefinitions.Find(definition => definition.Name == variable)?.Default;
            if (value is { } found)
            {
                values.Add(variable, found);
            }
            else if (!_optional.Contains(variable))
            {
                return Problem.AtField(
                    variable,
                    $"The variable “{variable}” of prompt “{Prompt.Name}” has no value. Map it in the workflow, or give it a default in the prompt."
                );
            }
        }

        return values;
    }
}

/// <summary>Something a run needs is gone from the database.</summary>
internal class RunPlanException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>What is stored of a run makes no sense any more, e.g. because something else wrote to the database.</summary>
internal sealed class RunUnreadableException(string message, Exception? cause = null) : RunPlanException(message, cause);

/// <summary>Makes plans from stored versions, which are immutable and cached.</summary>
public sealed class RunPlans(WorkflowVersions workflowVersions, PromptVersions promptVersions, ModelProfiles profiles)
{
    /// <summary>The plan of a run.</summary>
    /// <exception cref="RunPlanException">A version it needs is gone; nothing that a run uses can be deleted.</exception>
    internal async ValueTask<RunPlan> ForAsync(WorkflowRun run, CancellationToken cancellationToken)
    {
        var definition = await DefinitionOfAsync(run, cancellationToken);
        return await MakeAsync(definition, run.ResolvedPrompts, cancellationToken);
    }

    /// <summary>What a run runs.</summary>
    /// <exception cref="RunPlanException">The version is gone.</exception>
    internal async ValueTask<WorkflowDefinition> DefinitionOfAsync(WorkflowRun run, CancellationToken cancellationToken) =>
        run.Definition
        ?? (run.WorkflowVersionId is { } id ? (await workflowVersions.FindAsync(id, cancellationToken))?.Definition : null)
        ?? throw new RunPlanException($"Workflow version {run.WorkflowVersionId} of run {run.Id} is gone.");

    /// <summary>The plan of a definition.</summary>
    /// <param name="resolved">Step id → PromptVersion id, for steps that name a label.</param>
    internal async ValueTask<RunPlan> MakeAsync(
        WorkflowDefinition definition,
        IReadOnlyDictionary<string, string> resolved,
        CancellationToken cancellationToken
    )
    {
        var reads = StepGraph.Of(definition.Steps).ToDictionary(node => node.StepId, node => node.Reads);
        var steps = new List<PlannedStep>(definition.Steps.Count);
        foreach (var step in definition.Steps.OrderBy(step => step.Order))
        {
            var versionId =
                resolved.GetValueOrDefault(step.Id)
                ?? step.PromptVersionId
                ?? throw new RunPlanException($"Step {step.Id} has no resolved prompt version.");
            var prompt =
                await promptVersions.FindAsync(versionId, cancellationToken)
                ?? throw new RunPlanException($"Prompt version {versionId} of step {step.Id} is gone.");
            var profile = await profiles.FindInfoAsync(step.Model, cancellationToken);
            steps.Add(
                new PlannedStep(
                    step.Id,
                    step.OutputKey,
                    step.Order,
                    prompt,
                    step.Model,
                    profile?.Name ?? "deleted profile",
                    reads[step.Id],
                    step.InputMapping
                )
                {
                    Options = step.Options,
                    FixedValues = step.FixedValues,
                }
            );
        }

        return new RunPlan(steps, definition.Options);
    }
}
