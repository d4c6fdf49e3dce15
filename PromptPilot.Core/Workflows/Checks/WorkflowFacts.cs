using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows.Checks;

/// <summary>Facts about a prompt version that a step needs.</summary>
internal sealed record PromptVersionFacts(
    string Id,
    string Version,
    IReadOnlyList<string> Variables,
    IReadOnlyList<VariableDefinition> Definitions
)
{
    /// <summary>The variables that a step must map.</summary>
    public IEnumerable<string> Mandatory() =>
        Variables.Where(name => Definitions.FirstOrDefault(d => d.Name == name) is not { } definition || !definition.IsOptional());
}

/// <summary>Facts about a prompt that a workflow needs.</summary>
/// <param name="VersionIds">Version → id of the PromptVersion.</param>
/// <param name="Labels">Label → id of the PromptVersion.</param>
internal sealed record PromptFacts(
    string Id,
    string Name,
    string LatestVersionId,
    IReadOnlyDictionary<string, string> VersionIds,
    IReadOnlyDictionary<string, string> Labels
)
{
    /// <summary>A part of other prompts: no step can run it.</summary>
    public bool IsPart { get; init; }

    /// <summary>The id of the version that a step means, or null when there is no such version or label.</summary>
    public string? VersionIdOf(StepContent step) =>
        step switch
        {
            { PromptVersion: { } version } => VersionIds.GetValueOrDefault(version),
            { PromptLabel: { } label } => Labels.GetValueOrDefault(label),
            _ => LatestVersionId,
        };
}

/// <summary>Facts about a model profile that a workflow needs.</summary>
/// <param name="Roles">Roles that can use it besides admins; empty: everyone with the run permission.</param>
/// <param name="TakesPictures">Null: not known.</param>
internal sealed record ModelFacts(string Id, string Name, bool Enabled, IReadOnlyList<Role> Roles, bool? TakesPictures = null);

/// <summary>Facts from the database about everything that a workflow refers to.</summary>
internal sealed record WorkflowFacts(
    IReadOnlyDictionary<string, PromptFacts> Prompts,
    IReadOnlyDictionary<string, PromptVersionFacts> Versions,
    IReadOnlyDictionary<string, ModelFacts> Models
)
{
    /// <summary>The author's role; null when access to profiles is not checked.</summary>
    public Role? Author { get; init; }

    /// <summary>
    /// Profiles that the saved draft has already: they may stay when someone who may not use them changes something else. Null: all of
    /// them.
    /// </summary>
    public IReadOnlySet<string>? Kept { get; init; }

    /// <summary>The version of the prompt that a step means, or null when prompt, version or label is unknown.</summary>
    public PromptVersionFacts? VersionOf(StepContent step) =>
        Prompts.GetValueOrDefault(step.PromptId)?.VersionIdOf(step) is { } id ? Versions.GetValueOrDefault(id) : null;

    /// <summary>All known versions that a run of the step may use: its own and those of its A/B test.</summary>
    public IReadOnlyList<PromptVersionFacts> VersionsOf(StepContent step) =>
        [
            .. ArmVersionIds(step, Prompts.GetValueOrDefault(step.PromptId))
                .Select(id => Versions.GetValueOrDefault(id))
                .Prepend(VersionOf(step))
                .OfType<PromptVersionFacts>()
                .DistinctBy(version => version.Id),
        ];

    private static IEnumerable<string> ArmVersionIds(StepContent step, PromptFacts? prompt) =>
        StepArms.Read(step.Options.Arms) is { IsOk: true, Value: var arms } && prompt is not null
            ? arms.Select(arm => prompt.VersionIds.GetValueOrDefault(arm.Version)).OfType<string>()
            : [];

    /// <summary>Reads what the steps refer to, in five queries for any number of steps.</summary>
    public static async Task<WorkflowFacts> LoadAsync(
        PromptPilotDbContext db,
        IReadOnlyList<StepContent> steps,
        CancellationToken cancellationToken
    )
    {
        var promptIds = steps.Select(s => s.PromptId).Distinct().ToList();
        var modelIds = steps.SelectMany(s => s.Models()).Distinct().ToList();
        var prompts = await db
            .Prompts.Where(p => promptIds.Contains(p.Id))
            .Select(p => new
            {
                p.Id,
                p.Name,
                p.LatestVersionId,
                p.Metadata.IsPart,
            })
            .ToListAsync(cancellationToken);
        var names = await db
            .PromptVersions.Where(v => promptIds.Contains(v.PromptId))
            .Select(v => new
            {
                v.Id,
                v.PromptId,
                v.Version,
            })
            .ToListAsync(cancellationToken);
        var labels = await db
            .PromptLabels.Where(l => promptIds.Contains(l.PromptId))
            .Select(l => new
            {
                l.PromptId,
                l.Name,
                l.PromptVersionId,
            })
            .ToListAsync(cancellationToken);
        var models = await db
            .ModelProfiles.AsNoTracking()
            .Where(m => modelIds.Contains(m.Id))
            .Select(m => new
            {
                m.Id,
                m.Name,
                m.Enabled,
                m.Roles,
                m.Provider,
                m.Model,
                m.TakesPictures,
            })
            .ToListAsync(cancellationToken);
        var known = prompts.ToDictionary(
            p => p.Id,
            p => new PromptFacts(
                p.Id,
                p.Name,
                p.LatestVersionId,
                names.Where(v => v.PromptId == p.Id).ToDictionary(v => v.Version, v => v.Id),
                labels.Where(l => l.PromptId == p.Id).ToDictionary(l => l.Name, l => l.PromptVersionId)
            )
            {
                IsPart = p.IsPart,
            }
        );
        var versionIds = steps
            .SelectMany(s =>
                ArmVersionIds(s, known.GetValueOrDefault(s.PromptId)).Append(known.GetValueOrDefault(s.PromptId)?.VersionIdOf(s))
            )
            .OfType<string>()
            .Distinct()
            .ToList();
        var versions = await db
            .PromptVersions.AsNoTracking()
            .Where(v => versionIds.Contains(v.Id))
            .Select(v => new PromptVersionFacts(v.Id, v.Version, v.Variables, v.VariableDefinitions))
            .ToDictionaryAsync(v => v.Id, cancellationToken);
        return new WorkflowFacts(
            known,
            versions,
            models.ToDictionary(
                m => m.Id,
                m => new ModelFacts(m.Id, m.Name, m.Enabled, m.Roles, ModelAbilities.TakesPictures(m.Provider, m.Model, m.TakesPictures))
            )
        );
    }
}
