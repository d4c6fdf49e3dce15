using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Exchange;

/// <summary>Export and import over real HTTP.</summary>
public sealed class ExchangeApiTests : IAsyncLifetime
{
    private PortalHost _portal = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Workflow_ToAnEmptyPortal_AndBack_IsTheSameByteByByte()
    {
        var workflow = await MakeWorkflowAsync(_api, "Theirs");
        var exported = await ExportAsync(_client, $"?workflow={workflow}");
        Files(exported).Keys.Should().Equal("prompts/digest.md", "prompts/lines.md", "workflows/weekly.yaml");
        Files(exported)["workflows/weekly.yaml"]
            .Should()
            .Contain("model: Theirs")
            .And.Contain("prompt: Digest")
            .And.Contain("type: webhook")
            .And.NotContain("secret");
        Files(exported)["prompts/lines.md"].Should().EndWith("---\n---\nname: trap\n---\r\n\ttab {{ x }}\n\n");

        await using var other = await PortalHost.StartAsync();
        using var client = other.CreateAdminClient();
        await new RunApi(client).AddProfileAsync("http://127.0.0.1:9/v1", "Mine");
        var preview = await ImportAsync(client, exported, "?preview=true");
        preview.GetProperty("missingModels")[0].GetProperty("name").GetString().Should().Be("Theirs");
        preview.GetProperty("refused").GetInt32().Should().Be(1);
        (await PromptCountAsync(other)).Should().Be(0, "a preview writes nothing");

        await new RunApi(client).AddProfileAsync("http://127.0.0.1:9/v1", "Theirs");
        var report = await ImportAsync(client, exported, "");
        report.GetProperty("created").GetInt32().Should().Be(3);
        (await ExportAsync(client, "")).Should().Equal(exported);
        await using var db = await other.Contexts.CreateDbContextAsync(Token);
        (await db.Triggers.SingleAsync(trigger => trigger.Type == TriggerType.Webhook, Token)).Enabled.Should().BeFalse();
        (await db.WorkflowRuns.CountAsync(Token)).Should().Be(0, "an import runs nothing");

        var again = await ImportAsync(client, exported, "");
        (again.GetProperty("same").GetInt32(), again.GetProperty("changed").GetInt32(), again.GetProperty("created").GetInt32())
            .Should()
            .Be((3, 0, 0));
    }

    [Fact]
    public async Task MissingProfile_WithAChoice_BecomesThatProfile()
    {
        var exported = await ExportAsync(_client, $"?workflow={await MakeWorkflowAsync(_api, "Theirs")}");
        await using var other = await PortalHost.StartAsync();
        using var client = other.CreateAdminClient();
        await new RunApi(client).AddProfileAsync("http://127.0.0.1:9/v1", "Mine");
        var report = await ImportAsync(client, exported, "?models=" + Uri.EscapeDataString("""{"Theirs":"Mine"}"""));
        report.GetProperty("created").GetInt32().Should().Be(3);
        Files(await ExportAsync(client, ""))["workflows/weekly.yaml"].Should().Contain("model: Mine");
    }

    [Fact]
    public async Task ChangedPrompt_IsShownAsADiff_AndBecomesTheNextVersion()
    {
        var made = await _api.SendAsync(HttpMethod.Post, "prompts", new { name = "Digest", content = "Write {{ notes }} now" });
        await _api.SendAsync(HttpMethod.Put, $"prompts/{made.Text("id")}/labels/production", new { version = "1.0.0" });
        var file = "---\nname: digest\nlabels: [production, staging]\n---\nWrite {{ notes }} soon\n";
        var preview = (await ImportTextAsync(file, "?preview=true")).GetProperty("items")[0];
        preview.Text("action").Should().Be("change");
        preview.Text("version").Should().Be("1.1.0");
        preview
            .GetProperty("notes")
            .EnumerateArray()
            .Select(note => note.GetString())
            .Should()
            .Contain(note => note!.Contains("do not move labels"));
        var pieces = preview.GetProperty("diff").EnumerateArray().Select(piece => (piece.Text("kind"), piece.Text("text"))).ToList();
        pieces.Should().Contain(("removed", "now")).And.Contain(("added", "soon"));

        await ImportTextAsync(file, "");
        (await _api.SendAsync(HttpMethod.Get, "prompts/by-name/Digest?label=production", null)).Text("version").Should().Be("1.0.0");
        (await _api.SendAsync(HttpMethod.Get, "prompts/by-name/Digest?label=staging", null))
            .Text("content")
            .Should()
            .Be("Write {{ notes }} soon");
    }

    [Fact]
    public async Task OneBadFile_RefusesAll_UnlessItIsLeftOut()
    {
        var zip = Zip(("good.md", "---\nname: Good\n---\nHello\n"), ("bad.md", "---\nname: Bad\n---\n{{ x | nope }}\n"));
        using var refused = await TryImportAsync(_client, zip, "application/zip", "");
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Token)).Should().Contain("bad.md").And.Contain("nope");
        (await PromptCountAsync(_portal)).Should().Be(0);
        (await ImportAsync(_client, zip, "?leaveOutRefused=true")).GetProperty("created").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task ChangedSincePreview_ImportsNothing()
    {
        var zip = Zip(("a.md", "---\nname: A\n---\nHello\n"));
        var seen = (await ImportAsync(_client, zip, "?preview=true")).Text("fingerprint");
        await _api.SendAsync(HttpMethod.Post, "prompts", new { name = "a", content = "Mine" });
        using var stale = await TryImportAsync(_client, zip, "application/zip", $"?fingerprint={seen}");
        stale.StatusCode.Should().Be(HttpStatusCode.PreconditionFailed);
        (await _api.SendAsync(HttpMethod.Get, "prompts/by-name/a", null)).Text("content").Should().Be("Mine");
    }

    [Fact]
    public async Task Form_OfSeveralFiles_IsOneImport()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("---\nname: One\n---\n1\n"), "file", "one.md" },
            { new StringContent("---\nname: Two\n---\n2\n"), "file", "two.md" },
        };
        using var answer = await _client.PostAsync("/api/v1/import", form, Token);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        (await PromptCountAsync(_portal)).Should().Be(2);
    }

    [Fact]
    public async Task Rights_AreThoseOfTheDesign()
    {
        using var viewer = _portal.CreateClient(await _portal.AddPersonAsync(Role.Viewer));
        (await ExportAsync(viewer, "")).Should().NotBeEmpty();
        using var refused = await TryImportAsync(viewer, Zip(("a.md", "---\nname: A\n---\nx\n")), "application/zip", "?preview=true");
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        using var nobody = _portal.CreateClient();
        using var sent = await nobody.GetAsync("/api/v1/export", Token);
        sent.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        using var page = await nobody.GetAsync("/export", Token);
        page.StatusCode.Should().Be(HttpStatusCode.Unauthorized, "only a page leads to the sign-in");
    }

    [Theory]
    [InlineData("text/html", "{}", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "{}", HttpStatusCode.BadRequest)]
    [InlineData("application/zip", "hello", HttpStatusCode.BadRequest)]
    [InlineData("application/yaml", "a: &a [x]\nb: *a", HttpStatusCode.BadRequest)]
    public async Task Nonsense_IsAProblem(string type, string body, HttpStatusCode status)
    {
        using var answer = await TryImportAsync(_client, Encoding.UTF8.GetBytes(body), type, "");
        answer.StatusCode.Should().Be(status);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task ThousandPrompts_ComeInQuickly_AndOthersWriteMeanwhile()
    {
        var zip = Zip([
            .. Enumerable
                .Range(0, 1_000)
                .Select(i =>
                    (
                        $"prompts/p{i}.md",
                        $"---\nname: Prompt {i}\ncategory: many\ntags: [a, b]\nvariables:\n  - name: notes\n    example: "
                            + $"hello\n---\nSummarize the following notes, number {i}, for {{{{ reader "
                            + $"}}}}:\n{string.Concat(Enumerable.Repeat("A line of the prompt that says what to do.\n", 20))}{{{{ "
                            + $"notes }}}}\n"
                    )
                ),
        ]);
        var clock = Stopwatch.StartNew();
        await ImportAsync(_client, zip, "?preview=true");
        var preview = clock.Elapsed;
        clock.Restart();
        var import = ImportAsync(_client, zip, "");
        var longest = TimeSpan.Zero;
        while (!import.IsCompleted)
        {
            var other = Stopwatch.StartNew();
            using var read = await _client.GetAsync("/api/v1/prompts?limit=20", Token);
            read.StatusCode.Should().Be(HttpStatusCode.OK);
            longest = other.Elapsed > longest ? other.Elapsed : longest;
        }

        (await import).GetProperty("created").GetInt32().Should().Be(1_000);
        var imported = clock.Elapsed;
        clock.Restart();
        var exported = await ExportAsync(_client, "");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"1,000 prompts: preview {preview.TotalMilliseconds:N0} ms, import {imported.TotalMilliseconds:N0} ms, export "
                + $"{clock.Elapsed.TotalMilliseconds:N0} ms; the longest read meanwhile {longest.TotalMilliseconds:N0} ms"
        );
        Files(exported).Should().HaveCount(1_000);
        imported.Should().BeLessThan(TimeSpan.FromSeconds(20));
        longest.Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    internal static async Task<byte[]> ExportAsync(HttpClient client, string query)
    {
        using var answer = await client.GetAsync($"/api/v1/export{query}", Token);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return await answer.Content.ReadAsByteArrayAsync(Token);
    }

    internal static async Task<JsonElement> ImportAsync(HttpClient client, byte[] zip, string query)
    {
        using var answer = await TryImportAsync(client, zip, "application/zip", query);
        var text = await answer.Content.ReadAsStringAsync(Token);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    internal static SortedDictionary<string, string> Files(byte[] zip)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            files.Add(entry.FullName, reader.ReadToEnd());
        }

        return files;
    }

    internal static byte[] Zip(params (string Path, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                using var stream = archive.CreateEntry(path).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return memory.ToArray();
    }

    private static async Task<HttpResponseMessage> TryImportAsync(HttpClient client, byte[] body, string type, string query)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        return await client.PostAsync($"/api/v1/import{query}", content, Token);
    }

    private async Task<JsonElement> ImportTextAsync(string text, string query)
    {
        using var answer = await TryImportAsync(_client, Encoding.UTF8.GetBytes(text), "text/markdown", query);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private static async Task<int> PromptCountAsync(PortalHost portal)
    {
        await using var db = await portal.Contexts.CreateDbContextAsync(Token);
        return await db.Prompts.CountAsync(Token);
    }

    /// <summary>With a label, every option, a trigger, and a text that tries to look like the format.</summary>
    private async Task<string> MakeWorkflowAsync(RunApi api, string profileName)
    {
        var profile = await api.AddProfileAsync("http://127.0.0.1:9/v1", profileName);
        var digest = await api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = "Digest",
                content = "Write {{ notes }}",
                systemMessage = "Be brief.\nBe kind.",
                metadata = new { category = "writing", tags = new[] { "weekly", "yes" } },
            }
        );
        await api.SendAsync(HttpMethod.Put, $"prompts/{digest.Text("id")}/labels/production", new { version = "1.0.0" });
        var lines = await api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = "Lines",
                content = "---\nname: trap\n---\r\n\ttab {{ x }}\n",
                variableDefinitions = new[]
                {
                    new
                    {
                        name = "x",
                        type = "json",
                        @default = new { a = new object?[] { 1.50m, null, "null", "#" } },
                        description = "two\nlines",
                    },
                },
            }
        );
        var workflow = await api.SendAsync(
            HttpMethod.Post,
            "workflows",
            JsonNode.Parse(
                $$$"""
                {"name": "Weekly", "description": "Two\nlines: of text", "chatInput": "text", "tags": ["a: b"], "timeoutSeconds": 600, "limits": {"runBudget": 0.25, "keepDays": 30},
                 "inputs": [{"name": "text", "type": "choice", "choices": ["yes", "on", "1"], "default": "yes", "description": "# no comment"}],
                 "steps": [
                   {"promptId": "{{{digest.Text(
                    "id"
                )}}}", "promptLabel": "production", "model": "{{{profile}}}", "inputMapping": {"notes": "text | upcase"}, "outputKey": "head", "order": 1,
                    "when": "text contains 'e'", "outputFormat": "json", "jsonSchema": {"type": "object", "properties": {"a": {"type": "number", "minimum": 1e-3} } }, "onError": "default", "defaultOutput": {"a": 1.0},
                    "review": {"instructions": "Look\ntwice", "timeoutSeconds": 3600, "onTimeout": "approve"}, "parameters": {"temperature": 0.1, "maxTokens": 50}},
                   {"promptId": "{{{lines.Text(
                    "id"
                )}}}", "promptVersion": "1.0.0", "model": "{{{profile}}}", "inputMapping": {"x": "head.a"}, "outputKey": "second", "order": 2, "forEach": "head", "maxParallelItems": 2}]}
                """
            )
        );
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        db.Triggers.Add(
            new Trigger
            {
                WorkflowId = workflow.Text("id"),
                Type = TriggerType.Webhook,
                Inputs = new() { ["text"] = JsonSerializer.SerializeToElement("on") },
                CreatedAt = TimeProvider.System.GetUtcNow().UtcDateTime,
            }
        );
        await db.SaveChangesAsync(Token);
        return workflow.Text("id");
    }
}
