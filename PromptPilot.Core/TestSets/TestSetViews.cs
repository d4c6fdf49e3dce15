using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.TestSets;

/// <summary>A set, as sent.</summary>
public sealed record TestSetContent(string Name, IReadOnlyList<Check> Checks);

/// <summary>A case, as sent.</summary>
/// <param name="Name">May be empty.</param>
/// <param name="Inputs">Inputs by variable of the prompt.</param>
/// <param name="Expected">The expected output; null or empty: there is no single right answer.</param>
public sealed record TestCaseContent(
    string Name,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    string? Expected,
    IReadOnlyList<string> Tags
);

/// <summary>A set in a list.</summary>
public sealed record TestSetListItem(
    string Id,
    string Name,
    string PromptId,
    string PromptName,
    int Version,
    int Cases,
    DateTime UpdatedAt
);

/// <summary>A set with its cases.</summary>
/// <param name="Variables">The variables of the newest version of the prompt: the columns of the table.</param>
public sealed record TestSetView(
    string Id,
    string Name,
    string PromptId,
    string PromptName,
    IReadOnlyList<TestVariable> Variables,
    IReadOnlyList<Check> Checks,
    int Version,
    IReadOnlyList<TestCaseItem> Cases,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision
);

/// <summary>A variable of the prompt: a column of the table.</summary>
public sealed record TestVariable(string Name, VariableType Type);

/// <summary>A case of a set.</summary>
/// <param name="OriginId">The execution log that it was made from.</param>
/// <param name="CreatedBy">Id of the user who made it.</param>
public sealed record TestCaseItem(
    string Id,
    int Number,
    string Name,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    string? Expected,
    IReadOnlyList<string> Tags,
    CaseOrigin Origin,
    string? OriginId,
    string? CreatedBy
)
{
    internal static TestCaseItem Of(TestCase test) =>
        new(test.Id, test.Number, test.Name, test.Inputs, test.Expected, test.Tags, test.Origin, test.OriginId, test.CreatedBy);
}

/// <summary>The result of importing a file of cases.</summary>
public sealed record CaseImport(int Added);

/// <summary>Cases as a file.</summary>
public sealed record CaseFile(string Name, byte[] Content);
