using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;

namespace PromptPilot.Core.Workflows.Samples;

/// <summary>
/// Makes what a new installation starts with: a profile on the offline model, prompts and published workflows. Made by the services,
/// as a person would; what has its name already is left as it is.
/// </summary>
internal sealed class SampleWorkspace(
    ModelProfileService models,
    PromptService prompts,
    WorkflowService workflows,
    SampleSchedules schedules,
    IOptions<SetupOptions> setup,
    ILogger<SampleWorkspace> logger
) : IFirstAdminListener
{
    private const string ProfileName = "Offline";

    public Task OnFirstAdminAsync(Actor admin, CancellationToken cancellationToken) =>
        setup.Value.SampleWorkspace ? MakeAsync(admin, cancellationToken) : Task.CompletedTask;

    /// <summary>Makes what is missing. A refusal is logged and ends it: samples are no reason to stop a set-up.</summary>
    internal async Task MakeAsync(Actor admin, CancellationToken cancellationToken)
    {
        var made = await MakeAllAsync(admin, cancellationToken);
        if (made.IsOk)
        {
            logger.LogInformation("The sample workspace is ready: try the workflow “Summarize a document”");
        }
        else
        {
            logger.LogWarning(
                "The sample workspace is incomplete: {Message} {Errors}",
                made.Problem.Message,
                string.Join(" ", made.Problem.Errors.Select(e => $"{e.Field}: {e.Message}"))
            );
        }
    }

    private async Task<Result<Done>> MakeAllAsync(Actor admin, CancellationToken cancellationToken)
    {
        var model = await ProfileAsync(admin, cancellationToken);
        if (!model.IsOk)
        {
            return model.Problem;
        }

        var promptIds = new Dictionary<string, string>();
        foreach (var draft in SamplePrompts.All)
        {
            var prompt = await PromptAsync(admin, draft, cancellationToken);
            if (!prompt.IsOk)
            {
                return prompt.Problem;
            }

            promptIds[draft.Name] = prompt.Value;
        }

        foreach (var content in SampleWorkflows.All(promptIds, model.Value))
        {
            var workflow = await WorkflowAsync(admin, content, cancellationToken);
            if (!workflow.IsOk)
            {
                return workflow.Problem;
            }
        }

        return default(Done);
    }

    private async Task<Result<string>> ProfileAsync(Actor admin, CancellationToken cancellationToken)
    {
        var names = await models.ListNamesAsync(admin, cancellationToken);
        if (names.IsOk && names.Value.FirstOrDefault(p => p.Name == ProfileName) is { } known)
        {
            return known.Id;
        }

        var content = new ModelProfileContent
        {
            Name = ProfileName,
            Provider = Providers.Offline,
            Model = "extractive",
            Parameters = new ModelParameters { Temperature = 0 },
        };
        return (await models.CreateAsync(admin, content, cancellationToken)).Map(profile => profile.Id);
    }

    private async Task<Result<string>> PromptAsync(Actor admin, PromptDraft draft, CancellationToken cancellationToken)
    {
        var known = await prompts.FindByNameAsync(admin, draft.Name, null, cancellationToken);
        return known.IsOk ? known.Value.PromptId : (await prompts.CreateAsync(admin, draft, cancellationToken)).Map(prompt => prompt.Id);
    }

    private async Task<Result<Done>> WorkflowAsync(Actor admin, WorkflowContent content, CancellationToken cancellationToken)
    {
        var known = await workflows.ListAsync(admin, new WorkflowFilter(Search: content.Name), new PageRequest(), cancellationToken);
        if (known.IsOk && known.Value.Items.Any(item => item.Name == content.Name))
        {
            return default(Done);
        }

        var made = await workflows.CreateAsync(admin, content, cancellationToken);
        var published = made.IsOk
            ? await workflows.PublishAsync(admin, made.Value.Id, made.Value.Revision, cancellationToken)
            : made.Problem;
        return published.IsOk ? await schedules.AddAsync(admin, published.Value.Id, content.Name, cancellationToken) : published.Problem;
    }
}
