using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts.Parts;

/// <summary>A prompt that a text can include.</summary>
/// <param name="Versions">Semantic version → id.</param>
/// <param name="Labels">Label → id of the version.</param>
internal sealed record PartCandidate(
    string PromptId,
    string Name,
    string LatestVersionId,
    IReadOnlyDictionary<string, string> Versions,
    IReadOnlyDictionary<string, string> Labels
);

/// <summary>Finds what a draft includes, and pins it, when the draft is saved.</summary>
internal static class PartSaving
{
    /// <summary>The draft with its parts, and what is wrong with them at their places.</summary>
    /// <param name="draft">Normalized.</param>
    /// <param name="promptId">Id of the saved prompt.</param>
    public static async Task<PromptDraft> ResolveAsync(
        PromptPilotDbContext db,
        PromptDraft draft,
        string promptId,
        CancellationToken cancellationToken
    )
    {
        if (IncludesOf(draft).ToList() is not { Count: > 0 } includes)
        {
            return draft with { Pins = [], Parts = LiquidPart.None, PartErrors = [] };
        }

        var names = includes.Select(i => i.Include.Name.ToUpperInvariant()).Distinct().ToList();
        var candidates = await CandidatesAsync(db, names, cancellationToken);
        return await ResolveAsync(draft, promptId, includes, candidates, SourceOf(db), cancellationToken);
    }

    /// <param name="candidates">Prompts by upper-case name.</param>
    public static async Task<PromptDraft> ResolveAsync(
        PromptDraft draft,
        string promptId,
        IReadOnlyDictionary<string, PartCandidate> candidates,
        PartSource source,
        CancellationToken cancellationToken
    ) => await ResolveAsync(draft, promptId, [.. IncludesOf(draft)], candidates, source, cancellationToken);

    /// <summary>Names in upper case of the prompts that a draft includes.</summary>
    public static IReadOnlySet<string> NamesIn(PromptDraft draft) =>
        IncludesOf(draft).Select(i => i.Include.Name.ToUpperInvariant()).ToHashSet();

    public static PartSource SourceOf(PromptPilotDbContext db) =>
        new(
            async (id, token) => await db.PromptVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == id, token),
            async (promptId, label, token) =>
                label == PromptLabels.Latest
                    ? await db.Prompts.Where(p => p.Id == promptId).Select(p => p.LatestVersionId).SingleOrDefaultAsync(token)
                    : await db
                        .PromptLabels.Where(l => l.PromptId == promptId && l.Name == label)
                        .Select(l => l.PromptVersionId)
                        .SingleOrDefaultAsync(token)
        );

    public static async Task<Dictionary<string, PartCandidate>> CandidatesAsync(
        PromptPilotDbContext db,
        IReadOnlyCollection<string> names,
        CancellationToken cancellationToken
    )
    {
        var prompts = await db
            .Prompts.Where(p => names.Contains(p.NormalizedName))
            .Select(p => new
            {
                p.Id,
                p.Name,
                p.NormalizedName,
                p.LatestVersionId,
            })
            .ToListAsync(cancellationToken);
        var ids = prompts.ConvertAll(p => p.Id);
        var versions = (
            await db
                .PromptVersions.Where(v => ids.Contains(v.PromptId))
                .Select(v => new
                {
                    v.PromptId,
                    v.Version,
                    v.Id,
                })
                .ToListAsync(cancellationToken)
        ).ToLookup(v => v.PromptId);
        var labels = (await db.PromptLabels.AsNoTracking().Where(l => ids.Contains(l.PromptId)).ToListAsync(cancellationToken)).ToLookup(
            l => l.PromptId
        );
        return prompts.ToDictionary(
            p => p.NormalizedName,
            p => new PartCandidate(
                p.Id,
                p.Name,
                p.LatestVersionId,
                versions[p.Id].ToDictionary(v => v.Version, v => v.Id),
                labels[p.Id].ToDictionary(l => l.Name, l => l.PromptVersionId)
            )
        );
    }

    private static async Task<PromptDraft> ResolveAsync(
        PromptDraft draft,
        string promptId,
        IReadOnlyList<(string Field, LiquidInclude Include)> includes,
        IReadOnlyDictionary<string, PartCandidate> candidates,
        PartSource source,
        CancellationToken cancellationToken
    )
    {
        var tree = new PartTree(source);
        var pins = new Dictionary<string, PromptPart>(StringComparer.Ordinal);
        var parts = new Dictionary<string, LiquidPart>(StringComparer.Ordinal);
        var errors = new List<FieldError>();
        foreach (var (field, include) in includes)
        {
            var candidate = candidates.GetValueOrDefault(include.Name.ToUpperInvariant());
            var problem = ProblemOf(include, candidate);
            if (problem is null && !parts.ContainsKey(include.Key))
            {
                var pin = Pin(include, candidate!);
                var built = await tree.OfAsync(pin, (promptId, draft.Name), cancellationToken);
                problem = built.Problem?.Message;
                if (built.IsOk)
                {
                    (pins[include.Key], parts[include.Key]) = (pin, built.Value);
                }
            }

            if (problem is not null)
            {
                errors.Add(new FieldError(field, problem, include.Line, include.Column));
            }
        }

        return draft with
        {
            Pins = [.. pins.Values],
            Parts = parts,
            PartErrors = errors,
        };
    }

    private static IEnumerable<(string Field, LiquidInclude Include)> IncludesOf(PromptDraft draft) =>
        PromptSource
            .Of(draft)
            .Templates()
            .Where(template => template.Text.Length <= PromptChecks.MaxText)
            .SelectMany(template => LiquidTemplate.Parse(template.Text).Includes.Select(include => (template.Field, include)));

    private static string? ProblemOf(LiquidInclude include, PartCandidate? candidate) =>
        candidate is null ? $"There is no prompt “{include.Name}” to include. It may have been deleted or renamed."
        : include.Version is { } version && !candidate.Versions.ContainsKey(version)
            ? $"“{candidate.Name}” has no version {version}.{Spelling.DidYouMean(version, candidate.Versions.Keys)}"
        : include.Label is { } label && label != PromptLabels.Latest && !candidate.Labels.ContainsKey(label)
            ? $"“{candidate.Name}” has no label “{label}”.{Spelling.DidYouMean(label, candidate.Labels.Keys)}"
        : null;

    private static PromptPart Pin(LiquidInclude include, PartCandidate candidate)
    {
        if (include.Label is not null)
        {
            return new PromptPart(include.Name, candidate.PromptId, include.Label, null, null, null);
        }

        var versionId = include.Version is { } version ? candidate.Versions[version] : candidate.LatestVersionId;
        var pinned = candidate.Versions.FirstOrDefault(v => v.Value == versionId).Key;
        return new PromptPart(include.Name, candidate.PromptId, null, include.Version, versionId, pinned);
    }
}
