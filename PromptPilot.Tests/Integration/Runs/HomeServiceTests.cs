using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

public sealed class HomeServiceTests
{
    private static readonly DateTime Now = DateTime.UtcNow;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_CountsOwnRunsOfAWeekAndAMonth_AndPutsUsedWorkflowsFirst()
    {
        await using var database = await TestDatabase.CreateAsync(services => services.AddSingleton<HomeService>());
        var (ann, bob) = (await database.AddPersonAsync(Role.Collaborator), await database.AddPersonAsync(Role.Collaborator));
        Workflow[] workflows = [Made("old", 9), Made("often", 8), Made("once", 7), Made("newest", 1), Made("archived", 0)];
        workflows[^1].Status = WorkflowStatus.Archived;
        WorkflowRun[] runs =
        [
            .. Enumerable.Repeat(0, 3).Select(_ => Ran(workflows[1], ann, 20, 5)),
            Ran(workflows[1], ann, 2, 7, RunStatus.Failed),
            Ran(workflows[2], ann, 6, 100),
            Ran(workflows[3], ann, 3, 0, RunStatus.Cancelled),
            Ran(workflows[2], ann, 5, 1_000, RunStatus.Running),
            Ran(workflows[2], ann, 4, 10_000, isDraft: true),
            Ran(workflows[2], ann, 4, 10_000, priority: RunPriority.Experiment),
            Ran(workflows[4], ann, 29, 100_000),
            Ran(workflows[0], ann, 31, 1),
            Ran(workflows[0], bob, 1, 1),
        ];
        await database.SaveAsync([.. workflows, .. runs]);
        await database.SaveAsync([.. runs.Where(run => run.FinishedAt is not null).Select(Insights.RollupWorld.Finished)]);

        var found = (await database.Get<HomeService>().FindAsync(ann.Actor, 3, Token)).Value;

        found.Figures.Should().Equal(new RunFigures(7, 4, 2, 1, 11_107, 0, null), new RunFigures(30, 8, 6, 5, 111_122, 0, null));
        found.Workflows.Select(workflow => (workflow.Name, workflow.OwnRuns)).Should().Equal(("often", 4), ("once", 2), ("newest", 1));
    }

    private static Workflow Made(string name, int daysAgo)
    {
        var workflow = new Workflow
        {
            Name = name,
            Status = WorkflowStatus.Published,
            UpdatedAt = Now.AddDays(-daysAgo),
        };
        workflow.Triggers.Add(new Trigger { WorkflowId = workflow.Id, Type = TriggerType.Manual });
        return workflow;
    }

    private static WorkflowRun Ran(
        Workflow workflow,
        TestPerson by,
        int daysAgo,
        long cost,
        RunStatus status = RunStatus.Succeeded,
        bool isDraft = false,
        RunPriority priority = RunPriority.Person
    ) =>
        new()
        {
            WorkflowId = workflow.Id,
            WorkflowName = workflow.Name,
            StartedBy = by.Id,
            QueuedAt = Now.AddDays(-daysAgo),
            FinishedAt = status == RunStatus.Running ? null : Now.AddDays(-daysAgo),
            Status = status,
            Cost = cost,
            IsDraft = isDraft,
            Priority = priority,
        };
}
