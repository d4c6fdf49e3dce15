using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>
/// A state of a workflow with the names of what it refers to, ready to be compared: a version, a draft, or what is in someone's editor.
/// </summary>
internal sealed record WorkflowSketch(
    string Name,
    IReadOnlyList<WorkflowInput> Inputs,
    IReadOnlyList<SketchStep> Steps,
    WorkflowOptions Options
)
{
    /// <summary>Null if they are not part of it, as for a version, and then not compared.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Null if they are not part of it.</summary>
    public WorkflowLimits? Limits { get; init; }
}

/// <summary>A step of a sketch.</summary>
/// <param name="Id">Empty for a step that was never saved.</param>
/// <param name="Version">The chosen version, for people: <c>2.1.0</c>, <c>the label production</c>, <c>the latest version</c>.</param>
internal sealed record SketchStep(
    string Id,
    string PromptId,
    string Prompt,
    string Version,
    string Model,
    IReadOnlyDictionary<string, string> Mapping,
    string OutputKey,
    StepOptions Options
);

/// <summary>The names that sketches need, read together for all compared ones.</summary>
internal sealed class SketchNames
{
    private readonly Dictionary<string, (string Name, string LatestVersionId)> _prompts;
    private readonly Dictionary<string, string> _versions;
    private readonly Dictionary<string, string> _models;

    private SketchNames(
        Dictionary<string, (string Name, string LatestVersionId)> prompts,
        Dictionary<string, string> versions,
        Dictionary<string, string> models
    ) => (_prompts, _versions, _models) = (prompts, versions, models);

    public static async Task<SketchNames> LoadAsync(
        PromptPilotDbContext db,
        IReadOnlyCollection<WorkflowContent> contents,
        IReadOnlyCollection<WorkflowDefinition> definitions,
        CancellationToken cancellationToken
    )
    {
        var promptIds = contents
            .SelectMany(c => c.Steps.Select(s => s.PromptId))
            .Concat(definitions.SelectMany(d => d.Steps.Select(s => s.PromptId)))
            .Distinct()
            .ToList();
        var modelIds = contents
            .SelectMany(c => c.Steps.SelectMany(s => s.Models()))
            .Concat(definitions.SelectMany(d => d.Steps.SelectMany(s => s.Models())))
            .Distinct()
            .ToList();
        var prompts = await db
            .Prompts.Where(p => promptIds.Contains(p.Id))
            .Select(p => new
            {
                p.Id,
                p.Name,
                p.LatestVersionId,
            })
            .ToListAsync(cancellationToken);
        var versionIds = definitions
            .SelectMany(d => d.Steps.Select(s => s.PromptVersionId))
            .OfType<string>()
            .Concat(prompts.Select(p => p.LatestVersionId))
            .Distinct()
            .ToList();
        return new SketchNames(
            prompts.ToDictionary(p => p.Id, p => (p.Name, p.LatestVersionId)),
            await db
                .PromptVersions.Where(v => versionIds.Contains(v.Id))
                .Select(v => new { v.Id, v.Version })
                .ToDictionaryAsync(v => v.Id, v => v.Version, cancellationToken),
            await db
                .ModelProfiles.Where(m => modelIds.Contains(m.Id))
                .Select(m => new { m.Id, m.Name })
                .ToDictionaryAsync(m => m.Id, m => m.Name, cancellationToken)
        );
    }

    /// <param name="resolvesLatest">True to replace <c>latest</c> by the current version, for comparison with a published one.</param>
    public WorkflowSketch Of(WorkflowContent content, bool resolvesLatest = false)
    {
        var tidy = content.Tidy();
        return new WorkflowSketch(
            tidy.Name,
            tidy.Inputs,
            [
                .. tidy.Sequence()
                    .Select(position => tidy.Steps[position])
                    .Select(step => new SketchStep(
                        step.Id ?? "",
                        step.PromptId,
                        PromptName(step.PromptId),
                        step switch
                        {
                            { PromptVersion: { } version } => version,
                            { PromptLabel: { } label } => Label(label),
                            _ when resolvesLatest && _prompts.TryGetValue(step.PromptId, out var prompt) => VersionName(
                                prompt.LatestVersionId
                            ),
                            _ => "the latest version",
                        },
                        ModelName(step.Model),
                        step.InputMapping,
                        step.OutputKey,
                        Named(step.Options)
                    )),
            ],
            tidy.Options
        )
        {
            Tags = tidy.Tags,
            Limits = tidy.Limits,
        };
    }

    public WorkflowSketch Of(WorkflowDefinition definition) =>
        new(
            definition.Name,
            definition.Inputs,
            [
                .. definition
                    .Steps.OrderBy(step => step.Order)
                    .Select(step => new SketchStep(
                        step.Id,
                        step.PromptId,
                        PromptName(step.PromptId),
                        step.PromptLabel is { } label ? Label(label) : VersionName(step.PromptVersionId ?? ""),
                        ModelName(step.Model),
                        step.InputMapping,
                        step.OutputKey,
                        Named(step.Options)
                    )),
            ],
            definition.Options
        );

    /// <summary>A frozen definition as an author would write it, with the exact versions that ran.</summary>
    public IReadOnlyList<StepContent> StepsOf(WorkflowDefinition definition) =>
        [
            .. definition
                .Steps.OrderBy(step => step.Order)
                .Select(
                    (step, i) =>
                        new StepContent(
                            step.Id,
                            step.PromptId,
                            step.PromptLabel is null && step.PromptVersionId is { } id ? _versions.GetValueOrDefault(id) : null,
                            step.PromptLabel,
                            step.Model,
                            step.InputMapping,
                            step.OutputKey,
                            i + 1
                        )
                        {
                            Options = step.Options,
                        }
                ),
        ];

    private StepOptions Named(StepOptions options) =>
        options with
        {
            Arms = StepArms.WithModels(options.Arms, ModelName),
            Fallbacks = StepFallbacks.WithModels(options.Fallbacks, ModelName),
        };

    private static string Label(string label) => $"the label {label}";

    private string PromptName(string id) => _prompts.TryGetValue(id, out var prompt) ? prompt.Name : "a deleted prompt";

    private string VersionName(string id) => _versions.GetValueOrDefault(id, "a deleted version");

    private string ModelName(string id) => _models.GetValueOrDefault(id, id == "" ? "no model profile" : "a deleted model profile");
}
