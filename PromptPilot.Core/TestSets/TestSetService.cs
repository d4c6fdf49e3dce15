using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.TestSets;

/// <summary>Test sets: their names and checks. Cases have their own service, because more people may make them.</summary>
public sealed class TestSetService(Operations operations, TimeProvider time)
{
    public const int MaxName = 120;

    /// <summary>Sets by the time of their last change, the newest first.</summary>
    /// <param name="promptId">Only of this prompt; null: of all.</param>
    /// <param name="workflowId">Only of this workflow; null: of all.</param>
    public Task<Result<Page<TestSetListItem>>> ListAsync(
        Actor actor,
        string? promptId,
        string? workflowId,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<TestSetListItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var sets = db
                    .TestSets.AsNoTracking()
                    .Where(set => (promptId == null || set.PromptId == promptId) && (workflowId == null || set.WorkflowId == workflowId));
                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, '!') is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    sets = sets.Where(set => set.UpdatedAt <= cursor.At && (set.UpdatedAt < cursor.At || set.Id.CompareTo(cursor.Id) < 0));
                }

                var items = await TestSetQuery
                    .Items(db, sets.OrderByDescending(set => set.UpdatedAt).ThenByDescending(set => set.Id).Take(page.Take + 1))
                    .ToListAsync(cancellationToken);
                return Page.Of(items, page, last => new TimeCursor(last.UpdatedAt, last.Id).ToString('!'));
            },
            cancellationToken
        );

    /// <summary>A set with its cases.</summary>
    public Task<Result<TestSetView>> FindAsync(Actor actor, string setId, CancellationToken cancellationToken) =>
        operations.ReadAsync<TestSetView>(
            actor,
            Permission.Read,
            (db, _) => TestSetQuery.ViewAsync(db, setId, cancellationToken),
            cancellationToken
        );

    /// <summary>Makes a set for a prompt, without cases.</summary>
    public Task<Result<TestSetView>> CreateAsync(
        Actor actor,
        string promptId,
        TestSetContent content,
        CancellationToken cancellationToken
    ) =>
        CreateAsync(
            actor,
            content,
            async db =>
                await db.Prompts.AnyAsync(prompt => prompt.Id == promptId, cancellationToken)
                    ? NewSet(promptId, workflowId: null)
                    : Problem.NotFound("prompt"),
            cancellationToken
        );

    /// <summary>Makes a set for a workflow, without cases.</summary>
    public Task<Result<TestSetView>> CreateForWorkflowAsync(
        Actor actor,
        string workflowId,
        TestSetContent content,
        CancellationToken cancellationToken
    ) =>
        CreateAsync(
            actor,
            content,
            async db =>
                await db.Workflows.AnyAsync(workflow => workflow.Id == workflowId, cancellationToken)
                    ? NewSet(promptId: null, workflowId)
                    : Problem.NotFound("workflow"),
            cancellationToken
        );

    /// <summary>Changes name and checks.</summary>
    /// <param name="revision">The expected revision; null: any. Stale if it has changed since.</param>
    public Task<Result<TestSetView>> UpdateAsync(
        Actor actor,
        string setId,
        TestSetContent content,
        int? revision,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<TestSetView>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var found = await db.TestSets.Where(s => s.Id == setId).ToChangeAsync("test set", revision, cancellationToken);
                if (!found.IsOk)
                {
                    return found.Problem;
                }

                var set = found.Value;

                if (await ApplyAsync(db, set, content, cancellationToken) is { } problem)
                {
                    return problem;
                }

                var entry = db.Entry(set);
                if (entry.Property(s => s.Checks).IsModified || entry.Property(s => s.OutputKey).IsModified)
                {
                    await TestSetVersions.RaiseAsync(db, set, cancellationToken);
                }

                set.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                return await TestSetQuery.ViewAsync(db, set.Id, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Deletes a set with its cases, versions and experiments.</summary>
    public Task<Result<Done>> DeleteAsync(Actor actor, string setId, CancellationToken cancellationToken) =>
        operations.ExclusiveAsync<Done>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                var set = await db.TestSets.SingleOrDefaultAsync(s => s.Id == setId, cancellationToken);
                if (set is null)
                {
                    return Problem.NotFound("test set");
                }

                if (await db.Protections.AnyAsync(p => p.TestSetId == setId, cancellationToken))
                {
                    return Problem.Conflict(
                        $"“{set.Name}” is used by a protection. Ask an admin to change the protection, then delete the set."
                    );
                }

                if (await TestSetRemoval.RemoveAsync(db, set, time.GetUtcNow().UtcDateTime, cancellationToken) is { } problem)
                {
                    return problem;
                }

                return default(Done);
            },
            cancellationToken
        );

    private static TestSet NewSet(string? promptId, string? workflowId) =>
        new()
        {
            PromptId = promptId,
            WorkflowId = workflowId,
            Name = "",
            NormalizedName = "",
        };

    private Task<Result<TestSetView>> CreateAsync(
        Actor actor,
        TestSetContent content,
        Func<PromptPilotDbContext, Task<Result<TestSet>>> made,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<TestSetView>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var target = await made(db);
                if (!target.IsOk)
                {
                    return target.Problem;
                }

                var set = target.Value;
                (set.CreatedBy, set.CreatedAt) = (principal.UserId, time.GetUtcNow().UtcDateTime);
                if (await ApplyAsync(db, set, content, cancellationToken) is { } problem)
                {
                    return problem;
                }

                db.TestSets.Add(set);
                await db.SaveChangesAsync(cancellationToken);
                return await TestSetQuery.ViewAsync(db, set.Id, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>What is wrong with a set, at its fields, as far as that can be said without the others of its prompt.</summary>
    internal static IEnumerable<FieldError> Errors(TestSetContent content)
    {
        var name = content.Name.Trim();
        return name.Length is 0 or > MaxName || name.Any(char.IsControl)
            ? CheckRules
                .Errors(content.Checks, "checks")
                .Append(
                    new FieldError(
                        "name",
                        name.Length == 0 ? "Enter a name." : $"A name can have at most {MaxName} displayable characters."
                    )
                )
            : CheckRules.Errors(content.Checks, "checks");
    }

    private async Task<Problem?> ApplyAsync(
        PromptPilotDbContext db,
        TestSet set,
        TestSetContent content,
        CancellationToken cancellationToken
    )
    {
        var name = content.Name.Trim();
        var errors = Errors(content).ToList();
        var normalized = name.ToUpperInvariant();
        if (
            await db.TestSets.AnyAsync(
                other =>
                    other.PromptId == set.PromptId
                    && other.WorkflowId == set.WorkflowId
                    && other.NormalizedName == normalized
                    && other.Id != set.Id,
                cancellationToken
            )
        )
        {
            var owner = set.PromptId is null ? "workflow" : "prompt";
            errors.Add(new FieldError("name", $"This {owner} already has a test set named “{name}”. Choose another name."));
        }

        var outputKey = string.IsNullOrWhiteSpace(content.OutputKey) ? null : content.OutputKey.Trim();
        if (outputKey is not null && await OutputProblemAsync(db, set, outputKey, cancellationToken) is { } unknown)
        {
            errors.Add(new FieldError("outputKey", unknown));
        }

        if (errors.Count > 0)
        {
            return Problem.Invalid("Could not save the test set.", errors);
        }

        (set.Name, set.NormalizedName, set.OutputKey) = (name, normalized, outputKey);
        set.Checks = [.. content.Checks];
        set.UpdatedAt = time.GetUtcNow().UtcDateTime;
        return null;
    }

    private static async Task<string?> OutputProblemAsync(
        PromptPilotDbContext db,
        TestSet set,
        string outputKey,
        CancellationToken cancellationToken
    )
    {
        if (set.WorkflowId is null)
        {
            return "Only a test set of a workflow can name an output.";
        }

        // An output that only older versions have stays as it is.
        return
            outputKey == set.OutputKey
            || await db.WorkflowSteps.AnyAsync(step => step.WorkflowId == set.WorkflowId && step.OutputKey == outputKey, cancellationToken)
            ? null
            : $"The workflow has no output “{outputKey}”. Choose one of its outputs.";
    }
}
