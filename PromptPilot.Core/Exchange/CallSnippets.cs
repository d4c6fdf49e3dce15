using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange;

/// <summary>A text that works when pasted.</summary>
/// <param name="Name">As a tab: curl, C#, JavaScript, Python.</param>
public sealed record CallSnippet(string Name, string Text);

/// <summary>
/// How programs call the portal: for a shell, for C#, for JavaScript and for Python. Names and values come from people, so each is written
/// as a literal of its language, in which it can be nothing but itself.
/// The key is never in it: it comes from the environment variable <c>PROMPTPILOT_KEY</c>. The C# works as <c>dotnet run file.cs</c> too,
/// where JSON is read without reflection.
/// </summary>
public static class CallSnippets
{
    public const string KeyVariable = "PROMPTPILOT_KEY";

    /// <summary>Fetching a prompt by its name.</summary>
    public static IReadOnlyList<CallSnippet> OfPrompt(Uri portal, string name, string? label)
    {
        var address =
            $"{Base(portal)}/api/v1/prompts/by-name/{Uri.EscapeDataString(name)}"
            + (label is null ? "" : $"?label={Uri.EscapeDataString(label)}");
        return
        [
            new CallSnippet("curl", $"curl -fsS -H \"Authorization: Bearer ${KeyVariable}\" \\\n  {Shell(address)}\n"),
            new CallSnippet(
                "C#",
                $$"""
                using System.Net.Http.Headers;
                using System.Text.Json;

                using var http = new HttpClient();
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("{{KeyVariable}}"));
                using var prompt = JsonDocument.Parse(await http.GetStringAsync({{Literal(address)}}));
                Console.WriteLine(prompt.RootElement.GetProperty("content").GetString());

                """
            ),
            new CallSnippet(
                "JavaScript",
                $$"""
                const response = await fetch({{Literal(address)}}, {
                  headers: { Authorization: `Bearer ${process.env.{{KeyVariable}}}` },
                });
                if (!response.ok) throw new Error(await response.text());
                const prompt = await response.json();
                console.log(prompt.content);

                """
            ),
            new CallSnippet(
                "Python",
                $$"""
                import json, os, urllib.request

                request = urllib.request.Request(
                    {{Literal(address)}},
                    headers={"Authorization": "Bearer " + os.environ["{{KeyVariable}}"]},
                )
                with urllib.request.urlopen(request) as response:
                    prompt = json.load(response)
                print(prompt["content"])

                """
            ),
        ];
    }

    /// <summary>Calling a model with a prompt, and getting its answer.</summary>
    /// <param name="variables">Names and example values.</param>
    public static IReadOnlyList<CallSnippet> OfCompletion(
        Uri portal,
        string name,
        string? label,
        IReadOnlyList<KeyValuePair<string, JsonElement>> variables
    )
    {
        var body = label is null ? new JsonObject() : new JsonObject { ["label"] = label };
        body["variables"] = Values(variables);
        return Post(
            $"{Base(portal)}/api/v1/prompts/by-name/{Uri.EscapeDataString(name)}/complete",
            body,
            new Answer("answer", "answer.RootElement.GetProperty(\"output\").GetString()", "answer.output", "answer[\"output\"]")
        );
    }

    /// <summary>Running a workflow and waiting for its outputs.</summary>
    /// <param name="inputs">Names and example values.</param>
    public static IReadOnlyList<CallSnippet> OfWorkflow(
        Uri portal,
        string workflowId,
        IReadOnlyList<KeyValuePair<string, JsonElement>> inputs
    )
    {
        return Post(
            $"{Base(portal)}/api/v1/workflows/{Uri.EscapeDataString(workflowId)}/runs?wait=60",
            new JsonObject { ["inputs"] = Values(inputs) },
            new Answer(
                "run",
                "$\"{run.RootElement.GetProperty(\"status\")} {run.RootElement.GetProperty(\"outputs\")}\"",
                "run.status, run.outputs",
                "run[\"status\"], run[\"outputs\"]"
            )
        );
    }

    /// <summary>A value that a workflow's input takes: its default where that is short, else one of its type.</summary>
    public static KeyValuePair<string, JsonElement> Example(WorkflowInput input) =>
        new(
            input.Name,
            input switch
            {
                { Default: { } value } when value.GetRawText().Length <= 200 => value,
                { Type: VariableType.Number } => JsonSerializer.SerializeToElement(1, AppJson.Options),
                { Type: VariableType.Boolean } => JsonSerializer.SerializeToElement(true, AppJson.Options),
                { Type: VariableType.Choice, Choices.Count: > 0 } => AppJson.Text(input.Choices[0]),
                { Type: VariableType.Image } => JsonSerializer.SerializeToElement(
                    new { name = "picture.png", data = "BASE64" },
                    AppJson.Options
                ),
                { Type: VariableType.Document } => JsonSerializer.SerializeToElement(
                    new { name = "document.pdf", data = "BASE64" },
                    AppJson.Options
                ),
                { Type: VariableType.Json } => JsonSerializer.SerializeToElement(Array.Empty<string>(), AppJson.Options),
                _ => AppJson.Text("Your text"),
            }
        );

    /// <summary>A value for a variable of a prompt: its example or default where that is short, else one of its type.</summary>
    public static KeyValuePair<string, JsonElement> Example(VariableDefinition variable) =>
        Example(
            new WorkflowInput
            {
                Name = variable.Name,
                Type = variable.Type,
                Default = variable.Example ?? variable.Default,
                Choices = variable.Choices,
            }
        );

    private static string Base(Uri portal) => portal.GetLeftPart(UriPartial.Authority);

    private static JsonObject Values(IReadOnlyList<KeyValuePair<string, JsonElement>> given)
    {
        var values = new JsonObject();
        foreach (var (name, value) in given)
        {
            values[name] = ExchangeText.Node(value);
        }

        return values;
    }

    /// <summary>What the texts do with the response: its name, and the expression to print in each language.</summary>
    private sealed record Answer(string Name, string CSharp, string JavaScript, string Python);

    private static IReadOnlyList<CallSnippet> Post(string address, JsonObject content, Answer answer)
    {
        var body = content.ToJsonString(new JsonSerializerOptions(AppJson.Options) { WriteIndented = true }).ReplaceLineEndings("\n");
        return
        [
            new CallSnippet(
                "curl",
                $"curl -fsS -H \"Authorization: Bearer ${KeyVariable}\" -H 'Content-Type: application/json' \\\n  "
                    + $"--data-binary {Shell(body)} \\\n  {Shell(address)}\n"
            ),
            new CallSnippet(
                "C#",
                $$"""
                using System.Net.Http.Headers;
                using System.Text;
                using System.Text.Json;

                using var http = new HttpClient();
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("{{KeyVariable}}"));
                var body = {{Literal(body)}};
                using var response = await http.PostAsync({{Literal(address)}}, new StringContent(body, Encoding.UTF8, "application/json"));
                response.EnsureSuccessStatusCode();
                using var {{answer.Name}} = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
                Console.WriteLine({{answer.CSharp}});

                """
            ),
            new CallSnippet(
                "JavaScript",
                $$"""
                const response = await fetch({{Literal(address)}}, {
                  method: "POST",
                  headers: { Authorization: `Bearer ${process.env.{{KeyVariable}}}`, "Content-Type": "application/json" },
                  body: JSON.stringify({{Script(body)}}),
                });
                if (!response.ok) throw new Error(await response.text());
                const {{answer.Name}} = await response.json();
                console.log({{answer.JavaScript}});

                """
            ),
            new CallSnippet(
                "Python",
                $$"""
                import json, os, urllib.request

                body = {{PythonText.Of(content)}}
                request = urllib.request.Request(
                    {{Literal(address)}},
                    data=json.dumps(body).encode(),
                    headers={"Authorization": "Bearer " + os.environ["{{KeyVariable}}"], "Content-Type": "application/json"},
                )
                with urllib.request.urlopen(request) as response:
                    {{answer.Name}} = json.load(response)
                print({{answer.Python}})

                """
            ),
        ];
    }

    /// <summary>In single quotes, a POSIX shell takes everything literally except a single quote.</summary>
    internal static string Shell(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>A string literal of C# and of JavaScript alike: printable ASCII stays, everything else is escaped.</summary>
    internal static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' or '\\' => literal.Append('\\').Append(letter),
                '\n' => literal.Append("\\n"),
                >= ' ' and <= '~' => literal.Append(letter),
                _ => literal.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
            };
        }

        return literal.Append('"').ToString();
    }

    /// <summary>JSON is JavaScript except for a key __proto__, which only JSON.parse reads as a name.</summary>
    private static string Script(string json) =>
        json.Contains("__proto__", StringComparison.Ordinal)
            ? $"JSON.parse({Literal(json)})"
            : json.Replace("\n", "\n  ", StringComparison.Ordinal);
}
