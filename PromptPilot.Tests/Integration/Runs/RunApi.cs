using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>Workflows and runs over the HTTP API, as a program would use it.</summary>
internal sealed class RunApi(HttpClient http)
{
    public HttpClient Http => http;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task<string> AddProfileAsync(string endpoint, string name = "Fake", object? limits = null)
    {
        var made = await SendAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name,
                provider = "openai-compatible",
                endpoint,
                model = "fake-1",
                parameters = new { temperature = 0.2, maxTokens = 500 },
                prices = new { inputPerMillion = 1.5, outputPerMillion = 2 },
                limits,
            }
        );
        return made.GetProperty("id").GetString()!;
    }

    /// <summary>A prompt with typed variables; its id.</summary>
    public async Task<string> AddPromptAsync(string name, string content, params (string Name, string Type)[] variables)
    {
        var made = await SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name,
                content,
                variableDefinitions = variables.Select(variable => new { name = variable.Name, type = variable.Type }),
            }
        );
        return made.GetProperty("id").GetString()!;
    }

    /// <summary>
    /// A published workflow with an input <c>text</c>. A step is an output key and the keys it reads; its prompt is <c>KEY: {{ a }} …</c>.
    /// </summary>
    public async Task<string> AddWorkflowAsync(string profileId, params (string Key, string[] Reads)[] steps)
    {
        var unique = Guid.NewGuid().ToString("N")[..8];
        var definitions = new List<object>();
        foreach (var (key, reads) in steps)
        {
            var content = $"{key}: {string.Join(' ', reads.Select(read => $"{{{{ {read} }}}}"))}";
            var prompt = await SendAsync(
                HttpMethod.Post,
                "prompts",
                new
                {
                    name = $"{key} {unique}",
                    content,
                    metadata = new { category = "test", tags = Array.Empty<string>() },
                }
            );
            definitions.Add(
                new
                {
                    promptId = prompt.GetProperty("id").GetString(),
                    model = profileId,
                    inputMapping = reads.ToDictionary(read => read, read => read),
                    outputKey = key,
                    order = definitions.Count + 1,
                }
            );
        }

        var workflow = await SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = $"Workflow {unique}",
                inputs = new[]
                {
                    new
                    {
                        name = "text",
                        type = "text",
                        required = true,
                    },
                },
                steps = definitions,
            }
        );
        var id = workflow.GetProperty("id").GetString()!;
        await SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        return id;
    }

    public async Task<string> StartRunAsync(string workflowId, string text = "hello") =>
        (await SendAsync(HttpMethod.Post, $"workflows/{workflowId}/runs", new { inputs = new { text } })).GetProperty("id").GetString()!;

    public async Task<JsonElement> RunAsync(string workflowId, string text = "hello") =>
        await SendAsync(HttpMethod.Post, $"workflows/{workflowId}/runs?wait=60", new { inputs = new { text } });

    /// <summary>A workflow as it was answered, to be changed and sent back.</summary>
    public async Task<System.Text.Json.Nodes.JsonNode> FindWorkflowAsync(string id) =>
        System.Text.Json.Nodes.JsonNode.Parse((await SendAsync(HttpMethod.Get, $"workflows/{id}", null)).GetRawText())!;

    public Task<JsonElement> FindAsync(string runId) => SendAsync(HttpMethod.Get, $"runs/{runId}", null);

    /// <summary>The run, once it has ended.</summary>
    public async Task<JsonElement> EndOfAsync(string runId, int seconds = 30)
    {
        JsonElement run = default;
        await Eventually.HoldsAsync(
            async () =>
            {
                run = await FindAsync(runId);
                return run.TryGetProperty("finishedAt", out _);
            },
            $"run {runId} to end",
            TimeSpan.FromSeconds(seconds)
        );
        return run;
    }

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body)
    {
        using var answer = await TrySendAsync(method, path, body);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        answer.IsSuccessStatusCode.Should().BeTrue($"{method} {path} must succeed, but answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    public async Task<HttpResponseMessage> TrySendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri($"/api/v1/{path}", UriKind.Relative))
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        return await http.SendAsync(request, Cancellation);
    }
}

internal static class JsonElementExtensions
{
    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
