using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Prompts.Saving;

/// <summary>Why a prompt cannot be saved or deleted.</summary>
internal static class PromptRefusals
{
    /// <summary>The errors in a draft, or null.</summary>
    public static Problem? Of(PromptDraft draft) =>
        PromptChecks.Check(draft) is { Count: > 0 } errors ? Problem.Invalid("Could not save the prompt.", errors) : null;

    /// <summary>The problem of a name that another prompt has, or null.</summary>
    public static async Task<Problem?> OfNameAsync(
        PromptPilotDbContext db,
        string promptId,
        string name,
        CancellationToken cancellationToken
    )
    {
        var normalized = name.ToUpperInvariant();
        return await db.Prompts.AnyAsync(p => p.NormalizedName == normalized && p.Id != promptId, cancellationToken)
            ? new Problem(
                ProblemKind.Conflict,
                "Could not save the prompt.",
                [new FieldError("name", $"There is already a prompt named “{name}”. Choose another name.")]
            )
            : null;
    }

    /// <summary>What still needs a prompt, or null.</summary>
    public static async Task<Problem?> OfDeletionAsync(PromptPilotDbContext db, Prompt prompt, CancellationToken cancellationToken)
    {
        if ((await PartUses.LoadAsync(db, cancellationToken)).NamesOf(prompt.Id) is { Count: > 0 } including)
        {
            return Problem.Conflict(
                $"“{prompt.Name}” is included by {Names(including)}, in a current or earlier version. "
                    + "Archive it instead, or delete those prompts first."
            );
        }

        var uses = await PromptUses.FindAsync(db, prompt.Id, cancellationToken);
        if (uses.Count > 0)
        {
            return Problem.Conflict(
                $"“{prompt.Name}” is used by {string.Join(", ", uses.Take(5).Select(u => $"“{u.WorkflowName}”"))}"
                    + $"{(uses.Count > 5 ? " and others" : "")}. Remove it from those workflows first, or delete them."
            );
        }

        // A try of a draft carries what it ran, and its page names the prompts of its steps.
        var inDefinition = LikePattern.ContainingInJson(prompt.Id);
        if (
            await db.WorkflowRuns.AnyAsync(
                run => run.IsDraft && SqlText.Matches((string)(object)run.Definition!, inDefinition),
                cancellationToken
            )
        )
        {
            return Problem.Conflict(
                $"“{prompt.Name}” was used in test runs of a draft that are still kept. Archive it instead, or delete "
                    + "those runs first (Runs, “Drafts only”)."
            );
        }

        return null;
    }

    private static string Names(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(5).Select(name => $"“{name}”")) + (names.Count > 5 ? " and others" : "");
}
