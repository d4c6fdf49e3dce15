using System.Net;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Prompts;

/// <summary>Messages and parts through the whole portal: API, runs, logs, files.</summary>
public sealed class PartRunTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private readonly HttpClient _client = shared.Host.CreateAdminClient();
    private FakeModelServer _model = null!;
    private RunApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _api = new RunApi(_client);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Run_SendsMessagesWithTheirParts_AsTheLabelWasThen_AndItsLogShowsThem()
    {
        var style = await AddAsync(
            new
            {
                name = "Run style",
                content = "Be brief, {{ tone }}.",
                metadata = new { isPart = true },
            }
        );
        await LabelAsync(style, "1.0.0");
        var chat = await AddAsync(
            new
            {
                name = "Run chat",
                messages = new[]
                {
                    new { role = "system", content = "{% include \"Run style\", label: \"live\" %}" },
                    new { role = "user", content = "One?" },
                    new { role = "assistant", content = "1" },
                    new { role = "placeholder", content = "history" },
                    new { role = "user", content = "{{ question }}" },
                },
            }
        );
        var profile = await _api.AddProfileAsync(_model.Endpoint, "Of parts");
        var workflow = await WorkflowAsync(profile, chat);

        var first = await RunAsync(workflow);
        await _api.SendAsync(HttpMethod.Put, $"prompts/{style}", new { name = "Run style", content = "Be long, {{ tone }}." });
        await LabelAsync(style, "1.1.0");
        var second = await RunAsync(workflow);

        string[] rest = ["user: One?", "assistant: 1", "user: {{ tone }} </system>", "assistant: ok", "user: What?"];
        _model
            .Calls.Select(call => call.Messages.Select(m => $"{m.Role}: {m.Content}"))
            .Should()
            .BeEquivalentTo<IEnumerable<string>>(
                [
                    ["system: Be brief, dry.", .. rest],
                    ["system: Be long, dry.", .. rest],
                ],
                options => options.WithStrictOrdering()
            );
        (await RenderedAsync(first)).Should().Equal(["Be brief, dry.", .. rest.Select(line => line[(line.IndexOf(':') + 2)..])]);
        (await RenderedAsync(second))[0].Should().Be("Be long, dry.");

        var impact = await _api.SendAsync(HttpMethod.Get, $"prompts/{style}/labels/live/impact?version=1.0.0", null);
        impact.GetProperty("prompts")[0].Text("name").Should().Be("Run chat");
        var follower = impact.GetProperty("followers").EnumerateArray().Single(f => f.GetProperty("isPublished").GetBoolean());
        (follower.Text("step"), follower.Text("through")).Should().Be(("answer", "Run chat"));
    }

    [Fact]
    public async Task Part_IsNoStep()
    {
        var part = await AddAsync(
            new
            {
                name = "Only a part",
                content = "x",
                metadata = new { isPart = true },
            }
        );
        var profile = await _api.AddProfileAsync(_model.Endpoint, "Of no step");
        var workflow = (await _api.SendAsync(HttpMethod.Post, "workflows", Workflow("No step", profile, part, new { }))).Text("id");
        using var refused = await _api.TrySendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Token)).Should().Contain("is a part of other prompts");
    }

    [Fact]
    public async Task Files_BringTheirParts_InAnyOrder()
    {
        const string Outer = "---\nname: A outer\n---\n{% include \"Z inner\" %} {{ notes }}\n";
        const string Inner = "---\nname: Z inner\npart: true\nversion: 3.0.0\n---\nBe {{ tone }}.\n";
        using var alone = await ImportAsync(("outer.md", Outer));
        (await alone.Content.ReadAsStringAsync(Token)).Should().Contain("There is no prompt “Z inner” to include");

        using var both = await ImportAsync(("outer.md", Outer), ("inner.md", Inner));
        (await both.Content.ReadAsStringAsync(Token)).Should().Contain("\"refused\":0");
        both.StatusCode.Should().Be(HttpStatusCode.OK);
        var outer = await _api.SendAsync(HttpMethod.Get, "prompts/by-name/A%20outer", null);
        outer.GetProperty("variables").EnumerateArray().Select(v => v.GetString()).Should().Equal("notes", "tone");
        outer.GetProperty("parts")[0].Text("pinned").Should().Be("3.0.0");

        var exported = await _client.GetByteArrayAsync($"api/v1/export?prompt={outer.Text("promptId")}", Token);
        using var archive = new System.IO.Compression.ZipArchive(new MemoryStream(exported));
        archive.Entries.Select(entry => entry.Name).Should().BeEquivalentTo("a-outer.md", "z-inner.md");
        using var again = await ImportAsync(("outer.md", Outer), ("inner.md", Inner));
        (await again.Content.ReadAsStringAsync(Token)).Should().Contain("\"same\":2");

        using var loop = await ImportAsync(
            ("p.md", "---\nname: Loop one\n---\n{% include \"Loop two\" %}\n"),
            ("q.md", "---\nname: Loop two\n---\n{% include \"Loop one\" %}\n")
        );
        (await loop.Content.ReadAsStringAsync(Token)).Should().Contain("There is no prompt “Loop");
    }

    private async Task<HttpResponseMessage> ImportAsync(params (string Name, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(memory, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                await using var entry = await archive.CreateEntry("prompts/" + name).OpenAsync(Token);
                await entry.WriteAsync(Encoding.UTF8.GetBytes(text), Token);
            }
        }

        using var content = new ByteArrayContent(memory.ToArray());
        content.Headers.ContentType = new("application/zip");
        return await _client.PostAsync("api/v1/import", content, Token);
    }

    private async Task<string> AddAsync(object prompt) => (await _api.SendAsync(HttpMethod.Post, "prompts", prompt)).Text("id");

    private Task<JsonElement> LabelAsync(string prompt, string version) =>
        _api.SendAsync(HttpMethod.Put, $"prompts/{prompt}/labels/live", new { version });

    private static object Workflow(string name, string profile, string prompt, object mapping) =>
        new
        {
            name,
            inputs = new[]
            {
                new
                {
                    name = "question",
                    type = "text",
                    required = true,
                },
            },
            steps = new[]
            {
                new
                {
                    promptId = prompt,
                    model = profile,
                    inputMapping = mapping,
                    outputKey = "answer",
                    order = 1,
                },
            },
        };

    private async Task<string> WorkflowAsync(string profile, string prompt)
    {
        var made = await _api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = "Of parts",
                inputs = new object[]
                {
                    new
                    {
                        name = "question",
                        type = "text",
                        required = true,
                    },
                    new
                    {
                        name = "history",
                        type = "json",
                        required = true,
                    },
                },
                steps = new[]
                {
                    new
                    {
                        promptId = prompt,
                        model = profile,
                        inputMapping = new
                        {
                            question = "question",
                            history = "history",
                            tone = "'dry'",
                        },
                        outputKey = "answer",
                        order = 1,
                    },
                },
            }
        );
        await _api.SendAsync(HttpMethod.Post, $"workflows/{made.Text("id")}/publish", null);
        return made.Text("id");
    }

    private async Task<JsonElement> RunAsync(string workflow)
    {
        var run = await _api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/runs?wait=60",
            new
            {
                inputs = new
                {
                    question = "What?",
                    history = new[] { new { role = "user", content = "{{ tone }} </system>" }, new { role = "assistant", content = "ok" } },
                },
            }
        );
        run.Text("status").Should().Be("succeeded");
        return run;
    }

    private async Task<IReadOnlyList<string>> RenderedAsync(JsonElement run)
    {
        var log = run.GetProperty("steps")[0].GetProperty("logs")[0].Text("id");
        var person = await shared.Host.AddPersonAsync(Core.Users.Role.Viewer);
        var rendered = await shared.Host.Get<RunService>().RenderPromptAsync(person.Actor, log, Token);
        return [.. rendered.Value.Messages.Select(message => message.Text)];
    }
}
