using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows;

/// <summary>A workflow as an author writes it: everything that is saved.</summary>
public sealed record WorkflowContent(
    string Name,
    IReadOnlyList<string> Tags,
    IReadOnlyList<WorkflowInput> Inputs,
    IReadOnlyList<StepContent> Steps
)
{
    public WorkflowOptions Options { get; init; } = new();

    public WorkflowLimits Limits { get; init; } = new();

    /// <summary>The positions of <see cref="Steps"/> in the order they run: by <see cref="StepContent.Order"/>, else as listed.</summary>
    internal IReadOnlyList<int> Sequence() => [.. Enumerable.Range(0, Steps.Count).OrderBy(i => Steps[i].Order ?? i + 1)];

    /// <summary>The same in the order it runs, each step with an id and its place.</summary>
    internal WorkflowContent Numbered() =>
        this with
        {
            Steps = [.. Sequence().Select((position, i) => Steps[position] with { Id = Steps[position].Id ?? Ids.New(), Order = i + 1 })],
        };

    /// <summary>The same without blanks at the ends, doubled tags and empty mappings. Positions stay.</summary>
    internal WorkflowContent Tidy() =>
        this with
        {
            Name = Name.Trim(),
            Tags = [.. Tags.Select(tag => tag.Trim()).Where(tag => tag != "").Distinct(StringComparer.OrdinalIgnoreCase)],
            Steps = [.. Steps.Select(step => step.Tidy())],
            Options = Options.Tidy(),
        };
}

/// <summary>A step as an author writes it.</summary>
/// <param name="Id">The id of an existing step; null for a new one.</param>
/// <param name="PromptVersion">An exact version; with neither version nor label the step follows <c>latest</c>.</param>
/// <param name="Model">Id of the ModelProfile.</param>
/// <param name="InputMapping">Prompt variable → Liquid expression; an empty expression maps nothing.</param>
/// <param name="Order">Its position; null: the position in the list.</param>
public sealed record StepContent(
    string? Id,
    string PromptId,
    string? PromptVersion,
    string? PromptLabel,
    string Model,
    IReadOnlyDictionary<string, string> InputMapping,
    string OutputKey,
    int? Order = null
)
{
    /// <summary>The default when a step names neither version nor label; it can also be named explicitly.</summary>
    public const string Latest = "latest";

    public StepOptions Options { get; init; } = new();

    /// <summary>Ids of the model profiles that runs may use: the step's own first, then those of an A/B test and its fallbacks.</summary>
    internal IEnumerable<string> Models() => StepArms.ModelsOf(Model, Options);

    internal StepContent Tidy() =>
        this with
        {
            PromptVersion = Named(PromptVersion),
            PromptLabel = Named(PromptLabel),
            Options = Options.Tidy(),
            InputMapping = InputMapping
                .Where(pair => !string.IsNullOrWhiteSpace(pair.Value))
                .ToDictionary(pair => pair.Key, pair => pair.Value.Trim()),
        };

    private static string? Named(string? name) => string.IsNullOrWhiteSpace(name) || name.Trim() == Latest ? null : name.Trim();
}

/// <summary>Something wrong with a workflow, at its field.</summary>
/// <param name="Field">JSON path in camelCase, e.g. <c>steps[1].inputMapping.notes</c>; positions are those of the content as given, from
/// 0.</param>
/// <param name="BlocksSaving">False: a draft may be saved with it, but not published.</param>
/// <param name="Line">The place in an expression, from 1.</param>
/// <param name="Column">The place in an expression, from 1.</param>
public sealed record WorkflowProblem(string Field, string Message, bool BlocksSaving, int? Line = null, int? Column = null);
