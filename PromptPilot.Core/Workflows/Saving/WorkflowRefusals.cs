using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Checks;

namespace PromptPilot.Core.Workflows.Saving;

/// <summary>Why a workflow cannot be saved.</summary>
internal static class WorkflowRefusals
{
    /// <summary>Names whose change would be overwritten, and when it was made.</summary>
    public static async Task<Problem> StaleAsync(PromptPilotDbContext db, Workflow workflow, CancellationToken cancellationToken)
    {
        var who = await db
            .Users.Where(user => user.Id == workflow.UpdatedBy)
            .Select(user => user.Name)
            .SingleOrDefaultAsync(cancellationToken);
        return Problem.Stale("workflow") with
        {
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{who ?? "Someone else"} changed this workflow at {workflow.UpdatedAt:yyyy-MM-dd HH:mm:ss} UTC, after you "
                    + $"opened it. Reload it, then make your change again."
            ),
        };
    }

    /// <summary>The problems of a draft that block saving, or null.</summary>
    /// <param name="kept">The profiles of the saved draft.</param>
    public static async Task<Problem?> BlockingAsync(
        PromptPilotDbContext db,
        WorkflowContent content,
        Principal author,
        IEnumerable<string> kept,
        CancellationToken cancellationToken
    )
    {
        var facts = await WorkflowFacts.LoadAsync(db, content.Steps, cancellationToken) with
        {
            Author = author.Role,
            Kept = kept.ToHashSet(),
        };
        var blocking = WorkflowProblems.Find(content, facts).Where(problem => problem.BlocksSaving).ToList();
        return blocking.Count == 0 ? null : WorkflowProblems.Refused("Could not save the workflow.", blocking);
    }
}
