using System.ComponentModel;
using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Features.Triggers;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>A workflow in a request. Missing values become problems at their fields.</summary>
internal sealed record WorkflowBody : WorkflowAnsweredFields
{
    public string? Name { get; init; }

    public IReadOnlyList<string?>? Tags { get; init; }

    public IReadOnlyList<InputBody?>? Inputs { get; init; }

    public IReadOnlyList<StepBody?>? Steps { get; init; }

    public WorkflowContent ToContent() =>
        new(
            Name ?? "",
            [.. (Tags ?? []).OfType<string>()],
            [.. (Inputs ?? []).Select(input => (input ?? InputBody.Empty).ToInput())],
            [.. (Steps ?? []).Select(step => (step ?? StepBody.Empty).ToContent())]
        )
        {
            Options = ToOptions(),
            Limits = Limits?.ToLimits() ?? new WorkflowLimits(),
        };
}

/// <summary>
/// What is answered of a workflow and set by the portal alone. A client may send it back with the rest of what it got; nothing is done with
/// it.
/// </summary>
internal abstract record WorkflowAnsweredFields : WorkflowOptionFields
{
    private const string Ignored = "Set by the portal. Ignored in requests.";

    [Description(Ignored)]
    public JsonElement? Id { get; init; }

    [Description(Ignored)]
    public JsonElement? Triggers { get; init; }

    [Description(Ignored)]
    public JsonElement? Owner { get; init; }

    [Description(Ignored)]
    public JsonElement? Status { get; init; }

    [Description(Ignored)]
    public JsonElement? PublishedVersion { get; init; }

    [Description(Ignored)]
    public JsonElement? HasUnpublishedChanges { get; init; }

    [Description(Ignored)]
    public JsonElement? CreatedAt { get; init; }

    [Description(Ignored)]
    public JsonElement? UpdatedAt { get; init; }

    [Description(Ignored)]
    public JsonElement? UpdatedBy { get; init; }

    [Description(Ignored)]
    public JsonElement? Revision { get; init; }
}

/// <summary>An input in a request. Required by default.</summary>
internal sealed record InputBody(
    string? Name,
    VariableType? Type,
    bool? Required,
    JsonElement? Default,
    string? Description,
    IReadOnlyList<string?>? Choices
)
{
    public static readonly InputBody Empty = new(null, null, null, null, null, null);

    public WorkflowInput ToInput() =>
        new()
        {
            Name = Name ?? "",
            Type = Type ?? VariableType.Text,
            Required = Required ?? true,
            Default = Default,
            Description = Description,
            Choices = [.. (Choices ?? []).Select(choice => choice ?? "")],
        };
}

/// <summary>A step in a request; <c>model</c> is the id of a model profile.</summary>
internal sealed record StepBody(
    string? Id,
    string? PromptId,
    string? PromptVersion,
    string? PromptLabel,
    string? Model,
    IReadOnlyDictionary<string, string>? InputMapping,
    string? OutputKey,
    int? Order
) : StepOptionFields
{
    public static readonly StepBody Empty = new(null, null, null, null, null, null, null, null);

    public StepContent ToContent() =>
        new(
            Id,
            PromptId ?? "",
            PromptVersion,
            PromptLabel,
            Model ?? "",
            InputMapping ?? new Dictionary<string, string>(),
            OutputKey ?? "",
            Order
        )
        {
            Options = Options,
        };
}

/// <summary>A workflow, whole, as clients get it.</summary>
internal sealed record WorkflowAnswer(
    string Id,
    string Name,
    IReadOnlyList<string> Tags,
    IReadOnlyList<InputAnswer> Inputs,
    IReadOnlyList<StepAnswer> Steps,
    IReadOnlyList<TriggerAnswer> Triggers,
    string? Owner,
    WorkflowStatus Status,
    int? PublishedVersion,
    bool HasUnpublishedChanges,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    string? UpdatedBy,
    int Revision
) : WorkflowOptionFields
{
    public static WorkflowAnswer From(WorkflowView view) =>
        With(
            new WorkflowAnswer(
                view.Id,
                view.Name,
                view.Tags,
                [.. view.Inputs.Select(InputAnswer.From)],
                [.. view.Steps.Select(StepAnswer.From)],
                [.. view.Triggers.Select(TriggerAnswer.From)],
                view.Owner,
                view.Status,
                view.Published?.Number,
                view.HasUnpublishedChanges,
                view.CreatedAt,
                view.UpdatedAt,
                view.UpdatedBy,
                view.Revision
            ),
            view.Options,
            view.Limits
        );
}

/// <summary>The optional body of a request to publish.</summary>
internal sealed record PublishBody([property: Description("A note for the version history, up to 500 characters.")] string? Message);

/// <summary>An input, as clients get it.</summary>
internal sealed record InputAnswer(
    string Name,
    VariableType Type,
    bool Required,
    JsonElement? Default,
    string? Description,
    IReadOnlyList<string>? Choices
)
{
    public static InputAnswer From(WorkflowInput input) =>
        new(
            input.Name,
            input.Type,
            input.Required,
            input.Default,
            input.Description,
            input.Type == VariableType.Choice ? input.Choices : null
        );
}

/// <summary>A step, as clients get it.</summary>
internal sealed record StepAnswer(
    string Id,
    string PromptId,
    string? PromptVersion,
    string? PromptLabel,
    string Model,
    IReadOnlyDictionary<string, string> InputMapping,
    string OutputKey,
    int Order
) : StepOptionFields
{
    public static StepAnswer From(StepView step) =>
        new(step.Id, step.PromptId, step.PromptVersion, step.PromptLabel, step.Model, step.InputMapping, step.OutputKey, step.Order)
        {
            Options = step.Options,
        };
}

/// <summary>A row of the list, as clients get it.</summary>
internal sealed record WorkflowRow(
    string Id,
    string Name,
    IReadOnlyList<string> Tags,
    WorkflowStatus Status,
    int? PublishedVersion,
    bool HasUnpublishedChanges,
    string? Owner,
    int Steps,
    DateTime UpdatedAt,
    string? Description
)
{
    public static WorkflowRow From(WorkflowListItem item) =>
        new(
            item.Id,
            item.Name,
            item.Tags,
            item.Status,
            item.PublishedVersion,
            item.HasUnpublishedChanges,
            item.Owner,
            item.StepCount,
            item.UpdatedAt,
            item.Description
        );
}
