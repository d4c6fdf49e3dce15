using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Rollups;
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
    public Task<Result<Page<TestSetListItem>>> ListAsync(
        Actor actor,
        string? promptId,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<TestSetListItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var sets = db.TestSets.AsNoTracking().Where(set => promptId == null || set.PromptId == promptId);
                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, '!') is not { } cursor)
                    {
                        return Problem.AtField("after", "This cursor does not belong to this list. Use “next” from the previous page.");
                    }

                    sets = sets.Where(set => set.UpdatedAt <= cursor.At && (set.UpdatedAt < cursor.At || set.Id.CompareTo(cursor.Id) < 0));
                }

                var items = await sets.OrderByDescending(set => set.UpdatedAt)
                    .ThenByDescending(set => set.Id)
                    .Take(page.Take + 1)
                    .Select(set => new TestSetListItem(
                        set.Id,
                        set.Name,
                        set.PromptId,
                        db.Prompts.Where(prompt => prompt.Id == set.PromptId).Select(prompt => prompt.Name).First(),
                        set.Version,
                        db.TestCases.Count(test => test.TestSetId == set.Id),
                        set.UpdatedAt
                    ))
                    .ToListAsync(cancellationToken);
                return items.Count > page.Take
                    ? new Page<TestSetListItem>(
                        items[..page.Take],
                        new TimeCursor(items[page.Take - 1].UpdatedAt, items[page.Take - 1].Id).ToString('!')
                    )
                    : new Page<TestSetListItem>(items, null);
            },
            cancellationToken
        );

    /// <summary>A set with its cases.</summary>
    public Task<Result<TestSetView>> FindAsync(Actor actor, string setId, CancellationToken cancellationToken) =>
        operations.ReadAsync<TestSetView>(actor, Permission.Read, (db, _) => ViewAsync(db, setId, cancellationToken), cancellationToken);

    /// <summary>Makes a set without cases.</summary>
    public Task<Result<TestSetView>> CreateAsync(
        Actor actor,
        string promptId,
        TestSetContent content,
        CancellationToken cancellationToken
    ) =>
        operations.ExclusiveAsync<TestSetView>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                if (!await db.Prompts.AnyAsync(prompt => prompt.Id == promptId, cancellationToken))
                {
                    return Problem.NotFound("prompt");
                }

                var set = new TestSet
                {
                    PromptId = promptId,
                    Name = "",
                    NormalizedName = "",
                    CreatedBy = principal.UserId,
                    CreatedAt = time.GetUtcNow().UtcDateTime,
                };
                if (await ApplyAsync(db, set, content, cancellationToken) is { } problem)
                {
                    return problem;
                }

                db.TestSets.Add(set);
                await db.SaveChangesAsync(cancellationToken);
                return await ViewAsync(db, set.Id, cancellationToken);
            },
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
                var set = await db.TestSets.SingleOrDefaultAsync(s => s.Id == setId, cancellationToken);
                if (set is null)
                {
                    return Problem.NotFound("test set");
                }

                if (revision is { } known && known != set.Revision)
                {
                    return Problem.Stale("test set");
                }

                if (await ApplyAsync(db, set, content, cancellationToken) is { } problem)
                {
                    return problem;
                }

                set.Version += db.Entry(set).Property(s => s.Checks).IsModified ? 1 : 0;
                set.Revision++;
                await db.SaveChangesAsync(cancellationToken);
                return await ViewAsync(db, set.Id, cancellationToken);
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

                // The workflow of its experiments goes with it, and with that their runs.
                var workflows = db.Workflows.IgnoreQueryFilters().Where(w => w.TestSetId == setId).Select(w => w.Id);
                if (await db.WorkflowRuns.AnyAsync(run => workflows.Contains(run.WorkflowId) && run.FinishedAt == null, cancellationToken))
                {
                    return Problem.Conflict("An experiment of this test set is running. Cancel it, then delete the set.");
                }

                var logs = db.ExecutionLogs.Where(log => workflows.Any(id => id == log.WorkflowId));
                await SpentSums.KeepAsync(db, logs, time.GetUtcNow().UtcDateTime, cancellationToken);
                var removal = new RollupRemoval(db.WorkflowRuns.Where(run => workflows.Contains(run.WorkflowId)), logs);
                await removal.DeleteAsync(
                    db,
                    () => db.Workflows.IgnoreQueryFilters().Where(w => w.TestSetId == setId).ExecuteDeleteAsync(cancellationToken),
                    cancellationToken
                );
                db.TestSets.Remove(set);
                await db.SaveChangesAsync(cancellationToken);
                return default(Done);
            },
            cancellationToken
        );

    private async Task<Problem?> ApplyAsync(
        PromptPilotDbContext db,
        TestSet set,
        TestSetContent content,
        CancellationToken cancellationToken
    )
    {
        var name = content.Name.Trim();
        var errors = CheckRules.Errors(content.Checks, "checks").ToList();
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl))
        {
            errors.Add(
                new FieldError("name", name.Length == 0 ? "Enter a name." : $"A name can have at most {MaxName} displayable characters.")
            );
        }

        var normalized = name.ToUpperInvariant();
        if (
            await db.TestSets.AnyAsync(
                other => other.PromptId == set.PromptId && other.NormalizedName == normalized && other.Id != set.Id,
                cancellationToken
            )
        )
        {
            errors.Add(new FieldError("name", $"This prompt already has a test set named “{name}”. Choose another name."));
        }

        if (errors.Count > 0)
        {
            return Problem.Invalid("Could not save the test set.", errors);
        }

        (set.Name, set.NormalizedName) = (name, normalized);
        set.Checks = [.. content.Checks];
        set.UpdatedAt = time.GetUtcNow().UtcDateTime;
        return null;
    }

    private static async Task<Result<TestSetView>> ViewAsync(PromptPilotDbContext db, string setId, CancellationToken cancellationToken)
    {
        var set = await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == setId, cancellationToken);
        if (set is null)
        {
            return Problem.NotFound("test set");
        }

        var prompt = await db
            .Prompts.AsNoTracking()
            .Where(p => p.Id == set.PromptId)
            .Select(p => new
            {
                p.Name,
                p.Variables,
                p.VariableDefinitions,
            })
            .SingleAsync(cancellationToken);
        var cases = await db
            .TestCases.AsNoTracking()
            .Where(test => test.TestSetId == setId)
            .OrderBy(test => test.Number)
            .ToListAsync(cancellationToken);
        return new TestSetView(
            set.Id,
            set.Name,
            set.PromptId,
            prompt.Name,
            [
                .. prompt.Variables.Select(name => new TestVariable(
                    name,
                    prompt.VariableDefinitions.Find(definition => definition.Name == name)?.Type ?? VariableType.Text
                )),
            ],
            set.Checks,
            set.Version,
            cases.ConvertAll(TestCaseItem.Of),
            set.CreatedAt,
            set.UpdatedAt,
            set.Revision
        );
    }
}
