using System.Text.Json;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows;

/// <summary>Inputs and steps, frozen. Stored as JSON in a WorkflowVersion; a run of a draft or a fork carries its own.</summary>
public sealed record WorkflowDefinition(string Name, IReadOnlyList<WorkflowInput> Inputs, IReadOnlyList<StepDefinition> Steps)
{
    public WorkflowOptions Options { get; init; } = new();
}

/// <summary>A step as it runs.</summary>
/// <param name="Id">The WorkflowStep's id.</param>
/// <param name="PromptVersionId">The pinned PromptVersion; null when <paramref name="PromptLabel"/> decides at each run's creation.</param>
/// <param name="PromptLabel">An explicit label, resolved once when a run is created.</param>
/// <param name="Model">Id of the ModelProfile.</param>
/// <param name="InputMapping">Prompt variable → Liquid expression.</param>
/// <param name="Order">1..n.</param>
public sealed record StepDefinition(
    string Id,
    string PromptId,
    string? PromptVersionId,
    string? PromptLabel,
    string Model,
    IReadOnlyDictionary<string, string> InputMapping,
    string OutputKey,
    int Order
)
{
    public StepOptions Options { get; init; } = new();

    /// <summary>The published arms of an A/B test. Null: the step has one version or label.</summary>
    public IReadOnlyList<PinnedArm>? Arms { get; init; }

    /// <summary>Ids of the model profiles that runs may use: the step's own first, then those of arms and its fallbacks.</summary>
    public IEnumerable<string> Models() => NeededModels().Concat(StepFallbacks.Read(Options.Fallbacks) ?? []).Distinct();

    /// <summary>The same without fallbacks: a run needs each of them.</summary>
    public IEnumerable<string> NeededModels() => (Arms ?? []).Select(arm => arm.Model).OfType<string>().Prepend(Model).Distinct();

    /// <summary>Values of prompt variables that stand in for the mapping: what a fork changed. Null in a published version.</summary>
    public IReadOnlyDictionary<string, JsonElement>? FixedValues { get; init; }
}
