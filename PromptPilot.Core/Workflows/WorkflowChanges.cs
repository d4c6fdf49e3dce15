using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows.Checks;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows;

/// <summary>Moves content into the rows of a workflow, and the rows into a frozen definition.</summary>
internal static class WorkflowChanges
{
    /// <summary>Ids of steps that are not this workflow's, or given twice.</summary>
    public static List<FieldError> UnknownSteps(Workflow workflow, WorkflowContent content)
    {
        var free = workflow.Steps.Select(step => step.Id).ToHashSet();
        return
        [
            .. content
                .Steps.Select((step, i) => (step.Id, i))
                .Where(step => step.Id is not null && !free.Remove(step.Id))
                .Select(step => new FieldError(
                    $"steps[{step.i}].id",
                    "This workflow has no step with this id. Omit the id to add a new step."
                )),
        ];
    }

    /// <summary>Writes the content into the tracked workflow: steps keep their ids and are numbered 1..n.</summary>
    public static void Apply(PromptPilotDbContext db, Workflow workflow, WorkflowContent content)
    {
        workflow.Name = content.Name;
        workflow.Tags = Same(workflow.Tags, content.Tags) ? workflow.Tags : [.. content.Tags];
        workflow.Inputs = [.. content.Inputs];
        workflow.Options = content.Options;
        workflow.Limits = content.Limits;
        var wanted = content.Sequence().Select(position => content.Steps[position]).ToList();
        db.WorkflowSteps.RemoveRange(workflow.Steps.Where(step => wanted.All(w => w.Id != step.Id)));
        for (var i = 0; i < wanted.Count; i++)
        {
            var from = wanted[i];
            var step = workflow.Steps.SingleOrDefault(s => s.Id == from.Id);
            if (step is null)
            {
                step = new WorkflowStep
                {
                    WorkflowId = workflow.Id,
                    PromptId = from.PromptId,
                    Model = from.Model,
                    OutputKey = from.OutputKey,
                };
                db.WorkflowSteps.Add(step);
            }

            step.PromptId = from.PromptId;
            step.PromptVersion = from.PromptVersion;
            step.PromptLabel = from.PromptLabel;
            step.Model = from.Model;
            step.InputMapping = new Dictionary<string, string>(from.InputMapping);
            step.OutputKey = from.OutputKey;
            step.Order = i + 1;
            step.Options = from.Options;
        }
    }

    /// <summary>True when the unsaved changes touch what a run would do; tags do not.</summary>
    public static bool ChangesWhatRuns(PromptPilotDbContext db, Workflow workflow)
    {
        db.ChangeTracker.DetectChanges();
        var entry = db.Entry(workflow);
        return entry.Property(w => w.Name).IsModified
            || entry.Property(w => w.Inputs).IsModified
            || entry.Property(w => w.Options).IsModified
            || db.ChangeTracker.Entries<WorkflowStep>().Any(step => step.State != EntityState.Unchanged);
    }

    public static WorkflowContent ContentOf(Workflow workflow) =>
        new(
            workflow.Name,
            workflow.Tags,
            workflow.Inputs,
            [
                .. workflow.Steps.Select(s => new StepContent(
                    s.Id,
                    s.PromptId,
                    s.PromptVersion,
                    s.PromptLabel,
                    s.Model,
                    s.InputMapping,
                    s.OutputKey,
                    s.Order
                )
                {
                    Options = s.Options,
                }),
            ]
        )
        {
            Options = workflow.Options,
            Limits = workflow.Limits,
        };

    /// <summary>The snapshot that runs: exact versions and <c>latest</c> become ids of PromptVersions, labels stay labels.</summary>
    public static WorkflowDefinition Freeze(Workflow workflow, WorkflowFacts facts) => Freeze(ContentOf(workflow), facts);

    /// <summary>The same of content that has no problem.</summary>
    /// <param name="content">Its steps have ids and places.</param>
    public static WorkflowDefinition Freeze(WorkflowContent content, WorkflowFacts facts)
    {
        var steps = content.Steps.Select(s => new StepDefinition(
            s.Id!,
            s.PromptId,
            s.PromptLabel is null ? facts.VersionOf(s)!.Id : null,
            s.PromptLabel,
            s.Model,
            s.InputMapping,
            s.OutputKey,
            s.Order!.Value
        )
        {
            Options = s.Options,
            Arms = s.Options.Arms is null
                ? null
                :
                [
                    .. StepArms
                        .Read(s.Options.Arms)
                        .Value.Select(arm => new PinnedArm(
                            arm.Version,
                            facts.Prompts[s.PromptId].VersionIds[arm.Version],
                            arm.Weight,
                            arm.Model
                        )),
                ],
        });
        return new WorkflowDefinition(content.Name, content.Inputs, [.. steps]) { Options = content.Options };
    }

    private static bool Same(List<string> old, IReadOnlyList<string> now) => old.SequenceEqual(now);
}
