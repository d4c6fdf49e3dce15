using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.Exchange.Foreign.Flows;
using PromptPilot.Core.Exchange.Foreign.Templates;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;

namespace PromptPilot.Core.Exchange.Foreign;

/// <summary>Files of other tools. They are read as text: nothing in them is run, and nothing that they point to is fetched.</summary>
internal static partial class ForeignFiles
{
    private const string Unknown =
        "The format of this file is unknown. JSON files of Langfuse, OpenAI, LangChain, n8n and Promptfoo can be imported.";

    /// <summary>What a file becomes.</summary>
    /// <param name="text">Its text.</param>
    /// <returns>Null when it is one of our own files.</returns>
    public static IReadOnlyList<ParsedFile>? Parse(string path, string text)
    {
        var name = NameOf(path);
        var read = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".json" => OfJson(text, name),
            ".yaml" or ".yml" => OfYaml(text, name),
            ".prompty" => Prompty(text, name),
            ".csv" => Table(text, name),
            ".txt" => Plain(text, name),
            ".md" when !text.TrimStart('\uFEFF').StartsWith("---", StringComparison.Ordinal) && Variable().IsMatch(text) => Plain(
                text,
                name
            ),
            _ => null,
        };
        return read is not { } items ? null
            : !items.IsOk ? [Refused(path, items.Problem)]
            : items.Value.Count == 0 ? [Refused(path, Problem.Invalid("It contains no prompt that can be imported."))]
            : [.. items.Value.Select(item => Parsed(path, item, items.Value.Count))];
    }

    private static Result<IReadOnlyList<ForeignItem>> OfJson(string text, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(
                text,
                new JsonDocumentOptions { MaxDepth = ExchangeLimits.Depth, AllowTrailingCommas = true }
            );
            return Of(document.RootElement.Clone(), name) is { } items ? Result(items) : Problem.Invalid(Unknown);
        }
        catch (JsonException error)
        {
            return Problem.Invalid($"Line {(error.LineNumber ?? 0) + 1}: this is not JSON.");
        }
        catch (InvalidOperationException)
        {
            return Problem.Invalid("It contains text that is not valid Unicode.");
        }
    }

    private static Result<IReadOnlyList<ForeignItem>>? OfYaml(string text, string name)
    {
        var yaml = YamlReader.Read(text, 1);
        return yaml.IsOk && Of(yaml.Value.ToJson(), name) is { } items ? Result(items) : (Result<IReadOnlyList<ForeignItem>>?)null;
    }

    /// <returns>Null when the shape is of no known tool.</returns>
    private static IEnumerable<ForeignItem>? Of(JsonElement value, string name)
    {
        IReadOnlyList<JsonElement> list =
            value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()]
            : value.At("data") is { ValueKind: JsonValueKind.Array } ? value.ListAt("data")
            : [value];
        return value switch
        {
            _ when DifyFlow.Is(value) => DifyFlow.Read(value, name),
            _ when N8nFlow.Is(value) => N8nFlow.Read(value, name),
            _ when PromptfooFormat.Is(value) => PromptfooFormat.Read(value, name),
            _ when list.Count > 0
                    && list.All(item => item.TextAt("name") is { Length: > 0 } && item.Has("prompt") && !item.Has("object")) =>
                PromptFormats.Langfuse(list),
            _ when PromptFormats.IsLangChain(value) => [PromptFormats.LangChain(value, name)],
            _ when value.Has("messages") || value.Has("instructions") || value.TextAt("object") == "prompt" =>
            [
                PromptFormats.OpenAI(value, name),
            ],
            _ => null,
        };
    }

    /// <summary>Front matter and a text with the roles of its messages.</summary>
    private static Result<IReadOnlyList<ForeignItem>> Prompty(string text, string name)
    {
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n");
        var end = lines.StartsWith("---\n", StringComparison.Ordinal) ? lines.IndexOf("\n---\n", 3, StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            return Problem.Invalid("A .prompty file starts with a line ---, then fields, another line --- and the text of the prompt.");
        }

        var yaml = YamlReader.Read(lines[4..(end + 1)], 2);
        if (!yaml.IsOk)
        {
            return yaml.Problem;
        }

        var fields = yaml.Value.ToJson();
        Func<string, TranslatedText> dialect =
            (fields.TextAt("template") ?? fields.TextAt("template", "format")) == "mustache"
                ? PlainTemplates.Mustache
                : JinjaTemplate.Translate;
        var body = lines[(end + 5)..];
        var item = new ForeignItem(fields.TextAt("name") ?? name);
        var roles = RoleLine().Matches(body);
        if (roles.Count == 0)
        {
            item.WithText(body.Trim(), dialect);
        }
        else
        {
            item.WithMessages(
                [
                    .. roles.Select(
                        (role, i) =>
                            (
                                role.Groups["role"].Value,
                                body[(role.Index + role.Length)..(i + 1 < roles.Count ? roles[i + 1].Index : body.Length)].Trim()
                            )
                    ),
                ],
                dialect
            );
        }

        if (fields.Has("model"))
        {
            item.Notes.Add("The model is not imported. Choose a model profile where the prompt is used.");
        }

        return Result([item]);
    }

    private static Result<IReadOnlyList<ForeignItem>> Plain(string text, string name) =>
        Result([new ForeignItem(name).WithText(text.Trim(), JinjaTemplate.Translate)]);

    /// <summary>Rows of test cases, of the prompt or workflow that the file is named like.</summary>
    private static Result<IReadOnlyList<ForeignItem>> Table(string text, string name)
    {
        var cases = CaseCsv.Read(text.TrimStart('\uFEFF'), []);
        return cases.IsOk
            ? Result([
                new ForeignItem(name)
                {
                    Set = new TestSetDocument(name, name, [], [.. cases.Value.Select(row => (row, CaseOrigin.File))]) { IsTable = true },
                },
            ])
            : Problem.Invalid(cases.Problem.Errors is [var error, ..] ? error.Message : cases.Problem.Message);
    }

    private static Result<IReadOnlyList<ForeignItem>> Result(IEnumerable<ForeignItem> items) => items.ToList();

    private static ParsedFile Parsed(string path, ForeignItem item, int count)
    {
        var kind =
            item.Set is not null ? "test set "
            : item.Workflow is not null ? "workflow "
            : "";
        var place = count == 1 ? path : $"{path} › {kind}{item.Name}";
        return item.Set is not null
                ? new ParsedFile(place, ImportKind.TestSet, null, null, item.Reasons, false, item.Set) { Notes = item.Notes }
            : item.Workflow is not null
                ? new ParsedFile(place, ImportKind.Workflow, null, item.Workflow, [], false) { Notes = [.. item.Notes.Distinct()] }
            : new ParsedFile(
                place,
                ImportKind.Prompt,
                new PromptDocument(item.Draft.Normalized(), item.Version, item.Labels) { Earlier = item.Earlier },
                null,
                item.Reasons.Count > 0 ? item.Reasons : ImportParser.ReasonsOf(item.Draft),
                false
            )
            {
                Notes = [.. item.Notes.Distinct()],
            };
    }

    private static ParsedFile Refused(string path, Problem problem) => new(path, ImportKind.Prompt, null, null, [problem.Message], false);

    private static string NameOf(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path).Trim();
        return name.Length > 0 ? name : "Imported prompt";
    }

    [GeneratedRegex(@"\{\{.*?\}\}", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    [GeneratedRegex(
        @"^[ \t]*#?[ \t]*(?<role>system|user|assistant|developer)[ \t]*:[ \t]*$",
        RegexOptions.Multiline | RegexOptions.IgnoreCase
    )]
    private static partial Regex RoleLine();
}
