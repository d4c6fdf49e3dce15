using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.TestSets;

/// <summary>A set, as sent.</summary>
public sealed record TestSetContent(string Name, IReadOnlyList<Check> Checks)
{
    /// <summary>Of a set for a workflow: the output that is compared and checked; null or empty: the final one.</summary>
    public string? OutputKey { get; init; }
}

/// <summary>A case, as sent.</summary>
/// <param name="Name">May be empty.</param>
/// <param name="Inputs">Values by variable of the prompt or input of the workflow.</param>
/// <param name="Expected">The expected output; null or empty: there is no single right answer.</param>
public sealed record TestCaseContent(
    string Name,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    string? Expected,
    IReadOnlyList<string> Tags
);

/// <summary>A set in a list.</summary>
/// <param name="PromptId">Null: it tests a workflow.</param>
public sealed record TestSetListItem(
    string Id,
    string Name,
    string? PromptId,
    string? PromptName,
    int Version,
    int Cases,
    DateTime UpdatedAt
)
{
    /// <summary>The workflow that it tests; null: it tests a prompt.</summary>
    public string? WorkflowId { get; init; }

    public string? WorkflowName { get; init; }
}

/// <summary>A set with its cases.</summary>
/// <param name="PromptId">Null: it tests a workflow.</param>
/// <param name="Variables">
/// The variables of the newest version of the prompt, or the inputs of the workflow's draft: the columns of the table.
/// </param>
public sealed record TestSetView(
    string Id,
    string Name,
    string? PromptId,
    string? PromptName,
    IReadOnlyList<TestVariable> Variables,
    IReadOnlyList<Check> Checks,
    int Version,
    IReadOnlyList<TestCaseItem> Cases,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision
)
{
    /// <summary>The workflow that it tests; null: it tests a prompt.</summary>
    public string? WorkflowId { get; init; }

    public string? WorkflowName { get; init; }

    /// <summary>Of a workflow: the output that is compared and checked; null: the final one.</summary>
    public string? OutputKey { get; init; }

    /// <summary>Of a workflow: the outputs of its draft, to choose from.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];
}

/// <summary>A variable of the prompt or input of the workflow: a column of the table.</summary>
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
