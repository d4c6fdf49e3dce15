using System.Collections.Frozen;
using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.State;

/// <summary>The definition that a run executes, with every version resolved. Immutable.</summary>
internal sealed record RunPlan(IReadOnlyList<PlannedStep> Steps, WorkflowOptions Options)
{
    private readonly FrozenDictionary<string, PlannedStep> _byId = Steps.ToFrozenDictionary(step => step.Id);

    public PlannedStep Step(string id) => _byId[id];
}

/// <summary>A model profile that a step can call instead of its own.</summary>
internal sealed record FallbackProfile(string Id, string Name);

/// <summary>A step as it will be executed.</summary>
/// <param name="Reads">Output keys of earlier steps that its mapping reads, and that it therefore waits for.</param>
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

    /// <summary>The texts of the prompt with all parts.</summary>
    public PromptSource Source { get; init; } = PromptSource.Of(Prompt);

    /// <summary>The labels of parts that were resolved for it; null when none of its parts follows one.</summary>
    public Dictionary<string, string>? PartVersions { get; init; }

    /// <summary>The profiles that are tried in this order when its own fails.</summary>
    public IReadOnlyList<FallbackProfile> Fallbacks { get; init; } = [];

    /// <summary>Values set by a fork that replace the mapping.</summary>
    public IReadOnlyDictionary<string, JsonElement>? FixedValues { get; init; }

    private readonly string[] _optional =
    [
        .. Prompt.VariableDefinitions.Where(definition => definition.IsOptional()).Select(definition => definition.Name),
    ];

    /// <summary>True when the step requires a key: an expression reads it without a <c>default</c> filter.</summary>
    public bool Needs(string key) =>
        (Options.When is { } when && LiquidCondition.Parse(when) is { HasDefault: false } condition && condition.Reads.Contains(key))
        || (Options.ForEach is { } list && IsNeededBy(list, key))
        || InputMapping.Any(mapping => FixedValues?.ContainsKey(mapping.Key) is not true && IsNeededBy(mapping.Value, key));

    private static bool IsNeededBy(string text, string key) =>
        LiquidExpression.Parse(text) is { HasDefault: false } expression && expression.Reads.Contains(key);

    /// <summary>The profile that the next attempt of an item calls, as decided by its attempts.</summary>
    /// <param name="last">Its newest attempt; null before the first.</param>
    public string NextProfileId(AttemptState? last) => last?.NextProfileId ?? last?.ProfileId ?? ProfileId;

    /// <summary>The profiles to try after another one has failed, in order.</summary>
    public IEnumerable<FallbackProfile> FallbacksAfter(string profileId) =>
        profileId == ProfileId ? Fallbacks : Fallbacks.SkipWhile(other => other.Id != profileId).Skip(1);

    /// <summary>The name of its own or a fallback profile.</summary>
    public string NameOf(string profileId) =>
        profileId == ProfileId
            ? ProfileName
            : Fallbacks.FirstOrDefault(other => other.Id == profileId)?.Name ?? "a profile that is no longer a fallback";

    /// <summary>The log of an attempt of this step, without an outcome yet.</summary>
    /// <param name="at">Start of the attempt (UTC).</param>
    /// <param name="started">The attempt, if it may be on a fallback profile.</param>
    public ExecutionLog NewLog(WorkflowRun run, AttemptKey key, DateTime at, AttemptState? started = null) =>
        new()
        {
            RunId = run.Id,
            WorkflowId = run.WorkflowId,
            StepId = Id,
            OutputKey = OutputKey,
            PromptId = Prompt.PromptId,
            PromptVersionId = Prompt.Id,
            PartVersions = PartVersions,
            ModelProfileId = started?.ProfileId ?? ProfileId,
            FallbackReason = started?.FallbackReason,
            ItemIndex = key.ItemIndex,
            Attempt = key.Attempt,
            ModelUsed = "",
            Timestamp = at,
            UserId = run.StartedBy,
        };

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
                    $"The variable “{variable}” of prompt “{Prompt.Name}” has no value. "
                        + "Map it in the workflow, or give it a default in the prompt."
                );
            }
        }

        return values;
    }
}
