using System.Collections.Frozen;
using PromptPilot.Core.Data;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Saving;

namespace PromptPilot.Core.Exchange.Import;

/// <summary>The parts of imported prompts: other prompts of the import, which win, or existing ones.</summary>
internal sealed class ComingParts(PromptPilotDbContext db)
{
    private readonly Dictionary<string, PlannedPrompt> _planned = new(StringComparer.Ordinal);
    private readonly PartSource _saved = PartSaving.SourceOf(db);

    /// <summary>Remembers a prompt that later ones may include.</summary>
    public void Add(PlannedPrompt planned) => _planned[planned.Document.Draft.Name.ToUpperInvariant()] = planned;

    /// <summary>The draft with its parts.</summary>
    public async Task<PromptDraft> ResolveAsync(PromptDraft draft, string promptId, CancellationToken cancellationToken)
    {
        var names = PartSaving.NamesIn(draft);
        if (names.Count == 0)
        {
            return draft with { Pins = [], Parts = LiquidPart.None };
        }

        var candidates = await PartSaving.CandidatesAsync(db, [.. names], cancellationToken);
        foreach (var name in names.Where(_planned.ContainsKey))
        {
            candidates[name] = Candidate(_planned[name], candidates.GetValueOrDefault(name));
        }

        return await PartSaving.ResolveAsync(draft, promptId, candidates, new PartSource(FindAsync, LabelAsync), cancellationToken);
    }

    /// <summary>
    /// The files in an order in which each comes after those that it includes. Files that include each other stay where they are: the first
    /// of them does not find the others.
    /// </summary>
    public static IReadOnlyList<ParsedFile> InOrder(IReadOnlyList<ParsedFile> files)
    {
        var byName = files
            .Where(file => file.IsSound)
            .GroupBy(file => file.Name!.ToUpperInvariant())
            .ToDictionary(file => file.Key, file => file.First());
        var ordered = new List<ParsedFile>(files.Count);
        var seen = new HashSet<ParsedFile>(ReferenceEqualityComparer.Instance);
        foreach (var file in files)
        {
            Visit(file);
        }

        return ordered;

        void Visit(ParsedFile first)
        {
            // Not by recursion: a chain of includes may be as long as the archive.
            var path = new Stack<(ParsedFile File, bool IsDone)>([(first, false)]);
            while (path.TryPop(out var next))
            {
                if (next.IsDone)
                {
                    ordered.Add(next.File);
                }
                else if (seen.Add(next.File))
                {
                    path.Push((next.File, true));
                    foreach (
                        var name in next.File is { IsSound: true, Prompt: { } prompt }
                            ? PartSaving.NamesIn(prompt.Draft)
                            : FrozenSet<string>.Empty
                    )
                    {
                        if (byName.TryGetValue(name, out var part))
                        {
                            path.Push((part, false));
                        }
                    }
                }
            }
        }
    }

    private static PartCandidate Candidate(PlannedPrompt planned, PartCandidate? saved)
    {
        var versionId = planned.VersionId ?? saved!.LatestVersionId;
        return new PartCandidate(
            planned.Id,
            planned.Document.Draft.Name,
            versionId,
            new Dictionary<string, string>(saved?.Versions ?? new Dictionary<string, string>()) { [planned.Version] = versionId },
            new Dictionary<string, string>(
                (saved?.Labels ?? new Dictionary<string, string>()).Concat(
                    planned.NewLabels.Select(label => KeyValuePair.Create(label, versionId))
                )
            )
        );
    }

    private async ValueTask<PromptVersion?> FindAsync(string versionId, CancellationToken cancellationToken)
    {
        var planned = _planned.Values.FirstOrDefault(prompt => prompt.VersionId == versionId);
        if (planned is null)
        {
            return await _saved.Find(versionId, cancellationToken);
        }

        var draft = planned.Document.Draft;
        return new PromptVersion
        {
            Id = versionId,
            PromptId = planned.Id,
            Version = planned.Version,
            Name = draft.Name,
            Content = draft.Content,
            SystemMessage = draft.SystemMessage,
            Messages = [.. draft.Messages ?? []],
            Parts = [.. draft.Pins ?? []],
        };
    }

    private async ValueTask<string?> LabelAsync(string promptId, string label, CancellationToken cancellationToken) =>
        _planned.Values.FirstOrDefault(prompt => prompt.Id == promptId && prompt.VersionId is not null) is { } planned
        && (label == "latest" || planned.NewLabels.Contains(label))
            ? planned.VersionId
            : await _saved.Resolve(promptId, label, cancellationToken);
}
