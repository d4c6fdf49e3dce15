using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Exchange;

/// <summary>Test sets of the database as documents: with names instead of ids.</summary>
internal static class TestSetNames
{
    /// <param name="cases">In order.</param>
    public static async Task<TestSetDocument> DocumentAsync(
        PromptPilotDbContext db,
        TestSet set,
        IReadOnlyList<TestCase> cases,
        CancellationToken cancellationToken
    )
    {
        var checks = new List<Check>();
        foreach (var check in set.Checks)
        {
            checks.Add(check.Kind == CheckKind.Judge ? await WithNamesAsync(db, check, cancellationToken) : check);
        }

        return new TestSetDocument(
            set.Name,
            await db
                .Prompts.Where(prompt => prompt.Id == set.PromptId)
                .Select(prompt => prompt.Name)
                .SingleOrDefaultAsync(cancellationToken)
                ?? "",
            checks,
            [.. cases.Select(test => (ContentOf(test), test.Origin))]
        )
        {
            Workflow = await db
                .Workflows.Where(workflow => workflow.Id == set.WorkflowId)
                .Select(workflow => workflow.Name)
                .SingleOrDefaultAsync(cancellationToken),
            Output = set.OutputKey,
        };
    }

    public static TestCaseContent ContentOf(TestCase test) => new(test.Name, test.Inputs, test.Expected, test.Tags);

    /// <summary>A judge whose prompt or profile was deleted names none: an import then says what is missing.</summary>
    private static async Task<Check> WithNamesAsync(PromptPilotDbContext db, Check check, CancellationToken cancellationToken) =>
        check with
        {
            JudgePromptId = await db
                .Prompts.Where(prompt => prompt.Id == check.JudgePromptId)
                .Select(prompt => prompt.Name)
                .SingleOrDefaultAsync(cancellationToken),
            JudgeModelProfileId = await db
                .ModelProfiles.Where(profile => profile.Id == check.JudgeModelProfileId)
                .Select(profile => profile.Name)
                .SingleOrDefaultAsync(cancellationToken),
        };
}
