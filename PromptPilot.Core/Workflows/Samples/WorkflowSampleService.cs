using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Core.Workflows.Samples;

/// <summary>A workflow to start from.</summary>
public sealed record WorkflowSample(string Name, string Description);

/// <summary>Makes drafts from samples: what a person would put together first, ready to be tried and changed.</summary>
public sealed class WorkflowSampleService(
    Operations operations,
    PromptService prompts,
    WorkflowService workflows,
    SampleSchedules schedules,
    StepPickerService pickers
)
{
    /// <summary>The samples there are.</summary>
    public Task<Result<IReadOnlyList<WorkflowSample>>> ListAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<IReadOnlyList<WorkflowSample>>(
            actor,
            Permission.Read,
            _ => SampleWorkflows.Samples.ToList(),
            cancellationToken
        );

    /// <summary>
    /// Makes a draft from a sample, on the model profile that is preselected for the actor. Prompts it needs are made where they are
    /// missing.
    /// </summary>
    /// <param name="name">Name of the sample.</param>
    public Task<Result<WorkflowView>> CreateAsync(Actor actor, string name, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<WorkflowView>(
            actor,
            Permission.Write,
            async _ =>
            {
                if (SampleWorkflows.Samples.All(sample => sample.Name != name))
                {
                    return Problem.NotFound("sample");
                }

                var models = await pickers.ListModelsAsync(actor, cancellationToken);
                if (!models.IsOk || models.Value.Preselected is not { } model)
                {
                    return models.Problem
                        ?? Problem.Conflict(
                            "Samples need an enabled model profile, and there is none. Ask an admin to add one under Model profiles."
                        );
                }

                var promptIds = new Dictionary<string, string>();
                foreach (var draft in SamplePrompts.All)
                {
                    var known = await prompts.FindByNameAsync(actor, draft.Name, null, cancellationToken);
                    var prompt = known.IsOk
                        ? known.Value.PromptId
                        : (await prompts.CreateAsync(actor, draft, cancellationToken)).Map(made => made.Id);
                    if (!prompt.IsOk)
                    {
                        return prompt.Problem;
                    }

                    promptIds[draft.Name] = prompt.Value;
                }

                var content = SampleWorkflows.All(promptIds, model).Single(sample => sample.Name == name);
                var created = await workflows.CreateAsync(actor, content, cancellationToken);
                var scheduled = created.IsOk ? await schedules.AddAsync(actor, created.Value.Id, name, cancellationToken) : created.Problem;
                return scheduled.IsOk ? created : scheduled.Problem;
            },
            cancellationToken
        );

    /// <summary>Moves the sample workflows that still use only the offline model to another model profile, and publishes them.</summary>
    /// <param name="model">Id of the profile.</param>
    /// <returns>The names of those that were moved; NotFound without such a profile.</returns>
    public async Task<Result<IReadOnlyList<string>>> UseModelAsync(Actor actor, string model, CancellationToken cancellationToken)
    {
        var found = await operations.ReadAsync<List<Workflow>>(
            actor,
            Permission.Write,
            async (db, _) =>
            {
                if (!await db.ModelProfiles.AnyAsync(profile => profile.Id == model, cancellationToken))
                {
                    return Problem.NotFound("model profile");
                }

                var names = SampleWorkflows.Samples.Select(sample => sample.Name).ToList();
                var builtIn = Providers.All.Where(provider => provider.IsBuiltIn).Select(provider => provider.Key).ToList();
                return await db
                    .Workflows.AsNoTracking()
                    .Include(workflow => workflow.Steps.OrderBy(step => step.Order))
                    .Where(workflow =>
                        names.Contains(workflow.Name)
                        && workflow.Status == WorkflowStatus.Published
                        && workflow.Steps.All(step =>
                            db.ModelProfiles.Any(profile => profile.Id == step.Model && builtIn.Contains(profile.Provider))
                        )
                    )
                    .OrderBy(workflow => workflow.Name)
                    .ToListAsync(cancellationToken);
            },
            cancellationToken
        );
        if (!found.IsOk)
        {
            return found.Problem;
        }

        foreach (var workflow in found.Value)
        {
            var content = WorkflowChanges.ContentOf(workflow);
            content = content with { Steps = [.. content.Steps.Select(step => step with { Model = model })] };
            var saved = await workflows.UpdateAsync(actor, workflow.Id, content, workflow.Revision, cancellationToken);
            var published = saved.IsOk ? await workflows.PublishAsync(actor, workflow.Id, saved.Value.Revision, cancellationToken) : saved;
            if (!published.IsOk)
            {
                return published.Problem;
            }
        }

        return found.Value.Select(workflow => workflow.Name).ToList();
    }
}
