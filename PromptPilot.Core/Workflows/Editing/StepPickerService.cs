using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Workflows.Editing;

/// <summary>A prompt that a step could use.</summary>
public sealed record PromptChoice(string Id, string Name, string Category, string Version);

/// <summary>A prompt with the versions and labels that a step could name, the newest first.</summary>
public sealed record PromptDetails(
    string Id,
    string Name,
    IReadOnlyList<PromptVersionChoice> Versions,
    IReadOnlyList<PromptLabelChoice> Labels
)
{
    /// <summary>The version that a step means, or null when there is no such version or label.</summary>
    public PromptVersionChoice? VersionOf(string? version, string? label) =>
        (version, label) switch
        {
            ({ } exact, _) => Versions.FirstOrDefault(v => v.Version == exact),
            (_, { } name) => Labels.FirstOrDefault(l => l.Name == name) is { } found
                ? Versions.FirstOrDefault(v => v.Version == found.Version)
                : null,
            _ => Versions.Count > 0 ? Versions[0] : null,
        };
}

/// <summary>A version of a prompt, with what a step maps.</summary>
public sealed record PromptVersionChoice(string Version, IReadOnlyList<VariableChoice> Variables);

/// <summary>A label and the version it is on.</summary>
public sealed record PromptLabelChoice(string Name, string Version);

/// <summary>A variable that a step maps.</summary>
/// <param name="IsOptional">It may stay unmapped.</param>
public sealed record VariableChoice(string Name, string? Description, bool IsOptional)
{
    /// <summary>Its value is a picture or document; null: it is neither.</summary>
    public FileKind? File { get; init; }
}

/// <summary>A model profile that a step could use, without anything secret.</summary>
/// <param name="MayUse">The caller may use it.</param>
public sealed record ModelChoice(string Id, string Name, string Provider, string Model, bool Enabled, bool MayUse = true)
{
    /// <summary>In nano-USD per million tokens; zero if free or unknown.</summary>
    public long InputPrice { get; init; }

    /// <inheritdoc cref="InputPrice"/>
    public long OutputPrice { get; init; }

    /// <summary>The most tokens of a call, input and answer together; null: not known.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>True if it can be selected. Others are shown only because they are already in use.</summary>
    public bool CanChoose => Enabled && MayUse;
}

/// <summary>The model profiles, and the one to preselect: the person's default where it is enabled, else the first enabled one.</summary>
public sealed record ModelChoices(IReadOnlyList<ModelChoice> Models, string? Preselected);

/// <summary>The choices of a step's pickers.</summary>
public sealed class StepPickerService(Operations operations)
{
    private const int MostPrompts = 50;
    private const int MostVersions = 100;

    /// <summary>Prompts whose name has the words in it, by name.</summary>
    public Task<Result<IReadOnlyList<PromptChoice>>> ListPromptsAsync(Actor actor, string? search, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<PromptChoice>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var wanted = (search ?? "").Trim().ToUpperInvariant();
                return await db
                    .Prompts.Where(p => !p.Archived && !p.Metadata.IsPart)
                    .Where(p => wanted == "" || p.NormalizedName.Contains(wanted))
                    .OrderBy(p => p.NormalizedName)
                    .Take(MostPrompts)
                    .Select(p => new PromptChoice(p.Id, p.Name, p.Metadata.Category, p.Version))
                    .ToListAsync(cancellationToken);
            },
            cancellationToken
        );

    /// <summary>A prompt with its newest versions and its labels.</summary>
    public Task<Result<PromptDetails>> FindPromptAsync(Actor actor, string promptId, CancellationToken cancellationToken) =>
        operations.ReadAsync<PromptDetails>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var name = await db.Prompts.Where(p => p.Id == promptId).Select(p => p.Name).SingleOrDefaultAsync(cancellationToken);
                if (name is null)
                {
                    return Problem.NotFound("prompt");
                }

                var labels = await db.PromptLabels.Where(l => l.PromptId == promptId).OrderBy(l => l.Name).ToListAsync(cancellationToken);
                var labeled = labels.Select(l => l.PromptVersionId).ToList();
                var used = await db
                    .WorkflowSteps.Where(s => s.PromptId == promptId && s.PromptVersion != null)
                    .Select(s => s.PromptVersion)
                    .Distinct()
                    .ToListAsync(cancellationToken);
                var versions = await db
                    .PromptVersions.AsNoTracking()
                    .Where(v => v.PromptId == promptId)
                    .OrderByDescending(v => v.Number)
                    .Take(MostVersions)
                    .Union(db.PromptVersions.Where(v => v.PromptId == promptId && (labeled.Contains(v.Id) || used.Contains(v.Version))))
                    .ToListAsync(cancellationToken);
                return new PromptDetails(
                    promptId,
                    name,
                    [
                        .. versions
                            .OrderByDescending(v => v.Number)
                            .Select(v => new PromptVersionChoice(v.Version, [.. v.Variables.Select(variable => Variable(v, variable))])),
                    ],
                    [.. labels.Select(l => new PromptLabelChoice(l.Name, versions.Single(v => v.Id == l.PromptVersionId).Version))]
                );
            },
            cancellationToken
        );

    /// <summary>All model profiles by name.</summary>
    public Task<Result<ModelChoices>> ListModelsAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<ModelChoices>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var rows = await db
                    .ModelProfiles.AsNoTracking()
                    .OrderBy(m => m.NormalizedName)
                    .Select(m => new
                    {
                        m.Id,
                        m.Name,
                        m.Provider,
                        m.Model,
                        m.Enabled,
                        m.Roles,
                        m.Prices.InputPerMillion,
                        m.Prices.OutputPerMillion,
                        m.ContextTokens,
                    })
                    .ToListAsync(cancellationToken);
                var models = rows.ConvertAll(m => new ModelChoice(
                    m.Id,
                    m.Name,
                    m.Provider,
                    m.Model,
                    m.Enabled,
                    ModelUse.Allows(m.Roles, principal.Role)
                )
                {
                    InputPrice = m.InputPerMillion,
                    OutputPrice = m.OutputPerMillion,
                    ContextTokens = ModelAbilities.ContextTokens(m.Provider, m.Model, m.ContextTokens),
                });
                var chosen = await db
                    .Users.Where(u => u.Id == principal.UserId)
                    .Select(u => u.Preferences.DefaultModel)
                    .SingleOrDefaultAsync(cancellationToken);
                return new ModelChoices(
                    models,
                    (models.FirstOrDefault(m => m.Id == chosen && m.CanChoose) ?? models.FirstOrDefault(m => m.CanChoose))?.Id
                );
            },
            cancellationToken
        );

    private static VariableChoice Variable(Prompts.PromptVersion version, string name)
    {
        var definition = version.VariableDefinitions.FirstOrDefault(d => d.Name == name);
        return new VariableChoice(name, definition?.Description, definition?.IsOptional() == true) { File = definition?.Type.FileKind() };
    }
}
