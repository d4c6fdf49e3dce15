using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Web.Features.Workflows.Editing.Trial;

/// <summary>
/// What a try of a draft asks for, and how it is sent: the inputs, and what would start it where an expression reads that.
/// </summary>
internal static class TrialInputs
{
    private const string Trigger = "trigger";
    private const string Prefix = "inputs.";

    private static readonly WorkflowInput Start = new()
    {
        Name = Trigger,
        Type = VariableType.Json,
        Required = false,
        Description = "The trigger's data. Expressions read it as trigger, for example trigger.payload.",
    };

    /// <param name="content">The draft.</param>
    /// <param name="stepIndex">The only step to be tried; null for all.</param>
    public static IReadOnlyList<WorkflowInput> Of(WorkflowContent content, int? stepIndex)
    {
        var runs = stepIndex is { } index ? OneStep.Of(content, index) : content;
        return
        [
            .. runs.Inputs.Where(input => input.Name is not ("" or Trigger)).DistinctBy(input => input.Name),
            .. OneStep.ReadsTrigger(runs) ? [Start] : Array.Empty<WorkflowInput>(),
        ];
    }

    public static bool AreSame(IReadOnlyList<WorkflowInput> left, IReadOnlyList<WorkflowInput> right) =>
        JsonSerializer.Serialize(left, AppJson.Options) == JsonSerializer.Serialize(right, AppJson.Options);

    /// <param name="values">Values of the form.</param>
    public static DraftRunRequestParts Split(IReadOnlyDictionary<string, JsonElement> values) =>
        new(values.Where(value => value.Key != Trigger).ToDictionary(), values.TryGetValue(Trigger, out var trigger) ? trigger : null);

    /// <summary>
    /// What is wrong with an input is at it in the form; what is wrong with the draft is listed, linked to its field.
    /// </summary>
    public static (Problem? OfForm, IReadOnlyList<FieldError> OfDraft) Split(Problem problem)
    {
        var ofForm = problem
            .Errors.Where(error => error.Field == Trigger || error.Field.StartsWith(Prefix, StringComparison.Ordinal))
            .ToList();
        IReadOnlyList<FieldError> ofDraft = [.. problem.Errors.Except(ofForm)];
        return ofDraft.Count > 0 && ofForm.Count == 0
            ? (null, ofDraft)
            : (
                problem with
                {
                    Errors = [.. ofForm.Select(error => error.Field == Trigger ? error with { Field = Prefix + Trigger } : error)],
                },
                ofDraft
            );
    }
}

/// <summary>The values of a form, as sent.</summary>
internal sealed record DraftRunRequestParts(IReadOnlyDictionary<string, JsonElement> Inputs, JsonElement? Trigger);
