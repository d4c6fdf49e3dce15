using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Web.Features.Workflows.Editing.Drafts;

/// <summary>A draft as a browser keeps it: texts as typed, readable or not.</summary>
public sealed record KeptWorkflow(
    string Name,
    IReadOnlyList<string> Tags,
    IReadOnlyList<InputDraft> Inputs,
    IReadOnlyList<KeptStep> Steps,
    WorkflowOptionsDraft Options
)
{
    /// <summary>
    /// Null where it is none: what a browser keeps can have been changed by anyone who uses it, or by another version of this page.
    /// </summary>
    public static KeptWorkflow? Read(string? json)
    {
        try
        {
            return
                json is not null
                && JsonSerializer.Deserialize<KeptWorkflow>(json, AppJson.Options)
                    is { Name: not null, Tags: not null, Inputs: not null, Steps: not null, Options: not null } kept
                && kept.Tags.All(tag => tag is not null)
                && kept.Inputs.All(input => input is not null)
                && kept.Steps.All(step =>
                    step is { PromptId: not null, Model: not null, OutputKey: not null, Mapping: not null, Options.Texts: not null }
                )
                ? kept
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Id">Under which the step is saved; null: it is new.</param>
public sealed record KeptStep(
    string? Id,
    string PromptId,
    string? Version,
    string? Label,
    string Model,
    string OutputKey,
    IReadOnlyDictionary<string, string> Mapping,
    StepOptionsDraft Options
);
