using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>What a client sends of a workflow. What is missing becomes a problem at its field.</summary>
internal sealed record WorkflowBody(string? Name, IReadOnlyList<string?>? Tags, IReadOnlyList<InputBody?>? Inputs, IReadOnlyList<StepBody?>? Steps)
{
    public WorkflowContent ToContent() => new(
        Name ?? "",
        [.. (Tags ?? []).OfType<string>()],
        [.. (Inputs ?? []).Select(input => (input ?? InputBody.Empty).ToInput())],
        [.. (Steps ?? []).Select(step => (step ?? StepBody.Empty).ToContent())]);
}

/// <summary>What a client sends of an input. Required unless it says otherwise.</summary>
internal sealed record InputBody(string? Name, VariableType? Type, bool? Required, JsonElement? Default, string? Description, IReadOnlyList<string?>? Choices)
{
    public static readonly InputBody Empty = new(null, null, null, null, null, null);

    public WorkflowInput ToInput() => new()
    {
        Name = Name ?? "",
        Type = Type ?? VariableType.Text,
        Required = Required ?? true,
        Default = Default,
        Description = Description,
        Choices = [.. (Choices ?? []).Select(choice => choice ?? "")],
    };
}

/// <summary>What a client sends of a step; <c>model</c> is the id of a model profile.</summary>
internal sealed record StepBody(
    string? Id, string? PromptId, string? PromptVersion, string? PromptLabel, string? Model, IReadOnlyDictionary<string, string>? InputMapping, string? OutputKey, int? Order)
{
    public static readonly StepBody Empty = new(null, null, null, null, null, null, null, null);

    public StepContent ToContent() => new(Id, PromptId ?? "", PromptVersion, PromptLabel, Model ?? "", InputMapping ?? new Dictionary<string, string>(), OutputKey ?? "", Order);
}

/// <summary>A workflow, whole, as clients get it.</summary>
internal sealed record WorkflowAnswer(
    string Id, string Name, IReadOnlyList<string> Tags, IReadOnlyList<InputAnswer> Inputs, IReadOnlyList<StepAnswer> Steps, IReadOnlyList<TriggerAnswer> Triggers,
    string? Owner, WorkflowStatus Status, int? PublishedVersion, bool HasUnpublishedChanges, DateTime CreatedAt, DateTime UpdatedAt, int Revision)
{
    public static WorkflowAnswer From(WorkflowView view) => new(
        view.Id, view.Name, view.Tags, [.. view.Inputs.Select(InputAnswer.From)], [.. view.Steps.Select(StepAnswer.From)], [.. view.Triggers.Select(TriggerAnswer.From)],
        view.Owner, view.Status, view.Published?.Number, view.HasUnpublishedChanges, view.CreatedAt, view.UpdatedAt, view.Revision);
}

/// <summary>An input, as clients get it.</summary>
internal sealed record InputAnswer(string Name, VariableType Type, bool Required, JsonElement? Default, string? Description, IReadOnlyList<string>? Choices)
{
    public static InputAnswer From(WorkflowInput input) => new(
        input.Name, input.Type, input.Required, input.Default, input.Description, input.Type == VariableType.Choice ? input.Choices : null);
}

/// <summary>A step, as clients get it.</summary>
internal sealed record StepAnswer(
    string Id, string PromptId, string? PromptVersion, string? PromptLabel, string Model, IReadOnlyDictionary<string, string> InputMapping, string OutputKey, int Order)
{
    public static StepAnswer From(StepView step) => new(step.Id, step.PromptId, step.PromptVersion, step.PromptLabel, step.Model, step.InputMapping, step.OutputKey, step.Order);
}

/// <summary>A row of the list, as clients get it.</summary>
internal sealed record WorkflowRow(
    string Id, string Name, IReadOnlyList<string> Tags, WorkflowStatus Status, int? PublishedVersion, bool HasUnpublishedChanges, string? Owner, int Steps, DateTime UpdatedAt)
{
    public static WorkflowRow From(WorkflowListItem item) => new(
        item.Id, item.Name, item.Tags, item.Status, item.PublishedVersion, item.HasUnpublishedChanges, item.Owner, item.StepCount, item.UpdatedAt);
}

/// <summary>A trigger, as clients get it.</summary>
internal sealed record TriggerAnswer(string Id, TriggerType Type, bool Enabled, IReadOnlyDictionary<string, JsonElement> Inputs, DateTime CreatedAt, int Revision)
{
    public static TriggerAnswer From(Trigger trigger) => new(trigger.Id, trigger.Type, trigger.Enabled, trigger.Inputs, trigger.CreatedAt, trigger.Revision);
}
