using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Search;

/// <summary>A prompt that was found.</summary>
public sealed record FoundPrompt(string Id, string Name, string Category, bool Archived);

/// <summary>A workflow that was found.</summary>
/// <param name="CanRun">True if it is published, so that it can be run.</param>
public sealed record FoundWorkflow(string Id, string Name, WorkflowStatus Status, bool CanRun);

/// <summary>A run that was found.</summary>
public sealed record FoundRun(string Id, string WorkflowName, RunStatus Status, DateTime QueuedAt);

/// <summary>The results of a search over everything, a few of each kind.</summary>
public sealed record SearchResults(IReadOnlyList<FoundPrompt> Prompts, IReadOnlyList<FoundWorkflow> Workflows, IReadOnlyList<FoundRun> Runs)
{
    public static readonly SearchResults None = new([], [], []);

    public int Count => Prompts.Count + Workflows.Count + Runs.Count;
}

/// <summary>Looks for one text in everything a person opens.</summary>
public sealed class SearchService(Operations operations)
{
    /// <summary>The most of each kind.</summary>
    public const int MostOfAKind = 6;

    /// <summary>
    /// Runs have no index of their texts, since that would cost each run a write: the newest ones are looked through. An id finds every
    /// run.
    /// </summary>
    internal const int RecentRuns = 1000;

    /// <summary>
    /// Prompts by all their texts, workflows by name and tags, runs by id, workflow name and inputs. Archived prompts come last.
    /// </summary>
    public Task<Result<SearchResults>> FindAsync(Actor actor, string text, CancellationToken cancellationToken) =>
        operations.ReadAsync<SearchResults>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var words = PromptIndex.Words(text);
                if (words.Count == 0)
                {
                    return SearchResults.None;
                }

                return new SearchResults(
                    await PromptsAsync(db, text, cancellationToken),
                    await WorkflowsAsync(db, words, cancellationToken),
                    await RunsAsync(db, words, cancellationToken)
                );
            },
            cancellationToken
        );

    private static async Task<List<FoundPrompt>> PromptsAsync(PromptPilotDbContext db, string text, CancellationToken cancellationToken)
    {
        var pattern = LikePattern.Containing(text.Trim().ToUpperInvariant());
        return await PromptIndex
            .Find(db, text)
            .AsNoTracking()
            .OrderBy(p => p.Archived)
            .ThenByDescending(p => SqlText.Matches(p.NormalizedName, pattern))
            .ThenBy(p => p.NormalizedName)
            .Take(MostOfAKind)
            .Select(p => new FoundPrompt(p.Id, p.Name, p.Metadata.Category, p.Archived))
            .ToListAsync(cancellationToken);
    }

    private static async Task<List<FoundWorkflow>> WorkflowsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken
    )
    {
        var workflows = db.Workflows.AsNoTracking();
        foreach (var pattern in words.Select(LikePattern.Containing))
        {
            workflows = workflows.Where(w => SqlText.Matches(w.Name, pattern) || w.Tags.Any(t => SqlText.Matches(t, pattern)));
        }

        return await workflows
            .OrderBy(w => w.Status == WorkflowStatus.Archived)
            .ThenByDescending(w => w.UpdatedAt)
            .Take(MostOfAKind)
            .Select(w => new FoundWorkflow(
                w.Id,
                w.Name,
                w.Status,
                w.Status == WorkflowStatus.Published && w.Triggers.Any(t => t.Type == Workflows.TriggerType.Manual && t.Enabled)
            ))
            .ToListAsync(cancellationToken);
    }

    private static async Task<List<FoundRun>> RunsAsync(
        PromptPilotDbContext db,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken
    )
    {
        if (words is [var id] && Guid.TryParse(id, out var guid))
        {
            var exact = guid.ToString();
            return await Found(db.WorkflowRuns.Where(r => r.Id == exact)).ToListAsync(cancellationToken);
        }

        var runs = db.WorkflowRuns.AsNoTracking().OrderByDescending(r => r.QueuedAt).ThenByDescending(r => r.Id).Take(RecentRuns);
        foreach (var word in words)
        {
            var pattern = LikePattern.Containing(word);
            var inJson = LikePattern.ContainingInJson(word);
            runs = runs.Where(r =>
                SqlText.Matches(r.WorkflowName, pattern)
                || SqlText.Matches(r.Id, pattern)
                || SqlText.Matches((string)(object)r.Inputs, inJson)
            );
        }

        return await Found(runs.OrderByDescending(r => r.QueuedAt).Take(MostOfAKind)).ToListAsync(cancellationToken);
    }

    private static IQueryable<FoundRun> Found(IQueryable<WorkflowRun> runs) =>
        runs.Select(r => new FoundRun(r.Id, r.WorkflowName, r.Status, r.QueuedAt));
}
