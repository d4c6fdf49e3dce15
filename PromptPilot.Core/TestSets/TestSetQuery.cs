using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.TestSets;

/// <summary>Reads test sets as they are shown.</summary>
internal static class TestSetQuery
{
    public static IQueryable<TestSetListItem> Items(PromptPilotDbContext db, IQueryable<TestSet> sets) =>
        sets.Select(set => new TestSetListItem(
            set.Id,
            set.Name,
            set.PromptId,
            db.Prompts.Where(prompt => prompt.Id == set.PromptId).Select(prompt => prompt.Name).FirstOrDefault(),
            set.Version,
            db.TestCases.Count(test => test.TestSetId == set.Id),
            set.UpdatedAt
        )
        {
            WorkflowId = set.WorkflowId,
            WorkflowName = db.Workflows.Where(workflow => workflow.Id == set.WorkflowId).Select(workflow => workflow.Name).FirstOrDefault(),
        });

    /// <summary>What cases of a set have values for: the variables of its prompt, or the inputs of its workflow.</summary>
    /// <returns>Null when there is no such set.</returns>
    public static async Task<IReadOnlyList<TestVariable>?> VariablesAsync(
        PromptPilotDbContext db,
        string setId,
        CancellationToken cancellationToken
    )
    {
        var set = await db
            .TestSets.Where(set => set.Id == setId)
            .Select(set => new { set.PromptId, set.WorkflowId })
            .SingleOrDefaultAsync(cancellationToken);
        if (set?.WorkflowId is { } workflowId)
        {
            var inputs = await db.Workflows.Where(w => w.Id == workflowId).Select(w => w.Inputs).SingleAsync(cancellationToken);
            return inputs.ConvertAll(input => new TestVariable(input.Name, input.Type));
        }

        var promptId = set?.PromptId;
        var prompt = await db
            .Prompts.Where(prompt => prompt.Id == promptId)
            .Select(prompt => new { prompt.Variables, prompt.VariableDefinitions })
            .SingleOrDefaultAsync(cancellationToken);
        return prompt?.Variables.ConvertAll(name => new TestVariable(
            name,
            prompt.VariableDefinitions.Find(definition => definition.Name == name)?.Type ?? VariableType.Text
        ));
    }

    public static async Task<Result<TestSetView>> ViewAsync(PromptPilotDbContext db, string setId, CancellationToken cancellationToken)
    {
        var set = await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == setId, cancellationToken);
        if (set is null)
        {
            return Problem.NotFound("test set");
        }

        var item = await Items(db, db.TestSets.Where(s => s.Id == setId)).SingleAsync(cancellationToken);
        var cases = await db
            .TestCases.AsNoTracking()
            .Where(test => test.TestSetId == setId)
            .OrderBy(test => test.Number)
            .ToListAsync(cancellationToken);
        return new TestSetView(
            set.Id,
            set.Name,
            set.PromptId,
            item.PromptName,
            await VariablesAsync(db, setId, cancellationToken) ?? [],
            set.Checks,
            set.Version,
            cases.ConvertAll(TestCaseItem.Of),
            set.CreatedAt,
            set.UpdatedAt,
            set.Revision
        )
        {
            WorkflowId = set.WorkflowId,
            WorkflowName = item.WorkflowName,
            OutputKey = set.OutputKey,
            Outputs = await db
                .WorkflowSteps.Where(step => step.WorkflowId == set.WorkflowId)
                .OrderBy(step => step.Order)
                .Select(step => step.OutputKey)
                .ToListAsync(cancellationToken),
        };
    }
}
