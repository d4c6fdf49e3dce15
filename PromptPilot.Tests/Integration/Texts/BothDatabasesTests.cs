using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Texts;

/// <summary>Odd texts and values give the same on SQLite and on PostgreSQL, by two published portals.</summary>
[Trait("Database", "PostgreSQL")]
[Trait("Category", "Soak")]
public sealed class BothDatabasesTests(PublishedBuild build)
{
    private const int AtOnce = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_OfOddTexts_GiveTheSameOnBothDatabases()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        var count = Figures.FromEnvironment("SOAK_TEXTS", 1000);
        var texts = OddTexts.Take(count * 2).ToList();
        await using var model = await FakeModelServer.StartAsync();
        // The first step gets an odd answer, in halves, and the second one what it was asked.
        model.Script = call =>
            call.Prompt.StartsWith("one: #", StringComparison.Ordinal)
                ? Halves(texts[count + int.Parse(call.Prompt[6..].Split(' ')[0], CultureInfo.InvariantCulture)])
                : FakeAnswer.Of(call.Prompt) with
                {
                    Escaped = true,
                };
        await using var postgres = await PublishedPortal.StartAsync(build);
        await using var sqlite = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { [PostgresConnection.Key] = null },
            migrates: true
        );

        var onPostgres = await RunAllAsync(postgres, model, texts.Take(count));
        var onSqlite = await RunAllAsync(sqlite, model, texts.Take(count));

        var different = Enumerable.Range(0, count).Where(i => onPostgres[i] != onSqlite[i]).ToList();
        Figures.Tell(
            $"{count} runs of odd texts on both databases: {onSqlite.Count(answer => answer.Contains("\"succeeded\""))} succeeded, ",
            $"{onSqlite.Count(answer => answer.Contains("\"failed\""))} failed, ",
            $"{onSqlite.Count(answer => answer.StartsWith("400", StringComparison.Ordinal))} were refused, {different.Count} differ"
        );
        different.Select(i => $"{onSqlite[i]}\n{onPostgres[i]}").Take(3).Should().BeEmpty();
        onSqlite.Should().Contain(answer => answer.Contains("\"succeeded\"")).And.NotContain(answer => answer.StartsWith('5'));
    }

    /// <summary>Names, texts, categories and tags of prompts: in by HTTP, listed in order, and exported.</summary>
    [Fact]
    public async Task Prompts_WithOddNames_AreListedAndExportedTheSameOnBothDatabases()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        var count = Figures.FromEnvironment("SOAK_TEXTS", 1000);
        var texts = OddTexts.Take(count * 2).ToList();
        await using var postgres = await PublishedPortal.StartAsync(build);
        await using var sqlite = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { [PostgresConnection.Key] = null },
            migrates: true
        );

        var onPostgres = await AddPromptsAsync(postgres, texts);
        var onSqlite = await AddPromptsAsync(sqlite, texts);

        var (exported, expected) = (await ExportAsync(postgres), await ExportAsync(sqlite));
        Figures.Tell(
            $"{count} prompts with odd names on both databases: ",
            $"{onSqlite.Count(answer => answer.StartsWith("201", StringComparison.Ordinal))} created, ",
            $"{onSqlite.Count(answer => answer.StartsWith("400", StringComparison.Ordinal))} refused, ",
            $"{onSqlite.Except(onPostgres).Count()} answers and {expected.Except(exported).Count()} exported files differ"
        );
        Differences(onSqlite, onPostgres).Should().BeEmpty();
        Differences([.. expected.Order(StringComparer.Ordinal)], [.. exported.Order(StringComparer.Ordinal)]).Should().BeEmpty();
        onSqlite.Should().Contain(answer => answer.StartsWith("201")).And.NotContain(answer => answer.StartsWith('5'));
    }

    /// <summary>Numbers, dates and nested values as JSON writes them, as inputs of runs and as limits of lists.</summary>
    [Fact]
    public async Task Values_AtTheEdgesOfTheirTypes_GiveTheSameOnBothDatabases()
    {
        Assert.SkipUnless(PostgresDatabase.IsUsed, "PROMPTPILOT_TEST_POSTGRES names no server.");
        await using var model = await FakeModelServer.StartAsync();
        await using var postgres = await PublishedPortal.StartAsync(build);
        await using var sqlite = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?> { [PostgresConnection.Key] = null },
            migrates: true
        );

        var onPostgres = await SendValuesAsync(postgres, model);
        var onSqlite = await SendValuesAsync(sqlite, model);

        Figures.Tell(
            $"{onSqlite.Length} values and dates at the edges: {onSqlite.Count(answer => answer.Contains("\"succeeded\""))} runs ",
            $"succeeded, {onSqlite.Count(answer => answer.StartsWith("400", StringComparison.Ordinal))} were refused, ",
            $"{Differences(onSqlite, onPostgres).Count} differ"
        );
        Differences(onSqlite, onPostgres).Should().BeEmpty();
        onSqlite.Should().Contain(answer => answer.Contains("\"succeeded\"")).And.NotContain(answer => answer.StartsWith('5'));
    }

    private static List<string> Differences(string[] onSqlite, string[] onPostgres) =>
        [
            .. Enumerable
                .Range(0, Math.Max(onSqlite.Length, onPostgres.Length))
                .Where(i => onSqlite.ElementAtOrDefault(i) != onPostgres.ElementAtOrDefault(i))
                .Select(i => $"{onSqlite.ElementAtOrDefault(i)}\n{onPostgres.ElementAtOrDefault(i)}"),
        ];

    /// <summary>The answers to each prompt, then the names in the order of the list.</summary>
    private static async Task<string[]> AddPromptsAsync(PublishedPortal portal, IReadOnlyList<string> texts)
    {
        using var http = portal.CreateClient();
        var count = texts.Count / 2;
        var answers = new string[count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation },
            async (i, token) =>
            {
                // Names begin oddly, too, and their order depends on it.
                var name = i % 2 == 0 ? $"{texts[i]} {i}" : $"{i} {texts[i]}";
                var body =
                    $"{{\"name\":{OddTexts.Json(name)},\"content\":{OddTexts.Json(Storable(texts[count + i]))},"
                    + $"\"metadata\":{{\"category\":{OddTexts.Json(Storable(Short(texts[count - 1 - i])))},"
                    + $"\"tags\":[{OddTexts.Json(Storable(Short(texts[i])))}]}}}}";
                answers[i] = await AskAsync(http, HttpMethod.Post, "/api/v1/prompts", body, keepsNames: true, token);
            }
        );
        var all = new List<string>(answers);
        var after = "";
        do
        {
            var list = $"/api/v1/prompts?limit=200{(after.Length == 0 ? "" : $"&after={Uri.EscapeDataString(after)}")}";
            var page = JsonNode.Parse(await http.GetStringAsync(new Uri(list, UriKind.Relative), Cancellation))!;
            all.AddRange(page["items"]!.AsArray().Select(item => $"list: {item!["name"]!.GetValue<string>()}"));
            after = page["next"]?.GetValue<string>() ?? "";
        } while (after.Length > 0);

        return [.. all];
    }

    /// <summary>Only the name is refused, so that most prompts are created.</summary>
    private static string Storable(string text) => Unicode.WellFormed(text);

    private static string Short(string text) => text.Length <= 20 ? text : text[..20];

    private static async Task<string[]> ExportAsync(PublishedPortal portal)
    {
        using var http = portal.CreateClient();
        using var archive = new ZipArchive(await http.GetStreamAsync(new Uri("/api/v1/export", UriKind.Relative), Cancellation));
        var files = new List<string>();
        foreach (var entry in archive.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(Cancellation));
            files.Add($"{entry.FullName}\n{await reader.ReadToEndAsync(Cancellation)}");
        }

        return [.. files];
    }

    private static readonly string[] Values =
    [
        .. "1e400 -1e400 1e308 1e-400 5e-324 -0 -0.0 0.1 1.0 1e2 0.30000000000000004 9007199254740993 12345678901234567890123".Split(' '),
        .. "1.7976931348623157e308 79228162514264337593543950336 [1e400] {\"a\":1e400} {\"b\":1,\"a\":2} [-0.0]".Split(' '),
        .. "{\"\":0} [] {} null true \"\" \"1e400\" \"2026-02-30\" \"0001-01-01T00:00:00Z\" \"\\u0000\" {\"a\\u0000\":1} \"\\ud83d\"".Split(
            ' '
        ),
        "{\"long\":\"" + new string('x', 50_000) + "\"}",
        new string('[', 60) + new string(']', 60),
        new string('[', 600) + new string(']', 600),
    ];

    private static readonly string[] Dates =
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01",
        "1969-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "10000-01-01",
        "2026-02-30",
        "2024-02-29",
        "-0001-01-01",
        "",
    ];

    private static async Task<string[]> SendValuesAsync(PublishedPortal portal, FakeModelServer model)
    {
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var profile = await api.AddProfileAsync(model.Endpoint);
        var workflows = new List<string>();
        foreach (var type in new[] { "json", "number", "text" })
        {
            var prompt = await api.AddPromptAsync($"of {type}", "one: {{ value }}", ("value", type));
            var made = await api.SendAsync(
                HttpMethod.Post,
                "workflows",
                new
                {
                    name = $"of {type}",
                    inputs = new[] { new { name = "value", type } },
                    steps = new[]
                    {
                        new
                        {
                            promptId = prompt,
                            model = profile,
                            inputMapping = new { value = "value" },
                            outputKey = "one",
                        },
                    },
                }
            );
            await api.SendAsync(HttpMethod.Post, $"workflows/{made.Text("id")}/publish", null);
            workflows.Add(made.Text("id"));
        }

        var answers = new List<string>();
        foreach (var (workflow, value) in workflows.SelectMany(_ => Values, (workflow, value) => (workflow, value)))
        {
            var path = $"/api/v1/workflows/{workflow}/runs?wait=60";
            answers.Add(await AskAsync(http, HttpMethod.Post, path, $"{{\"inputs\":{{\"value\":{value}}}}}", false, Cancellation));
        }

        foreach (var list in new[] { "runs", "execution-logs" })
        {
            foreach (
                var date in Dates.SelectMany(date => new[] { $"from={Uri.EscapeDataString(date)}", $"to={Uri.EscapeDataString(date)}" })
            )
            {
                var answer = await AskAsync(http, HttpMethod.Get, $"/api/v1/{list}?limit=100&{date}", null, false, Cancellation);
                answers.Add($"{list} {date} {answer}");
            }
        }

        return [.. answers];
    }

    /// <summary>Status and body of an answer, without what differs between any two.</summary>
    private static async Task<string> AskAsync(
        HttpClient http,
        HttpMethod method,
        string path,
        string? json,
        bool keepsNames,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"),
        };
        using var answer = await http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var node = text.Length == 0 ? null : JsonNode.Parse(text);
        Strip(node, keepsNames);
        return $"{(int)answer.StatusCode} {node?.ToJsonString()}";
    }

    private static FakeAnswer Halves(string text) =>
        new() { Tokens = [text[..(text.Length / 2)], text[(text.Length / 2)..]], Escaped = true };

    /// <summary>The answer to each text: status and body, without ids and times.</summary>
    private static async Task<string[]> RunAllAsync(PublishedPortal portal, FakeModelServer model, IEnumerable<string> texts)
    {
        using var http = portal.CreateClient();
        http.Timeout = TimeSpan.FromMinutes(2);
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]), ("two", ["one"]));
        var all = texts.ToList();
        var answers = new string[all.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, all.Count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation },
            async (i, token) =>
            {
                var json = "{\"inputs\":{\"text\":" + OddTexts.Json($"#{i} {all[i]}") + "}}";
                answers[i] = await AskAsync(http, HttpMethod.Post, $"/api/v1/workflows/{workflow}/runs?wait=60", json, false, token);
            }
        );
        return answers;
    }

    /// <summary>Removes what differs between any two runs.</summary>
    private static void Strip(JsonNode? node, bool keepsNames)
    {
        if (node is JsonObject item)
        {
            foreach (var name in item.Select(pair => pair.Key).Where(key => IsOfOneRun(key) && !(keepsNames && key == "name")).ToList())
            {
                item.Remove(name);
            }

            foreach (var (_, value) in item)
            {
                Strip(value, keepsNames);
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var value in array)
            {
                Strip(value, keepsNames);
            }
        }
    }

    private static bool IsOfOneRun(string name) =>
        name is "id" or "traceId" or "startedBy" or "createdBy" or "timestamp" or "workflowName" or "promptName" or "name"
        || name.EndsWith("Id", StringComparison.Ordinal)
        || name.EndsWith("At", StringComparison.Ordinal)
        || name.EndsWith("Ms", StringComparison.Ordinal)
        || name.EndsWith("Seconds", StringComparison.Ordinal);
}
