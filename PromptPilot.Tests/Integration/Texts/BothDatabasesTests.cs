using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Texts;

/// <summary>Runs of odd texts give the same on SQLite and on PostgreSQL, by two published portals.</summary>
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
                using var body = new StringContent(json, Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync(
                    new Uri($"/api/v1/workflows/{workflow}/runs?wait=60", UriKind.Relative),
                    body,
                    token
                );
                var node = JsonNode.Parse(await answer.Content.ReadAsStringAsync(token))!;
                Strip(node);
                answers[i] = $"{(int)answer.StatusCode} {node.ToJsonString()}";
            }
        );
        return answers;
    }

    /// <summary>Removes what differs between any two runs.</summary>
    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject item)
        {
            foreach (var name in item.Select(pair => pair.Key).Where(IsOfOneRun).ToList())
            {
                item.Remove(name);
            }

            foreach (var (_, value) in item)
            {
                Strip(value);
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var value in array)
            {
                Strip(value);
            }
        }
    }

    private static bool IsOfOneRun(string name) =>
        name is "id" or "traceId" or "workflowName" or "promptName" or "name"
        || name.EndsWith("Id", StringComparison.Ordinal)
        || name.EndsWith("At", StringComparison.Ordinal)
        || name.EndsWith("Ms", StringComparison.Ordinal)
        || name.EndsWith("Seconds", StringComparison.Ordinal);
}
