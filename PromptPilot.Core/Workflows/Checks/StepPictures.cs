using PromptPilot.Core.Prompts;

namespace PromptPilot.Core.Workflows.Checks;

/// <summary>Finds the pictures that a step sends.</summary>
internal static class StepPictures
{
    /// <summary>
    /// The inputs that the mapping gives to a variable as they are. An expression that takes a part of the reference, such as
    /// <c>photo.name</c>, gives a text.
    /// </summary>
    public static IReadOnlyList<string> Of(IReadOnlyDictionary<string, string> mapping, IReadOnlyList<WorkflowInput> inputs) =>
        [
            .. inputs
                .Where(input => input.Type == VariableType.Image && mapping.Values.Any(expression => expression.Trim() == input.Name))
                .Select(input => input.Name),
        ];
}
