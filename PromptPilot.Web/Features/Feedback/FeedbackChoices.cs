using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Web.Features.Feedback;

/// <summary>The filter choices for feedback: prompts, workflows and model profiles, each as id and name.</summary>
public sealed class FeedbackChoices(StepPickerService prompts, WorkflowService workflows, ModelProfileService models)
{
    internal IReadOnlyList<(string Value, string Name)> Prompts { get; private set; } = [];

    internal IReadOnlyList<(string Value, string Name)> Workflows { get; private set; } = [];

    internal IReadOnlyList<(string Value, string Name)> Models { get; private set; } = [];

    internal async Task LoadAsync(Actor actor, CancellationToken cancellationToken)
    {
        var found = await prompts.ListPromptsAsync(actor, null, cancellationToken);
        var listed = await workflows.ListAsync(
            actor,
            new WorkflowFilter(),
            new PageRequest(Limit: PageRequest.MaxLimit),
            cancellationToken
        );
        var named = await models.ListNamesAsync(actor, cancellationToken);
        Prompts = found.IsOk ? [.. found.Value.Select(prompt => (prompt.Id, prompt.Name))] : [];
        Workflows = listed.IsOk ? [.. listed.Value.Items.Select(workflow => (workflow.Id, workflow.Name))] : [];
        Models = named.IsOk ? [.. named.Value.Select(profile => (profile.Id, profile.Name))] : [];
    }
}
