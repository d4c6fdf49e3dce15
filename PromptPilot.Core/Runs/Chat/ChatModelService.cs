using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Runs.Chat;

/// <summary>A prompt or a published workflow, as a model of a chat.</summary>
/// <param name="Id"><c>prompt/NAME</c>, <c>prompt/NAME@LABEL</c> or <c>workflow/NAME</c>.</param>
public sealed record ChatModel(string Id, string Name, DateTime CreatedAt)
{
    /// <summary>What it does, in its author's words; null: not said.</summary>
    public string? Description { get; init; }
}

/// <summary>What a chat calls: a prompt, or a workflow with its inputs.</summary>
/// <param name="Outputs">The final outputs of the workflow: its answer.</param>
public sealed record ChatTarget(
    PromptCall? Prompt,
    string? WorkflowId,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    IReadOnlyList<string> Outputs
);

/// <summary>Offers prompts and published workflows as models of chats.</summary>
public sealed class ChatModelService(Operations operations, WorkflowVersions workflowVersions, ModelProfiles profiles)
{
    private const string PromptPrefix = "prompt/";
    private const string WorkflowPrefix = "workflow/";

    /// <summary>The most of each kind in the list, by name; others can be named all the same.</summary>
    public const int MaxListed = 1000;

    /// <summary>All that the actor may run, by name.</summary>
    public Task<Result<IReadOnlyList<ChatModel>>> ListAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<ChatModel>>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var models = new List<ChatModel>();
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (
                    var workflow in await Runnable(db).OrderBy(w => w.Name).ThenBy(w => w.Id).Take(MaxListed).ToListAsync(cancellationToken)
                )
                {
                    if (await RunnableVersionAsync(workflow, principal, cancellationToken) is { } version)
                    {
                        var id = names.Add(workflow.Name) ? workflow.Name : workflow.Id;
                        models.Add(
                            new ChatModel(WorkflowPrefix + id, workflow.Name, workflow.CreatedAt)
                            {
                                Description = version.Definition.Options.Description,
                            }
                        );
                    }
                }

                var prompts = await db
                    .Prompts.AsNoTracking()
                    .Where(prompt => !prompt.Archived)
                    .OrderBy(prompt => prompt.NormalizedName)
                    .Take(MaxListed)
                    .ToListAsync(cancellationToken);
                var labels = (
                    await db.PromptLabels.AsNoTracking().Select(label => new { label.PromptId, label.Name }).ToListAsync(cancellationToken)
                ).ToLookup(label => label.PromptId, label => label.Name);
                foreach (var prompt in prompts.Where(prompt => !prompt.Metadata.IsPart))
                {
                    models.Add(new ChatModel(PromptPrefix + prompt.Name, prompt.Name, prompt.CreatedAt));
                    models.AddRange(
                        labels[prompt.Id]
                            .Order(StringComparer.Ordinal)
                            .Select(label => new ChatModel(
                                $"{PromptPrefix}{prompt.Name}@{label}",
                                $"{prompt.Name} ({label})",
                                prompt.CreatedAt
                            ))
                    );
                }

                return models;
            },
            cancellationToken
        );

    /// <summary>What a model's id names, with the messages as its values.</summary>
    /// <returns>Or a problem: no such model, or at <c>messages</c>.</returns>
    public Task<Result<ChatTarget>> ResolveAsync(
        Actor actor,
        string model,
        IReadOnlyList<ModelMessage> messages,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<ChatTarget>(
            actor,
            Permission.Run,
            async (db, principal) =>
                model.StartsWith(WorkflowPrefix, StringComparison.Ordinal)
                    ? await WorkflowAsync(db, principal, model[WorkflowPrefix.Length..], messages, cancellationToken)
                : model.StartsWith(PromptPrefix, StringComparison.Ordinal)
                    ? await PromptAsync(db, model[PromptPrefix.Length..], messages, cancellationToken)
                : NoModel(model),
            cancellationToken
        );

    private async Task<Result<ChatTarget>> WorkflowAsync(
        PromptPilotDbContext db,
        Principal principal,
        string name,
        IReadOnlyList<ModelMessage> messages,
        CancellationToken cancellationToken
    )
    {
        var found = await Runnable(db).Where(w => w.Name == name || w.Id == name).OrderBy(w => w.Id).FirstOrDefaultAsync(cancellationToken);
        if (found is null || await RunnableVersionAsync(found, principal, cancellationToken) is not { } version)
        {
            return NoModel(WorkflowPrefix + name);
        }

        var inputs = version.Definition.Inputs;
        var chat = version.Definition.Options.ChatInput;
        var history = inputs
            .FirstOrDefault(input => input is { Type: VariableType.Json, Name: "messages" or "history" } && input.Name != chat)
            ?.Name;
        var values = ChatValues.Of(
            messages,
            [.. inputs.Select(input => new ChatSlot(input.Name, input.Type, !input.Required || input.Default is not null))],
            history,
            "workflow",
            chat
        );
        return values.Map(value => new ChatTarget(null, found.Id, value, FinalOutput.KeysOf(version.Definition.Steps)));
    }

    private static async Task<Result<ChatTarget>> PromptAsync(
        PromptPilotDbContext db,
        string name,
        IReadOnlyList<ModelMessage> messages,
        CancellationToken cancellationToken
    )
    {
        var version = await PromptByName.FindAsync(db, name, null, null, cancellationToken);
        if (!version.IsOk && name.LastIndexOf('@') is > 0 and var at)
        {
            version = await PromptByName.FindAsync(db, name[..at], null, name[(at + 1)..], cancellationToken);
        }

        if (!version.IsOk)
        {
            return NoModel(PromptPrefix + name);
        }

        var prompt = version.Value;
        var history = prompt.Messages.Find(message => message.Role == MessageRole.Placeholder)?.Content;
        var values = ChatValues.Of(
            messages,
            [
                .. prompt.Variables.Select(variable =>
                    prompt.VariableDefinitions.Find(definition => definition.Name == variable) is { } definition
                        ? new ChatSlot(variable, definition.Type, definition.IsOptional())
                        : new ChatSlot(variable, VariableType.Text, IsOptional: false)
                ),
            ],
            history,
            "prompt"
        );
        return values.Map(value => new ChatTarget(new PromptCall(prompt.Name, prompt.Version, null, value), null, value, []));
    }

    private static IQueryable<Workflow> Runnable(PromptPilotDbContext db) => db.Workflows.AsNoTracking().Where(RunnableWorkflows.Rule);

    /// <summary>A workflow is offered only to roles that may use all of its model profiles.</summary>
    /// <returns>Its published version; null: it is not offered.</returns>
    private async Task<WorkflowVersion?> RunnableVersionAsync(
        Workflow workflow,
        Principal principal,
        CancellationToken cancellationToken
    ) =>
        await workflowVersions.FindAsync(workflow.PublishedVersionId!, cancellationToken) is { } version
        && await profiles.RefusalAsync(principal, version.Definition.Steps.SelectMany(step => step.Models()), cancellationToken) is null
            ? version
            : null;

    private static Problem NoModel(string model) =>
        new(
            ProblemKind.NotFound,
            $"There is no model “{model}” for this key. GET /v1/models lists them.",
            [new FieldError("model", "There is no such model.")]
        );
}
