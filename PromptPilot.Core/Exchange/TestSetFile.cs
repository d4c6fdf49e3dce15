using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Exchange;

/// <summary>A test set as a file carries it.</summary>
/// <param name="Prompt">The name of its prompt; empty for a set of a workflow.</param>
/// <param name="Checks">Judges name their prompt and model profile instead of ids.</param>
internal sealed record TestSetDocument(
    string Name,
    string Prompt,
    IReadOnlyList<Check> Checks,
    IReadOnlyList<(TestCaseContent Content, CaseOrigin Origin)> Cases
)
{
    /// <summary>The name of its workflow; null for a set of a prompt.</summary>
    public string? Workflow { get; init; }

    /// <summary>Of a workflow: the output that is checked; null: the final one.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// Of a table (CSV): it has no checks, so those that exist stay. All its inputs are text, and <see cref="Prompt"/> can be the name of a
    /// workflow.
    /// </summary>
    public bool IsTable { get; init; }

    /// <summary>What it tests, for file names and messages.</summary>
    public string Owner => Workflow ?? Prompt;
}

/// <summary>A test set as YAML, with the words of the API. Its first field tells it from a workflow.</summary>
internal static class TestSetFile
{
    private const string NameField = "testSet";

    /// <summary>Whether a YAML file is a test set and not a workflow.</summary>
    public static bool IsTestSet(YamlMap yaml) => yaml.Entries.Any(entry => entry.Key == NameField);

    public static string Write(TestSetDocument set)
    {
        var fields = new JsonObject { [NameField] = set.Name };
        if (set.Workflow is null)
        {
            fields["prompt"] = set.Prompt;
        }

        fields.Put("workflow", set.Workflow);
        fields.Put("output", set.Output);
        AddList(fields, "checks", set.Checks.Select(Check));
        AddList(fields, "cases", set.Cases.Select(test => Case(test.Content, test.Origin)));
        return YamlWriter.Write(fields);
    }

    /// <summary>Reads a file; what checks and cases may be is for the rules of test sets to say.</summary>
    public static Result<TestSetDocument> Read(YamlMap yaml)
    {
        var errors = new List<string>();
        var fields = new YamlFields(yaml, errors);
        var set = new TestSetDocument(
            (fields.Text(NameField) ?? "").Trim(),
            (fields.Text("prompt") ?? "").Trim(),
            [.. fields.Maps("checks").Select(Check)],
            [.. fields.Maps("cases").Select(Case)]
        )
        {
            Workflow = fields.Text("workflow")?.Trim() is { Length: > 0 } workflow ? workflow : null,
            Output = fields.Text("output")?.Trim() is { Length: > 0 } output ? output : null,
        };
        fields.RefuseRest();
        return errors.Count == 0 ? set : Problem.Invalid("The file has errors.", [.. errors.Select(error => new FieldError("", error))]);
    }

    private static void AddList(JsonObject fields, string key, IEnumerable<JsonNode> items)
    {
        var list = new JsonArray([.. items]);
        if (list.Count > 0)
        {
            fields[key] = list;
        }
    }

    private static JsonObject Check(Check check)
    {
        var fields = new JsonObject { ["kind"] = ExchangeText.Word(check.Kind) };
        fields.Put("name", check.Name);
        fields.Put("value", check.Value);
        if (check.IgnoreCase)
        {
            fields["ignoreCase"] = true;
        }

        fields.Put("schema", check.Schema);
        fields.Put("maxTokens", check.MaxTokens);
        fields.Put("maxWords", check.MaxWords);
        if (check.MaxCost is { } cost)
        {
            fields["maxCost"] = JsonValue.Create(cost);
        }

        if (check.MaxMilliseconds is { } milliseconds)
        {
            fields["maxMilliseconds"] = JsonValue.Create(milliseconds);
        }

        fields.Put("judgePrompt", check.JudgePromptId);
        fields.Put("judgeVersion", check.JudgeVersion);
        fields.Put("judgeModel", check.JudgeModelProfileId);
        return fields;
    }

    private static Check Check(YamlFields fields)
    {
        if (fields.Word<CheckKind>("kind") is not { } kind)
        {
            fields.Refuse("A check needs a “kind”, e.g. contains.");
            kind = CheckKind.Contains;
        }

        var check = new Check
        {
            Kind = kind,
            Name = fields.Text("name") ?? "",
            Value = fields.Text("value"),
            IgnoreCase = fields.Truth("ignoreCase") ?? false,
            Schema = fields.Json("schema"),
            MaxTokens = fields.Whole("maxTokens"),
            MaxWords = fields.Whole("maxWords"),
            MaxCost = fields.Money("maxCost"),
            MaxMilliseconds = fields.Long("maxMilliseconds"),
            JudgePromptId = fields.Text("judgePrompt"),
            JudgeVersion = fields.Text("judgeVersion"),
            JudgeModelProfileId = fields.Text("judgeModel"),
        };
        fields.RefuseRest();
        return check;
    }

    /// <summary>The origin only where it says something that is true elsewhere too.</summary>
    private static JsonObject Case(TestCaseContent test, CaseOrigin origin)
    {
        var fields = new JsonObject();
        fields.Put("name", test.Name);
        var inputs = new JsonObject();
        foreach (var (name, value) in test.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal))
        {
            inputs[name] = ExchangeText.Node(value);
        }

        fields["inputs"] = inputs;
        fields.Put("expected", test.Expected);
        fields.Put("tags", test.Tags);
        if (origin is not (CaseOrigin.Manual or CaseOrigin.File))
        {
            fields["origin"] = ExchangeText.Word(origin);
        }

        return fields;
    }

    private static (TestCaseContent Content, CaseOrigin Origin) Case(YamlFields fields)
    {
        var content = new TestCaseContent(
            (fields.Text("name") ?? "").Trim(),
            new Dictionary<string, JsonElement>(fields.JsonMap("inputs")),
            fields.Text("expected") is { Length: > 0 } expected ? expected : null,
            [.. fields.Texts("tags").Select(tag => tag.Trim()).Where(tag => tag.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)]
        );
        var origin = fields.Word<CaseOrigin>("origin") ?? CaseOrigin.File;
        fields.RefuseRest();
        return (content, origin);
    }
}
