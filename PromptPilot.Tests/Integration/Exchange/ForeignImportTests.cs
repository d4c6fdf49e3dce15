using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Tests.Unit.Exchange;

namespace PromptPilot.Tests.Integration.Exchange;

/// <summary>Files of other tools, imported over HTTP.</summary>
public sealed class ForeignImportTests(SharedPortal portal) : IClassFixture<SharedPortal>, IDisposable
{
    private readonly HttpClient _client = portal.Host.CreateAdminClient();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    /// <summary>The report of each file: what is done with what, and what is said about it.</summary>
    public static TheoryData<string, string> Reports { get; } =
        new()
        {
            {
                "promptfooconfig.yaml",
                """
                    create prompt promptfooconfig.yaml › promptfooconfig 1
                      Providers are not imported. Choose a model profile where the prompt is used.
                    refuse prompt promptfooconfig.yaml › promptfooconfig 2
                      Its text is elsewhere (file://other.txt). Import that file itself, if it is text.
                    create testSet promptfooconfig.yaml › test set promptfooconfig
                      The assertion “llm-rubric” of all tests has no equivalent here and is not imported.
                      “French”: the assertion “latency” applies only to this test and is not imported.
                      It tests “promptfooconfig 1”, the first imported prompt. Copy it for the others.
                    """
            },
            {
                "langfuse.json",
                """
                    create prompt langfuse.json › greet
                      Model and parameters were not imported. Choose a model profile where the prompt is used.
                      A new prompt gets 1 earlier version too.
                    create prompt langfuse.json › talk
                    """
            },
            {
                "openai.json",
                """
                    create prompt openai.json
                      Model and parameters were not imported. Choose a model profile where the prompt is used.
                    """
            },
            { "hub.json", "create prompt hub.json" },
            {
                "basic.prompty",
                """
                    create prompt basic.prompty
                      The model is not imported. Choose a model profile where the prompt is used.
                    """
            },
            {
                "dify.yml",
                """
                    create prompt dify.yml
                      Line 1: “start.notes” is now the variable “notes”.
                      Only prompts are imported. Chain them in a workflow here.
                      These nodes are not imported: 1 × code.
                    """
            },
            {
                "n8n.json",
                """
                    create prompt n8n.json
                      Line 1: “$json.body” is now the variable “body”.
                      Only prompts are imported. Chain them in a workflow here.
                      These nodes are not imported: 1 × n8n-nodes-base.webhook.
                    """
            },
            { "plain.txt", "create prompt plain.txt" },
        };

    [Theory]
    [MemberData(nameof(Reports))]
    public async Task File_HasItsReport(string name, string expected)
    {
        var report = await ImportAsync("?preview=true&leaveOutRefused=true", (name, ForeignFileTests.TextOf(name)));

        report.GetProperty("applied").GetBoolean().Should().BeFalse();
        Lines(report).Should().Be(expected);
    }

    [Fact]
    public async Task Files_OfAllTools_AreImportedTogether_AndAgainChangeNothing()
    {
        var files = ForeignFileTests.Files.Select(row => (row.Data.Item1, row.Data.Item2)).ToArray();

        // A portal of its own: the reports of the other tests say what a portal without these files would create.
        await using var host = await PortalHost.StartAsync();
        using var client = host.CreateAdminClient();

        var report = await ImportAsync(client, "?leaveOutRefused=true", files);
        var again = await ImportAsync(client, "?leaveOutRefused=true", files);

        report.GetProperty("created").GetInt32().Should().Be(10);
        report.GetProperty("refused").GetInt32().Should().Be(1, "a prompt is in another file");
        again.GetProperty("created").GetInt32().Should().Be(0);
        again.GetProperty("changed").GetInt32().Should().Be(0, Lines(again));
    }

    [Theory]
    [InlineData("dify.yml", ForeignFlowTests.Dify, 4, "write_answer")]
    [InlineData("n8n.json", ForeignFlowTests.N8n, 3, "answer_the_customer")]
    public async Task Flow_OfPromptsOnly_BecomesAWorkflowThatCanBePublished(string name, string text, int created, string lastKey)
    {
        var profile = $"For {name}";
        await new RunApi(_client).AddProfileAsync("http://127.0.0.1:9/v1", profile);
        var models = Uri.EscapeDataString($$"""{"gpt-4o-mini":"{{profile}}","gpt-4o":"{{profile}}"}""");

        var unchosen = await ImportAsync("?preview=true", (name, text));
        var report = await ImportAsync($"?models={models}", (name, text));
        var again = await ImportAsync($"?models={models}", (name, text));

        Lines(unchosen).Should().Contain("there is no model profile “gpt-4o-mini”. Choose one of yours instead.");
        report.GetProperty("created").GetInt32().Should().Be(created, Lines(report));
        again.GetProperty("same").GetInt32().Should().Be(created, Lines(again));
        Lines(report).Should().NotContain("Resolve before publishing");
        var id = report.GetProperty("items").EnumerateArray().Single(item => item.Text("kind") == "workflow").Text("id");
        var version = await new RunApi(_client).SendAsync(HttpMethod.Post, $"workflows/{id}/publish", null);
        version.GetRawText().Should().Contain(lastKey);
    }

    [Fact]
    public async Task Langfuse_BringsAllVersions_EachWithItsLabels()
    {
        var text = """
            {"data":[{"name":"All of it","type":"text","version":3,"prompt":"Three {{name}}","labels":["latest","staging"]},
             {"name":"All of it","type":"text","version":1,"prompt":"One {{name}}","labels":["production","staging"]},
             {"name":"All of it","type":"text","version":2,"prompt":"Two {{> partial}}","labels":["broken"]}]}
            """;

        var report = await ImportAsync("?leaveOutRefused=true", ("export.json", text));

        var item = report.GetProperty("items")[0];
        item.GetProperty("notes")
            .EnumerateArray()
            .Select(note => note.GetString())
            .Should()
            .Contain("A new prompt gets 1 earlier version too.");
        item.GetRawText().Should().Contain("Version 2 is not imported.");
        var id = item.Text("id");
        await using var db = await portal.Host.Contexts.CreateDbContextAsync(Token);
        var versions = await db
            .PromptVersions.Where(version => version.PromptId == id)
            .OrderBy(version => version.Number)
            .ToListAsync(Token);
        versions
            .Select(version => (version.Version, version.Content))
            .Should()
            .Equal(("1.0.0", "One {{ name }}"), ("3.0.0", "Three {{ name }}"));
        var labels = await db.PromptLabels.Where(label => label.PromptId == id).ToDictionaryAsync(label => label.Name, Token);
        labels["production"].PromptVersionId.Should().Be(versions[0].Id);
        labels["staging"].PromptVersionId.Should().Be(versions[1].Id);
        labels.Should().HaveCount(2);
        (await new RunApi(_client).SendAsync(HttpMethod.Get, "prompts/by-name/All%20of%20it?label=production", null))
            .Text("content")
            .Should()
            .Be("One {{ name }}");
    }

    [Fact]
    public async Task Table_BecomesTheTestSetOfThePromptItIsNamedLike_WithItsTypes()
    {
        var api = new RunApi(_client);
        await api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = "Counted",
                content = "{{ text }} {{ count }}",
                variableDefinitions = new object[] { new { name = "text", type = "text" }, new { name = "count", type = "number" } },
            }
        );
        const string Csv = "\uFEFFtext,count,name,expected,tags\nHello,3,First,3,\"a, b\"\n\"two\nlines\",4.5,Second,,\n";

        var unnamed = await ImportAsync("?preview=true", ("cases.csv", Csv));
        var wrong = await ImportAsync("?preview=true", ("Counted.csv", "text,count\nHello,many\n"));
        var report = await ImportAsync("", ("Counted.csv", Csv));
        var again = await ImportAsync("", ("Counted.csv", Csv));

        Lines(unnamed).Should().Contain("refuse").And.Contain("Name the file after the prompt or workflow that its rows test");
        Lines(wrong).Should().Contain("Row 1: “many” in column “count” is not a number.");
        report.GetProperty("created").GetInt32().Should().Be(1);
        again.GetProperty("same").GetInt32().Should().Be(1);
        var id = report.GetProperty("items")[0].Text("id");
        await using var db = await portal.Host.Contexts.CreateDbContextAsync(Token);
        var cases = await db.TestCases.Where(test => test.TestSetId == id).OrderBy(test => test.Number).ToListAsync(Token);
        cases.Select(test => (test.Name, test.Expected)).Should().Equal(("First", "3"), ("Second", null));
        cases[0].Inputs["count"].GetInt32().Should().Be(3);
        cases[1].Inputs["text"].GetString().Should().Be("two\nlines");
        cases[0].Tags.Should().Equal("a", "b");
    }

    [Fact]
    public async Task Table_OfAnExistingSet_KeepsItsChecks()
    {
        const string Set = """
            testSet: Checked
            prompt: Checked
            checks:
              - kind: contains
                value: yes
            cases:
              - name: Old
                inputs:
                  text: before
            """;
        await ImportAsync(
            "",
            ("checked.md", "---\nname: Checked\n---\n{{ text }}\n"),
            ("set.yaml", Set.Replace("value: yes", "value: \"yes\""))
        );

        var report = await ImportAsync("", ("Checked.csv", "text,name\nafter,New\n"));

        Lines(report).Should().Contain("change").And.Contain("1 case is not in the file and will be deleted.");
        var id = report.GetProperty("items")[0].Text("id");
        await using var db = await portal.Host.Contexts.CreateDbContextAsync(Token);
        (await db.TestSets.SingleAsync(set => set.Id == id, Token)).Checks.Should().ContainSingle().Which.Value.Should().Be("yes");
        (await db.TestCases.Where(test => test.TestSetId == id).Select(test => test.Name).ToListAsync(Token)).Should().Equal("New");
    }

    private static string Lines(JsonElement report) =>
        string.Join(
            '\n',
            report
                .GetProperty("items")
                .EnumerateArray()
                .SelectMany(item =>
                    Texts(item, "reasons")
                        .Concat(Texts(item, "notes"))
                        .Select(text => $"  {text}")
                        .Prepend($"{item.Text("action")} {item.Text("kind")} {item.Text("file")}")
                )
        );

    private static IEnumerable<string> Texts(JsonElement item, string field) =>
        item.TryGetProperty(field, out var list) ? list.EnumerateArray().Select(text => text.GetString()!) : [];

    private Task<JsonElement> ImportAsync(string query, params (string Name, string Text)[] files) => ImportAsync(_client, query, files);

    private static async Task<JsonElement> ImportAsync(HttpClient client, string query, (string Name, string Text)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, text) in files)
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            form.Add(content, "files", name);
        }

        using var answer = await client.PostAsync(new Uri($"/api/v1/import{query}", UriKind.Relative), form, Token);
        var body = await answer.Content.ReadAsStringAsync(Token);
        answer.IsSuccessStatusCode.Should().BeTrue(body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }
}
