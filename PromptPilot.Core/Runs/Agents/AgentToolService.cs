using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Core.Runs.Agents;

/// <summary>A published workflow as a tool of an agent.</summary>
/// <param name="Name">ASCII; see <see cref="AgentNames"/>.</param>
/// <param name="Inputs">The workflow's inputs by the schema's properties.</param>
public sealed record AgentTool(
    string WorkflowId,
    string Name,
    string Title,
    string Description,
    JsonElement InputSchema,
    IReadOnlyDictionary<string, string> Inputs
)
{
    /// <summary>
    /// The arguments of a call as inputs of a run. An unknown one keeps its name, and is refused. An input sent both by its property and
    /// by its name takes the value of the property.
    /// </summary>
    public Dictionary<string, JsonElement> InputsOf(IEnumerable<KeyValuePair<string, JsonElement>> arguments)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (property, value) in arguments.OrderBy(argument => Inputs.ContainsKey(argument.Key)))
        {
            values[Inputs.GetValueOrDefault(property, property)] = value;
        }

        return values;
    }

    /// <summary>The same problem at the properties that the agent sent.</summary>
    public Problem AtProperties(Problem problem) =>
        problem with
        {
            Errors =
            [
                .. problem.Errors.Select(error =>
                {
                    var name = error.Field.StartsWith("inputs.", StringComparison.Ordinal) ? error.Field["inputs.".Length..] : error.Field;
                    return error with { Field = Inputs.FirstOrDefault(input => input.Value == name).Key ?? name };
                }),
            ],
        };
}

/// <summary>A version of a prompt as a prompt of an agent.</summary>
/// <param name="Name"><c>NAME</c>, the newest version, or <c>NAME@LABEL</c>.</param>
public sealed record AgentPrompt(
    string Name,
    string PromptName,
    string? Label,
    IReadOnlyList<string> Variables,
    IReadOnlyList<VariableDefinition> Definitions
);

/// <summary>Offers published workflows and prompts to agents.</summary>
public sealed class AgentToolService(Operations operations, WorkflowVersions versions, ModelProfiles profiles)
{
    /// <summary>The name of the tool that every caller has.</summary>
    public const string GetRun = "get_run";

    /// <summary>The most tools and prompts in a list.</summary>
    public const int MaxListed = 500;

    /// <summary>The workflows that the actor may run, by name.</summary>
    public Task<Result<IReadOnlyList<AgentTool>>> ListAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<AgentTool>>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var all = await db
                    .Workflows.AsNoTracking()
                    .Where(RunnableWorkflows.Rule)
                    .OrderBy(workflow => workflow.Id)
                    .Select(workflow => new
                    {
                        workflow.Id,
                        workflow.Name,
                        workflow.PublishedVersionId,
                        workflow.Limits,
                    })
                    .ToListAsync(cancellationToken);
                // Of all workflows, so that archiving one never gives its name to another.
                var every = await db.Workflows.AsNoTracking().Select(w => new { w.Id, w.Name }).ToListAsync(cancellationToken);
                var names = AgentNames.OfWorkflows(every.Select(workflow => (workflow.Id, workflow.Name)));
                var tools = new List<AgentTool>();
                foreach (var workflow in all.Where(workflow => !workflow.Limits.HideFromAgents).OrderBy(workflow => workflow.Name))
                {
                    if (
                        tools.Count < MaxListed
                        && await versions.FindAsync(workflow.PublishedVersionId!, cancellationToken) is { } version
                        && await profiles.RefusalAsync(
                            principal,
                            version.Definition.Steps.SelectMany(step => step.Models()),
                            cancellationToken
                        )
                            is null
                    )
                    {
                        tools.Add(ToolOf(workflow.Id, names[workflow.Id], workflow.Name, version.Definition));
                    }
                }

                return tools;
            },
            cancellationToken
        );

    /// <summary>The workflow that a tool runs, as it is offered now.</summary>
    /// <returns>Not found: there is no such tool for the actor.</returns>
    public Task<Result<AgentTool>> FindAsync(Actor actor, string name, CancellationToken cancellationToken) =>
        operations.ReadAsync<AgentTool>(
            actor,
            Permission.Run,
            async (db, principal) =>
            {
                var every = await db.Workflows.AsNoTracking().Select(w => new { w.Id, w.Name }).ToListAsync(cancellationToken);
                var names = AgentNames.OfWorkflows(every.Select(workflow => (workflow.Id, workflow.Name)));
                if (
                    every.Find(workflow => names[workflow.Id] == name) is not { } named
                    || await db
                        .Workflows.AsNoTracking()
                        .Where(RunnableWorkflows.Rule)
                        .SingleOrDefaultAsync(workflow => workflow.Id == named.Id, cancellationToken)
                        is not { Limits.HideFromAgents: false, PublishedVersionId: { } versionId } workflow
                    || await versions.FindAsync(versionId, cancellationToken) is not { } version
                    || await profiles.RefusalAsync(principal, version.Definition.Steps.SelectMany(step => step.Models()), cancellationToken)
                        is not null
                )
                {
                    return Problem.NotFound("tool");
                }

                return ToolOf(workflow.Id, name, workflow.Name, version.Definition);
            },
            cancellationToken
        );

    /// <summary>The prompts of the library, each with its labels, by name.</summary>
    public Task<Result<IReadOnlyList<AgentPrompt>>> ListPromptsAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<IReadOnlyList<AgentPrompt>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var prompts = await db
                    .Prompts.AsNoTracking()
                    .Where(prompt => !prompt.Archived)
                    .OrderBy(prompt => prompt.NormalizedName)
                    .Take(MaxListed)
                    .ToListAsync(cancellationToken);
                var labels = (
                    await db
                        .PromptLabels.AsNoTracking()
                        .Join(
                            db.PromptVersions.AsNoTracking(),
                            label => label.PromptVersionId,
                            version => version.Id,
                            (label, version) => new { label.Name, Version = version }
                        )
                        .ToListAsync(cancellationToken)
                ).ToLookup(label => label.Version.PromptId);
                return prompts
                    .Where(prompt => !prompt.Metadata.IsPart)
                    .SelectMany(prompt =>
                        labels[prompt.Id]
                            .OrderBy(label => label.Name, StringComparer.Ordinal)
                            .Select(label => new AgentPrompt(
                                $"{prompt.Name}@{label.Name}",
                                prompt.Name,
                                label.Name,
                                label.Version.Variables,
                                label.Version.VariableDefinitions
                            ))
                            .Prepend(new AgentPrompt(prompt.Name, prompt.Name, null, prompt.Variables, prompt.VariableDefinitions))
                    )
                    .Take(MaxListed)
                    .ToList();
            },
            cancellationToken
        );

    private static AgentTool ToolOf(string id, string name, string title, WorkflowDefinition definition)
    {
        var inputs = AgentNames.OfInputs(definition.Inputs);
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(inputs.Select(one => KeyValuePair.Create(one.Property, (JsonNode?)PropertyOf(one.Input)))),
            ["required"] = new JsonArray([
                .. inputs.Where(one => one.Input is { Required: true, Default: null }).Select(one => (JsonNode?)one.Property),
            ]),
            ["additionalProperties"] = false,
        };
        var steps = string.Join(", ", definition.Steps.Select(step => step.OutputKey));
        return new AgentTool(
            id,
            name,
            title,
            (definition.Options.Description ?? $"Runs the workflow “{title}” and returns its outputs. Its steps: {steps}.")
                + $" If it takes long, the result has its run_id: call {GetRun} with it.",
            JsonSerializer.SerializeToElement(schema),
            inputs.ToDictionary(one => one.Property, one => one.Input.Name)
        );
    }

    private static JsonObject PropertyOf(WorkflowInput input)
    {
        var property = new JsonObject();
        if (TypeOf(input.Type) is { } type)
        {
            property["type"] = type;
        }

        property["title"] = input.Name;
        if (input.Description is { Length: > 0 } description)
        {
            property["description"] = description;
        }

        if (input.Type.FileKind() is { } kind)
        {
            property["description"] = $"{MediaTypes.Accepted(kind)}, as base64 in data. {input.Description}".TrimEnd();
            property["properties"] = new JsonObject
            {
                ["name"] = new JsonObject { ["type"] = "string" },
                ["data"] = new JsonObject { ["type"] = "string" },
            };
            property["required"] = new JsonArray("data");
        }

        if (input.Type == VariableType.Choice)
        {
            property["enum"] = new JsonArray([.. input.Choices.Select(choice => (JsonNode?)choice)]);
        }

        if (input.Default is { } value)
        {
            property["default"] = JsonNode.Parse(value.GetRawText());
        }

        return property;
    }

    private static string? TypeOf(VariableType type) =>
        type switch
        {
            VariableType.Text or VariableType.Choice => "string",
            VariableType.Number => "number",
            VariableType.Boolean => "boolean",
            VariableType.Json => null,
            VariableType.Image or VariableType.Document => "object",
        };
}
