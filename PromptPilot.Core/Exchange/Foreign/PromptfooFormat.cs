using System.Text.Json;
using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Exchange.Foreign;

/// <summary>A configuration of Promptfoo: its prompts, and its tests as a test set of the first one.</summary>
internal static class PromptfooFormat
{
    public static bool Is(JsonElement value) =>
        value.Has("prompts") && (value.Has("providers") || value.Has("tests") || value.Has("targets"));

    public static IEnumerable<ForeignItem> Read(JsonElement config, string name)
    {
        var prompts = new List<ForeignItem>();
        var given = config.At("prompts") is { ValueKind: JsonValueKind.String } one ? [one] : config.ListAt("prompts");
        foreach (var prompt in given)
        {
            prompts.Add(Prompt(prompt, given.Count == 1 ? name : $"{name} {prompts.Count + 1}"));
        }

        if (prompts.Count == 0)
        {
            yield break;
        }

        prompts[0].Notes.Add("Providers are not imported. Choose a model profile where the prompt is used.");
        foreach (var prompt in prompts)
        {
            yield return prompt;
        }

        if (config.At("tests") is not null && prompts.Find(prompt => prompt.Reasons.Count == 0) is { } tested)
        {
            var set = Tests(config, name, tested.Name);
            if (prompts.Count > 1)
            {
                set.Notes.Add($"It tests “{tested.Name}”, the first imported prompt. Copy it for the others.");
            }

            yield return set;
        }
    }

    private static ForeignItem Prompt(JsonElement prompt, string name)
    {
        var item = new ForeignItem(prompt.TextAt("label") ?? name);
        var text = prompt.ValueKind == JsonValueKind.String ? prompt.GetString()! : prompt.TextAt("raw") ?? prompt.TextAt("id") ?? "";
        if (text.StartsWith("file://", StringComparison.Ordinal) || text.StartsWith("exec:", StringComparison.Ordinal))
        {
            item.Reasons.Add($"Its text is elsewhere ({Yaml.YamlReader.Short(text)}). Import that file itself, if it is text.");
            return item;
        }

        return Messages(text) is { Count: > 0 } messages
            ? item.WithMessages(messages, JinjaTemplate.Translate)
            : item.WithText(text, JinjaTemplate.Translate);
    }

    /// <summary>The messages of a text that is a list in JSON; null when it is not.</summary>
    private static IReadOnlyList<(string, string)>? Messages(string text)
    {
        if (!text.TrimStart().StartsWith('['))
        {
            return null;
        }

        try
        {
            using var list = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = ExchangeLimits.Depth });
            return
            [
                .. list
                    .RootElement.EnumerateArray()
                    .Where(message => message.Has("role"))
                    .Select(message => (message.TextAt("role") ?? "", JsonShape.TextOf(message.At("content")))),
            ];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ForeignItem Tests(JsonElement config, string name, string prompt)
    {
        var (notes, checks, cases) = (new List<string>(), new List<Check>(), new List<(TestCaseContent, CaseOrigin)>());
        foreach (var assert in config.ListAt("defaultTest", "assert"))
        {
            Take(CheckOf(assert), assert, "all tests");
        }

        if (config.At("tests") is { ValueKind: JsonValueKind.String } file)
        {
            notes.Add($"The tests of {Yaml.YamlReader.Short(file.GetString()!)} are not imported. Import its rows on the test set’s page.");
        }

        foreach (var test in config.ListAt("tests"))
        {
            var title = test.TextAt("description") ?? $"Test {cases.Count + 1}";
            string? expected = null;
            foreach (var assert in test.ListAt("assert"))
            {
                // A check belongs to the set here. What differs by case is the expected value.
                if (
                    expected is null
                    && CheckOf(assert) is { Value: { } value } check
                    && check.Kind is CheckKind.EqualTo or CheckKind.Contains
                )
                {
                    expected = value;
                    Take(check with { Value = null }, assert, title);
                }
                else
                {
                    notes.Add($"“{title}”: the assertion “{assert.TextAt("type")}” applies only to this test and is not imported.");
                }
            }

            cases.Add((new TestCaseContent(title, Inputs(test), expected, []), CaseOrigin.Manual));
        }

        var set = new ForeignItem(name) { Set = new TestSetDocument(name, prompt, [.. checks.Distinct()], cases) };
        set.Notes.AddRange(notes.Distinct());
        return set;

        void Take(Check? check, JsonElement assert, string where)
        {
            if (check is not null)
            {
                checks.Add(check);
            }
            else
            {
                notes.Add($"The assertion “{assert.TextAt("type")}” of {where} has no equivalent here and is not imported.");
            }
        }
    }

    private static Dictionary<string, JsonElement> Inputs(JsonElement test) =>
        test.At("vars") is { ValueKind: JsonValueKind.Object } vars
            ? vars.EnumerateObject().GroupBy(pair => pair.Name).ToDictionary(group => group.Key, group => group.Last().Value.Clone())
            : [];

    private static Check? CheckOf(JsonElement assert)
    {
        var value = assert.At("value") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } plain => plain.GetRawText(),
            _ => null,
        };
        return (assert.TextAt("type"), value) switch
        {
            ("equals", { } text) => new Check { Kind = CheckKind.EqualTo, Value = text },
            ("contains", { } text) => new Check { Kind = CheckKind.Contains, Value = text },
            ("icontains", { } text) => new Check
            {
                Kind = CheckKind.Contains,
                Value = text,
                IgnoreCase = true,
            },
            ("not-contains", { } text) => new Check { Kind = CheckKind.NotContains, Value = text },
            ("not-icontains", { } text) => new Check
            {
                Kind = CheckKind.NotContains,
                Value = text,
                IgnoreCase = true,
            },
            ("regex", { } text) => new Check { Kind = CheckKind.Matches, Value = text },
            ("is-json", _) when assert.At("value") is { ValueKind: JsonValueKind.Object } schema => new Check
            {
                Kind = CheckKind.Schema,
                Schema = schema.Clone(),
            },
            _ => null,
        };
    }
}
