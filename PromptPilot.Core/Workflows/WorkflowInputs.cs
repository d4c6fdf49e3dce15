using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows;

/// <summary>Binds given values to the inputs of a run.</summary>
internal static class WorkflowInputs
{
    private static readonly JsonElement Null = JsonSerializer.SerializeToElement<string?>(null);

    /// <summary>
    /// Checks names and types and fills in defaults. Each declared input is in the result: one that is not required and got no value is
    /// JSON null, so that expressions can read it.
    /// </summary>
    /// <returns>The values by name, or one error each at <c>inputs.NAME</c>.</returns>
    public static Result<Dictionary<string, JsonElement>> Bind(
        IReadOnlyList<WorkflowInput> inputs,
        IReadOnlyDictionary<string, JsonElement> given
    )
    {
        var errors = new List<FieldError>();
        var bound = new Dictionary<string, JsonElement>();
        foreach (var input in inputs)
        {
            var value = given.TryGetValue(input.Name, out var sent) && IsValue(sent) ? sent : input.Default;
            if (value is { } present && IsValue(present))
            {
                bound[input.Name] = present;
                if (Wrong(input, present) is { } wrong)
                {
                    errors.Add(new FieldError($"inputs.{input.Name}", wrong));
                }
            }
            else if (input.Required)
            {
                errors.Add(new FieldError($"inputs.{input.Name}", $"“{input.Name}” is required."));
            }
            else
            {
                bound[input.Name] = Null;
            }
        }

        var names = inputs.Select(input => input.Name).ToHashSet();
        errors.AddRange(
            given.Keys.Where(name => !names.Contains(name)).Select(name => new FieldError($"inputs.{name}", Unknown(name, names)))
        );
        return errors.Count == 0 ? bound : Problem.Invalid("The run was not started because its inputs have errors.", errors);
    }

    private static string? Wrong(WorkflowInput input, JsonElement value) =>
        InputValues.Problem(value, input.Type, input.Choices)
        ?? (
            input is { Required: true, Type: VariableType.Text } && string.IsNullOrWhiteSpace(value.GetString())
                ? $"“{input.Name}” is required."
                : null
        );

    private static bool IsValue(JsonElement value) => value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    private static string Unknown(string name, HashSet<string> names) =>
        names.Count == 0 ? "This workflow has no inputs." : $"This workflow has no input “{name}”.{Spelling.DidYouMean(name, names)}";
}
