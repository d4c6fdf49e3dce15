using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>A case in the form. Values are texts until it is saved.</summary>
public sealed class CaseDraft
{
    private readonly Dictionary<string, string> _inputs = new(StringComparer.Ordinal);

    /// <summary>Null for a new case.</summary>
    public string? Id { get; private init; }

    public string Name { get; set; } = "";

    public string Expected { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>Inputs that the prompt no longer reads; they are kept.</summary>
    private IReadOnlyDictionary<string, JsonElement> Before { get; init; } = new Dictionary<string, JsonElement>();

    public static CaseDraft Of(TestCaseItem test)
    {
        var draft = new CaseDraft
        {
            Id = test.Id,
            Name = test.Name,
            Expected = test.Expected ?? "",
            Tags = test.Tags,
            Before = test.Inputs,
        };
        foreach (var (name, value) in test.Inputs)
        {
            draft._inputs[name] = CaseValues.Text(value) ?? "";
        }

        return draft;
    }

    public string Get(string variable) => _inputs.GetValueOrDefault(variable, "");

    public void Set(string variable, string? text) => _inputs[variable] = text ?? "";

    /// <returns>A problem at the input whose text is not of the variable's type.</returns>
    public Result<TestCaseContent> ToContent(IReadOnlyList<TestVariable> variables)
    {
        var inputs = new Dictionary<string, JsonElement>(Before, StringComparer.Ordinal);
        foreach (var variable in variables)
        {
            var text = Get(variable.Name);
            inputs.Remove(variable.Name);
            if (text.Length == 0)
            {
                continue;
            }

            if (CaseValues.Parse(text, variable.Type) is not { } value)
            {
                return Problem.AtField(
                    $"inputs.{variable.Name}",
                    $"“{variable.Name}” must be a {variable.Type.ToString().ToLowerInvariant()} value. Correct it, then save again."
                );
            }

            inputs[variable.Name] = value;
        }

        return new TestCaseContent(Name, inputs, Expected, Tags);
    }
}
