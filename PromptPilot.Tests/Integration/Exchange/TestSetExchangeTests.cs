using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.TestSets;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Exchange;

/// <summary>Test sets as YAML, out and in, over real HTTP.</summary>
public sealed class TestSetExchangeTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private readonly string _unique = Guid.NewGuid().ToString("N")[..8];
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private string _promptId = "";
    private string _setId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = shared.Host.CreateAdminClient();
        _api = new RunApi(_client);
        var profile = await _api.AddProfileAsync("http://127.0.0.1:9/v1", $"Judging {_unique}");
        _promptId = await AddPromptAsync($"Tested {_unique}", "Sum up: {{ notes }}");
        var judge = await AddPromptAsync($"Judge {_unique}", "Is it good? {{ output }}");
        var set = await _api.SendAsync(
            HttpMethod.Post,
            "test-sets",
            new
            {
                promptId = _promptId,
                name = "Core",
                checks = new object[]
                {
                    new { kind = "contains", value = "Friday" },
                    new
                    {
                        kind = "judge",
                        judgePromptId = judge,
                        judgeVersion = "1.0.0",
                        judgeModelProfileId = profile,
                    },
                },
            }
        );
        _setId = set.Text("id");
        await AddCaseAsync("First", "They meet.", expected: "On Friday");
        await AddCaseAsync("", "No one\ncame: 'really'.");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Prompt_IsExportedWithItsSetsAndJudges_AndImportedAsItWas()
    {
        var exported = await ExportAsync($"?prompt={_promptId}");
        Files(exported)
            .Keys.Should()
            .Equal($"prompts/judge-{_unique}.md", $"prompts/tested-{_unique}.md", $"test-sets/tested-{_unique}-core.yaml");
        var file = Files(exported)[$"test-sets/tested-{_unique}-core.yaml"];
        file.Should()
            .StartWith($"testSet: Core\nprompt: Tested {_unique}\nchecks:\n  - kind: contains\n")
            .And.Contain($"judgePrompt: Judge {_unique}")
            .And.Contain($"judgeModel: Judging {_unique}");

        (await ImportAsync(exported, "application/zip")).GetProperty("same").GetInt32().Should().Be(3);
        using var deleted = await _api.TrySendAsync(HttpMethod.Delete, $"test-sets/{_setId}", null);
        deleted.IsSuccessStatusCode.Should().BeTrue();
        var report = await ImportAsync(exported, "application/zip");

        report.GetProperty("created").GetInt32().Should().Be(1);
        report.GetProperty("same").GetInt32().Should().Be(2);
        (await ExportAsync($"?prompt={_promptId}")).Should().Equal(exported);
    }

    [Fact]
    public async Task Set_AsAFile_IsYaml_AndAnImportOfAChangedOneKeepsCasesThatStay()
    {
        var yaml = Encoding.UTF8.GetString(await ExportAsync($"?testSet={_setId}&as=file"));
        var before = await SetAsync();
        var changed =
            yaml.Replace("value: Friday", "value: Monday", StringComparison.Ordinal)
                .Replace("On Friday", "On Monday", StringComparison.Ordinal)
            + "  - name: Third\n    inputs:\n      notes: New\n    origin: example\n";

        var preview = await ImportAsync(changed, "application/yaml", "?preview=true");
        preview.GetProperty("items")[0].Text("kind").Should().Be("testSet");
        preview.GetProperty("items")[0].Text("action").Should().Be("change");
        (await SetAsync()).GetRawText().Should().Be(before.GetRawText(), "a preview writes nothing");
        await ImportAsync(changed, "application/yaml");

        var after = await SetAsync();
        after.GetProperty("version").GetInt32().Should().Be(before.GetProperty("version").GetInt32() + 1);
        after.GetProperty("checks")[0].Text("value").Should().Be("Monday");
        Cases(after).Select(test => test.Text("id")).Take(2).Should().Equal(Cases(before).Select(test => test.Text("id")));
        Cases(after)[0].Text("expected").Should().Be("On Monday");
        Cases(after)[2].Text("origin").Should().Be("example");
        (await ImportAsync(changed, "application/yaml")).GetProperty("same").GetInt32().Should().Be(1, "it is there just so");
        Encoding.UTF8.GetString(await ExportAsync($"?testSet={_setId}&as=file")).Should().Be(changed);
    }

    [Fact]
    public async Task SetOfAWorkflow_IsExportedWithIt_AndImportedAsItWas()
    {
        var name = $"Flow {_unique}";
        var profile = await _api.AddProfileAsync("http://127.0.0.1:9/v1", $"Flowing {_unique}");
        var step = new
        {
            promptId = _promptId,
            model = profile,
            inputMapping = new { notes = "notes" },
            outputKey = "digest",
        };
        var workflow = await _api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name,
                inputs = new[] { new { name = "notes", type = "text" } },
                steps = new[] { step },
            }
        );
        var set = await _api.SendAsync(
            HttpMethod.Post,
            "test-sets",
            new
            {
                workflowId = workflow.Text("id"),
                name = "Flows",
                outputKey = "digest",
                checks = new[] { new { kind = "contains", value = "Friday" } },
            }
        );
        await _api.SendAsync(HttpMethod.Post, $"test-sets/{set.Text("id")}/cases", new { inputs = new { notes = "They meet." } });

        var exported = await ExportAsync($"?workflow={workflow.Text("id")}");
        var file = Files(exported)[$"test-sets/flow-{_unique}-flows.yaml"];
        file.Should().StartWith($"testSet: Flows\nworkflow: {name}\noutput: digest\nchecks:\n");
        using var deleted = await _api.TrySendAsync(HttpMethod.Delete, $"test-sets/{set.Text("id")}", null);
        deleted.IsSuccessStatusCode.Should().BeTrue();
        (await ImportAsync(exported, "application/zip")).GetProperty("created").GetInt32().Should().Be(1);
        (await ExportAsync($"?workflow={workflow.Text("id")}")).Should().Equal(exported);

        var wrong = file.Replace("output: digest", "output: nothing", StringComparison.Ordinal);
        var preview = await ImportAsync(wrong, "application/yaml", "?preview=true");
        preview.GetProperty("items")[0].GetProperty("reasons")[0].GetString().Should().Contain("no output “nothing”");
        var missing = file.Replace(name, "No such", StringComparison.Ordinal);
        preview = await ImportAsync(missing, "application/yaml", "?preview=true");
        preview.GetProperty("items")[0].GetProperty("reasons")[0].GetString().Should().Contain("There is no workflow “No such");
    }

    [Fact]
    public async Task Import_WithoutSomeCases_SaysSo_AndTakesThemOutOfStoredVersionsToo()
    {
        var yaml = Encoding.UTF8.GetString(await ExportAsync($"?testSet={_setId}&as=file"));
        var gone = Cases(await SetAsync())[1].Text("id");
        await using (var db = await shared.Host.Contexts.CreateDbContextAsync(Token))
        {
            db.TestSetVersions.Add(
                new TestSetVersion
                {
                    TestSetId = _setId,
                    Number = 1,
                    Cases = [new FrozenCase(gone, 2, "", [], "Personal")],
                }
            );
            await db.SaveChangesAsync(Token);
        }

        var shorter = yaml[..yaml.IndexOf("  - inputs:", StringComparison.Ordinal)];
        var report = await ImportAsync(shorter, "application/yaml");

        report.GetProperty("items")[0].GetProperty("notes")[0].GetString().Should().Contain("1 case is not in the file");
        Cases(await SetAsync()).Should().ContainSingle();
        await using var after = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await after.TestSetVersions.SingleAsync(version => version.TestSetId == _setId, Token)).Cases.Should().BeEmpty();
    }

    [Theory]
    [InlineData("prompt: Tested", "prompt: No such", "There is no prompt “No such")]
    [InlineData("judgePrompt: Judge", "judgePrompt: No such", "there is no prompt “No such")]
    [InlineData("judgeModel: Judging", "judgeModel: No such", "there is no model profile “No such")]
    [InlineData("testSet: Core", "testSet: \"\"", "Enter a name.")]
    [InlineData("kind: contains", "kind: matches\n    name: \"a(\"", "Two checks|regular expression|Friday")]
    public async Task Import_OfWhatCannotBe_IsRefusedWithReasons(string from, string to, string words)
    {
        var yaml = Encoding.UTF8.GetString(await ExportAsync($"?testSet={_setId}&as=file"));
        var wrong = yaml.Replace(from, to, StringComparison.Ordinal).Replace("value: Friday", "value: \"a(\"", StringComparison.Ordinal);

        var preview = await ImportAsync(wrong, "application/yaml", "?preview=true");

        var item = preview.GetProperty("items")[0];
        item.Text("action").Should().Be("refuse");
        string.Join(' ', item.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()))
            .Should()
            .ContainAny(words.Split('|'));
        if (words.Contains("profile", StringComparison.Ordinal))
        {
            preview.GetProperty("missingModels")[0].GetProperty("workflows")[0].GetString().Should().Be("Core");
        }
    }

    private async Task<string> AddPromptAsync(string name, string content) =>
        (await _api.SendAsync(HttpMethod.Post, "prompts", new { name, content })).Text("id");

    private Task<JsonElement> AddCaseAsync(string name, string notes, string? expected = null) =>
        _api.SendAsync(
            HttpMethod.Post,
            $"test-sets/{_setId}/cases",
            new
            {
                name,
                inputs = new { notes },
                expected,
            }
        );

    private Task<JsonElement> SetAsync() => _api.SendAsync(HttpMethod.Get, $"test-sets/{_setId}", null);

    private static List<JsonElement> Cases(JsonElement set) => [.. set.GetProperty("cases").EnumerateArray()];

    private Task<byte[]> ExportAsync(string query) => _client.GetByteArrayAsync(new Uri($"/api/v1/export{query}", UriKind.Relative), Token);

    private static SortedDictionary<string, string> Files(byte[] archive)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var zip = new ZipArchive(new MemoryStream(archive));
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            files[entry.FullName] = reader.ReadToEnd();
        }

        return files;
    }

    private Task<JsonElement> ImportAsync(string text, string type, string query = "") =>
        ImportAsync(Encoding.UTF8.GetBytes(text), type, query);

    private async Task<JsonElement> ImportAsync(byte[] body, string type, string query = "")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(type);
        using var answer = await _client.PostAsync(new Uri($"/api/v1/import{query}", UriKind.Relative), content, Token);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Token));
    }
}
