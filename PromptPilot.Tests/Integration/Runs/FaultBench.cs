using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Runs;

/// <summary>
/// One portal and one fake server for many runs at the same time. A run's text holds its mark, <c>#MARK-ITEM</c>, by which the server knows
/// whose call it is.
/// </summary>
public sealed partial class FaultBench : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Func<string, int, FakeAnswer>> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private HttpClient _http = null!;
    private string _healthy = "";
    private string _one = "";
    private string _two = "";

    internal FakeModelServer Model { get; private set; } = null!;

    internal RunApi Api { get; private set; } = null!;

    public PortalHost Portal { get; private set; } = null!;

    /// <summary>Configuration keys; set before the start.</summary>
    public Dictionary<string, string?> Settings { get; } = new() { ["PromptPilot:Runs:RetryDelayMilliseconds"] = "1" };

    /// <summary>Registrations that replace the host's own; set before the start.</summary>
    public Action<IServiceCollection> Services { get; set; } = _ => { };

    public async ValueTask InitializeAsync()
    {
        Model = await FakeModelServer.StartAsync();
        Model.Script = Answer;
        Portal = await PortalHost.StartAsync(new PortalOptions { Settings = Settings, Services = Services });
        _http = Portal.CreateAdminClient();
        Api = new RunApi(_http);
        _healthy = await AddProfileAsync();
        _one = await AddPromptAsync("one", "one: {{ text }}");
        _two = await AddPromptAsync("two", "two {{ mark }}: {{ one }}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Portal.DisposeAsync();
        await Model.DisposeAsync();
    }

    /// <summary>A mark of its own, whose calls of step <c>one</c> are answered so: item and number of the item's call, from 1.</summary>
    internal string Mark(Func<string, int, FakeAnswer> answer)
    {
        var mark = Guid.NewGuid().ToString("N");
        _scripts[mark] = answer;
        return mark;
    }

    /// <summary>The calls of step <c>one</c> with a mark, in order of arrival.</summary>
    internal List<FakeCall> CallsOf(string mark, string item = "") =>
        [.. Model.Calls.Where(call => call.Prompt.StartsWith($"one: #{mark}-{item}", StringComparison.Ordinal))];

    internal Task<string> AddProfileAsync(
        object? limits = null,
        string? endpoint = null,
        decimal? dayBudget = null,
        params string[] fallbacks
    ) =>
        IdAsync(
            "model-profiles",
            new
            {
                name = $"Fake {Guid.NewGuid():N}",
                provider = "openai-compatible",
                endpoint = endpoint ?? Model.Endpoint,
                model = "fake-1",
                parameters = new { temperature = 0.2, maxTokens = 500 },
                prices = new { inputPerMillion = 1.5, outputPerMillion = 2 },
                limits,
                budgets = new { day = dayBudget },
                fallbacks,
            }
        );

    /// <summary>
    /// A published workflow: step <c>one</c> reads the text or goes through its items, step <c>two</c> reads <c>one</c> on a profile that
    /// always works.
    /// </summary>
    /// <param name="options">Fields of step <c>one</c>.</param>
    /// <param name="alone">Without step <c>two</c>.</param>
    internal async Task<string> AddWorkflowAsync(
        string profile,
        Dictionary<string, object?>? options = null,
        object? limits = null,
        bool alone = false
    )
    {
        var forEach = options?.ContainsKey("forEach") == true;
        var one = new Dictionary<string, object?>(options ?? [])
        {
            ["promptId"] = _one,
            ["model"] = profile,
            ["inputMapping"] = new { text = forEach ? "item" : "text" },
            ["outputKey"] = "one",
            ["order"] = 1,
        };
        var two = new
        {
            promptId = _two,
            model = _healthy,
            inputMapping = new { mark = "mark", one = "one" },
            outputKey = "two",
            order = 2,
        };
        var inputs = new[]
        {
            new
            {
                name = "text",
                type = "text",
                required = true,
            },
            new
            {
                name = "mark",
                type = "text",
                required = true,
            },
        };
        var id = await IdAsync(
            "workflows",
            new
            {
                name = $"Workflow {Guid.NewGuid():N}",
                inputs,
                steps = alone ? [one] : new object[] { one, two },
                limits,
            }
        );
        await Api.SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        return id;
    }

    /// <summary>A run with a mark, once it has ended.</summary>
    /// <param name="items">The items of its list.</param>
    internal Task<JsonElement> RunAsync(string workflow, string mark, params string[] items) =>
        SendRunAsync(workflow, mark, items, "?wait=60");

    internal async Task<string> StartRunAsync(string workflow, string mark, params string[] items) =>
        (await SendRunAsync(workflow, mark, items, "")).Text("id");

    private Task<JsonElement> SendRunAsync(string workflow, string mark, string[] items, string query)
    {
        var text = string.Join(',', (items.Length == 0 ? [""] : items).Select(item => $"#{mark}-{item}"));
        return Api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/runs{query}", new { inputs = new { text, mark } });
    }

    private Task<string> AddPromptAsync(string name, string content) =>
        IdAsync(
            "prompts",
            new
            {
                name,
                content,
                metadata = new { category = "test", tags = Array.Empty<string>() },
            }
        );

    private async Task<string> IdAsync(string path, object body) => (await Api.SendAsync(HttpMethod.Post, path, body)).Text("id");

    private FakeAnswer? Answer(FakeCall call)
    {
        if (Marked().Match(call.Prompt) is not { Success: true } match || !_scripts.TryGetValue(match.Groups[1].Value, out var script))
        {
            return null;
        }

        return script(match.Groups[2].Value, _calls.AddOrUpdate(match.Value, 1, (_, count) => count + 1));
    }

    [GeneratedRegex(@"^one: #(\w+)-(\w*)")]
    private static partial Regex Marked();
}
