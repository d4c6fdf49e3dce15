using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Files;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Files;

/// <summary>Pictures and documents over HTTP: sent, used in runs, and downloaded.</summary>
public sealed class FilesApiTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private const string Document = "The lease ends on 31 March 2027. Notice is three months.";

    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private string _profile = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _client = shared.Host.CreateAdminClient();
        _api = new RunApi(_client);
        _profile = await _api.AddProfileAsync(_model.Endpoint, $"Fake {Guid.NewGuid():N}"[..20]);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Document_UploadedForARun_IsTextInThePrompt_AndAReferenceElsewhere()
    {
        var sent = await UploadAsync(_client, SampleFiles.Utf8(Document), "lease.txt");
        var file = sent.Text("file");
        (sent.Text("name"), sent.Text("type")).Should().Be(("lease.txt", "text/plain"));
        var workflow = await AddWorkflowAsync("document", "doc", "doc | upcase | truncate: 12, ''");

        var run = await StartAsync(workflow, new { file });

        run.Text("status").Should().Be("succeeded", run.ToString());
        _model.Calls[0].Prompt.Should().Be($"whole: {Document} part: THE LEASE EN");
        run.GetProperty("inputs")
            .GetProperty("file")
            .Text("name")
            .Should()
            .Be("file.txt", "the name is of the reference, and this one has none");
        var log = run.GetProperty("steps")[0].GetProperty("logs")[0].GetProperty("input");
        log.GetProperty("whole").Text("file").Should().Be(file);
        log.Text("part").Should().Be("THE LEASE EN");
        run.ToString().Should().NotContain("Notice is three months");

        var viewer = await shared.Host.AddPersonAsync(Role.Viewer);
        var id = run.GetProperty("steps")[0].GetProperty("logs")[0].Text("id");
        var rendered = await shared.Host.Get<RunService>().RenderPromptAsync(viewer.Actor, id, Token);
        rendered.Value.Messages.Single().Text.Should().Be(_model.Calls[0].Prompt);
        rendered.Value.Files.Single().Text.Should().Be(Document);
        using var reader = shared.Host.CreateClient(viewer);
        using var download = await reader.GetAsync(new Uri($"/api/v1/files/{file}?name=../lease%20%C3%BC.txt", UriKind.Relative), Token);
        (await download.Content.ReadAsByteArrayAsync(Token)).Should().Equal(SampleFiles.Utf8(Document));
        download.Content.Headers.ContentType!.MediaType.Should().Be("text/plain");
        download.Content.Headers.ContentDisposition!.DispositionType.Should().Be("attachment");
        download.Content.Headers.ContentDisposition.FileNameStar.Should().Be("lease ü.txt");
        download.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        download.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("sandbox; default-src 'none'");
    }

    [Fact]
    public async Task Document_InsideTheRequest_IsStored()
    {
        var workflow = await AddWorkflowAsync("document", "doc", "doc");
        var pdf = SampleFiles.Pdf("Invoice 4711");

        var run = await StartAsync(workflow, new { name = "invoice.pdf", data = Convert.ToBase64String(pdf) });
        var again = await StartAsync(workflow, $"data:application/pdf;base64,{Convert.ToBase64String(pdf)}");

        run.Text("status").Should().Be("succeeded", run.ToString());
        run.GetProperty("inputs").GetProperty("file").Text("name").Should().Be("invoice.pdf");
        again
            .GetProperty("inputs")
            .GetProperty("file")
            .Text("file")
            .Should()
            .Be(run.GetProperty("inputs").GetProperty("file").Text("file"));
        _model.Calls[0].Prompt.Should().Contain("Invoice 4711");
        run.ToString().Length.Should().BeLessThan(10_000);
    }

    [Fact]
    public async Task Picture_IsSentToTheModel_AndToItsFallback()
    {
        await using var failing = await FakeModelServer.StartAsync();
        failing.Default = FaultCase.All["404 model"].Answer;
        var made = await _api.SendAsync(
            HttpMethod.Post,
            "model-profiles",
            new
            {
                name = $"Failing {Guid.NewGuid():N}"[..20],
                provider = "openai-compatible",
                endpoint = failing.Endpoint,
                model = "fake-1",
                fallbacks = new[] { _profile },
            }
        );
        _profile = made.Text("id");
        var workflow = await AddWorkflowAsync("image", "doc", "doc.name");

        var run = await StartAsync(workflow, new { name = "photo.jpg", data = SamplePictures.WithSecrets(MediaTypes.Jpeg) });

        run.Text("status").Should().Be("succeeded", run.ToString());
        var url = $"data:image/jpeg;base64,{Convert.ToBase64String(SamplePictures.Plain(MediaTypes.Jpeg))}";
        failing.Calls.Single().Pictures.Should().Equal(url);
        _model.Calls.Single().Pictures.Should().Equal(url);
        _model.Calls.Single().Prompt.Should().Be("whole: [picture 1] part: photo.jpg");
        run.ToString().Should().NotContain(url);
        var id = run.GetProperty("steps")[0].GetProperty("logs")[0].Text("id");
        var admin = await shared.Host.GetAdminAsync();
        var rendered = await shared.Host.Get<RunService>().RenderPromptAsync(admin.Actor, id, Token);
        rendered.Value.Messages.Single().Text.Should().Be("whole: [picture 1] part: photo.jpg");
        rendered.Value.Files.Single().Should().Match<SentFile>(file => file.Mark == "[picture 1]" && file.File.Name == "photo.jpg");
    }

    [Fact]
    public async Task RenderedPrompt_OfAReferenceThatAModelWrote_HasNoFile()
    {
        var hidden = (await UploadAsync(_client, SampleFiles.Utf8($"hidden {Guid.NewGuid()}"), "a.txt")).Text("file");
        var written = JsonSerializer.Serialize(Reference(hidden));
        _model.Script = call => call.Prompt.StartsWith("one:", StringComparison.Ordinal) ? FakeAnswer.Of(written) : null;
        var workflow = await _api.AddWorkflowAsync(_profile, ("one", ["text"]), ("two", ["one"]));
        var draft = await _api.FindWorkflowAsync(workflow);
        draft["steps"]![0]!["outputFormat"] = "json";
        await _api.SendAsync(HttpMethod.Put, $"workflows/{workflow}", draft);
        await _api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);

        var run = await _api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/runs?wait=60", new { inputs = new { text = "x" } });

        run.Text("status").Should().Be("succeeded", run.ToString());
        _model.Calls[^1].Prompt.Should().Contain(hidden);
        var id = run.GetProperty("steps")[1].GetProperty("logs")[0].Text("id");
        var admin = await shared.Host.GetAdminAsync();
        var rendered = await shared.Host.Get<RunService>().RenderPromptAsync(admin.Actor, id, Token);
        rendered.Value.Messages.Single().Text.Should().Be(_model.Calls[^1].Prompt);
        rendered.Value.Files.Should().BeEmpty();
    }

    [Fact]
    public async Task Json_ThatNamesAFileOfSomeoneElse_IsRefused()
    {
        var owner = await shared.Host.AddPersonAsync(Role.Collaborator);
        var thief = await shared.Host.AddPersonAsync(Role.Collaborator);
        using var sender = shared.Host.CreateClient(owner);
        using var other = shared.Host.CreateClient(thief);
        var file = (await UploadAsync(sender, SampleFiles.Utf8($"private {Guid.NewGuid()}"), "a.txt")).Text("file");
        var workflow = await AddWorkflowAsync("json", "doc", "doc");
        var prompt = await _api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = $"Reads {Guid.NewGuid():N}",
                content = "Read: {{ doc }}",
                metadata = new { category = "test", tags = Array.Empty<string>() },
            }
        );

        using var run = await new RunApi(other).TrySendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/runs",
            new { inputs = new { file = Reference(file) } }
        );
        using var call = await new RunApi(other).TrySendAsync(
            HttpMethod.Post,
            $"prompts/by-name/{prompt.Text("name")}/complete",
            new { model = _profile, variables = new { doc = Reference(file) } }
        );

        foreach (var refused in new[] { run, call })
        {
            refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            (await refused.Content.ReadAsStringAsync(Token)).Should().Contain("This file is not stored here");
        }

        using var author = shared.Host.CreateClient(await shared.Host.AddPersonAsync(Role.Architect));
        var set = new StringContent(
            $"""
            testSet: Stolen
            prompt: {prompt.Text("name")}
            cases:
              - name: One
                inputs:
                  doc:
                    file: {file}
                    name: a.txt
                    type: text/plain
                    size: 9
            """,
            Encoding.UTF8,
            "application/yaml"
        );
        using var imported = await author.PostAsync(new Uri("/api/v1/import", UriKind.Relative), set, Token);
        (await imported.Content.ReadAsStringAsync(Token)).Should().Contain("\"created\":1").And.Contain("they are not stored here: a.txt");

        // The case names the file, but has no right to it: not even its length can be told.
        var sets = await new RunApi(author).SendAsync(HttpMethod.Get, $"test-sets?promptId={prompt.Text("id")}", null);
        var stolen = sets.GetProperty("items").EnumerateArray().Single(one => one.Text("name") == "Stolen").Text("id");
        var preview = await new RunApi(author).SendAsync(
            HttpMethod.Post,
            "experiments?preview=true",
            new { testSetId = stolen, variants = new[] { new { modelProfileId = _profile } } }
        );
        preview.GetProperty("costBound").GetDecimal().Should().Be(0);
        preview.ToString().Should().Contain("The file “a.txt” is not stored here");

        _model.Calls.Should().BeEmpty();
        foreach (var client in new[] { other, author })
        {
            using var download = await client.GetAsync(new Uri($"/api/v1/files/{file}", UriKind.Relative), Token);
            download.StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task FileOfSomeoneElse_IsRefusedInForksAndTestCases()
    {
        var owner = await shared.Host.AddPersonAsync(Role.Collaborator);
        var thief = await shared.Host.AddPersonAsync(Role.Architect);
        using var sender = shared.Host.CreateClient(owner);
        using var client = shared.Host.CreateClient(thief);
        var other = new RunApi(client);
        var text = $"private {Guid.NewGuid()}";
        var file = (await UploadAsync(sender, SampleFiles.Utf8(text), "a.txt")).Text("file");
        var workflow = await AddWorkflowAsync("document", "doc", "doc");
        var run = await StartAsync(workflow, Inline(SampleFiles.Utf8($"mine {Guid.NewGuid()}")));
        var (id, step) = (run.Text("id"), run.GetProperty("steps")[0].Text("stepId"));
        var prompt = await _api.AddPromptAsync($"Reads {Guid.NewGuid():N}", "Read: {{ doc }}", ("doc", "document"));
        var set = await other.SendAsync(HttpMethod.Post, "test-sets", new { name = "Thief", promptId = prompt });
        var cases = $"test-sets/{set.Text("id")}/cases";
        var own = await other.SendAsync(HttpMethod.Post, cases, new { inputs = new { note = "mine" } });
        var calls = _model.Calls.Count;

        await RefusedAtAsync(HttpMethod.Post, $"runs/{id}/fork", new { stepId = step, inputs = new { file = Reference(file) } });
        await RefusedAtAsync(HttpMethod.Post, $"runs/{id}/fork", new { stepId = step, inputs = new { file = new { file } } });
        await RefusedAtAsync(HttpMethod.Post, $"runs/{id}/fork", new { stepId = step, values = new { whole = Reference(file) } });
        await RefusedAtAsync(HttpMethod.Post, cases, new { inputs = new { doc = Reference(file) } });
        await RefusedAtAsync(HttpMethod.Post, cases, new { inputs = new { doc = new { file } } });
        await RefusedAtAsync(HttpMethod.Post, cases, new { inputs = new { note = Reference(file) } });
        await RefusedAtAsync(HttpMethod.Put, $"{cases}/{own.Text("id")}", new { inputs = new { doc = Reference(file) } });
        using var csv = new StringContent(
            $"doc\n\"{JsonSerializer.Serialize(Reference(file)).Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
            Encoding.UTF8,
            "text/csv"
        );
        using var imported = await client.PostAsync(new Uri($"/api/v1/{cases}/import", UriKind.Relative), csv, Token);
        await IsRefusedAsync(imported);
        var values = new Dictionary<string, JsonElement> { ["doc"] = JsonSerializer.SerializeToElement(Reference(file)) };
        var example = await shared.Host.Get<ExampleService>().SaveAsync(thief.Actor, prompt, "Stolen", values, Token);
        example.Problem!.Errors.Single().Message.Should().Contain("not stored here");

        _model.Calls.Should().HaveCount(calls);
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await db.FileUses.AnyAsync(use => use.Hash == file, Token)).Should().BeFalse();

        async Task RefusedAtAsync(HttpMethod method, string path, object body)
        {
            using var answer = await other.TrySendAsync(method, path, body);
            await IsRefusedAsync(answer);
        }

        async Task IsRefusedAsync(HttpResponseMessage answer)
        {
            var body = await answer.Content.ReadAsStringAsync(Token);
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, body);
            body.Should().Contain("This file is not stored here").And.NotContain(text);
        }
    }

    [Fact]
    public async Task Forecast_OfAnExperiment_CountsTheTextsOfDocuments()
    {
        var prompt = await _api.AddPromptAsync($"Sums up {Guid.NewGuid():N}", "Read: {{ file }}", ("file", "document"));
        var workflow = await AddWorkflowAsync("document", "doc", "doc");
        var usdPerByte = 1.5m / 1_000_000;

        var ofPrompt = await CostAsync(new { name = "Files", promptId = prompt }, new { modelProfileId = _profile });
        var ofWorkflow = await CostAsync(new { name = "Files", workflowId = workflow }, new { version = "1" });

        ofPrompt.Should().Be(100_000 * usdPerByte);
        ofWorkflow.Should().Be(2 * 100_000 * usdPerByte, "its step reads the document twice");

        async Task<decimal> CostAsync(object request, object variant)
        {
            var set = (await _api.SendAsync(HttpMethod.Post, "test-sets", request)).Text("id");
            var costs = new List<decimal>();
            foreach (var length in new[] { 1_000, 101_000 })
            {
                var document = Convert.ToBase64String(SampleFiles.Utf8(new string('a', length)));
                await _api.SendAsync(HttpMethod.Post, $"test-sets/{set}/cases", new { inputs = new { file = new { data = document } } });
                var preview = await _api.SendAsync(
                    HttpMethod.Post,
                    "experiments?preview=true",
                    new { testSetId = set, variants = new[] { variant } }
                );
                costs.Add(preview.GetProperty("costBound").GetDecimal());
            }

            // The second sum has both cases.
            return costs[1] - (2 * costs[0]);
        }
    }

    [Fact]
    public async Task Picture_ForAModelThatTakesNone_IsRefusedBeforeItIsSent()
    {
        var text = await AddProfileAsync(_model.Endpoint, takesPictures: false);
        await using var failing = await FakeModelServer.StartAsync();
        failing.Default = FaultCase.All["404 model"].Answer;
        var picture = new { name = "photo.jpg", data = SamplePictures.WithSecrets(MediaTypes.Jpeg) };
        _profile = await AddProfileAsync(failing.Endpoint, takesPictures: null, text);
        var workflow = await AddWorkflowAsync("image", "doc", "doc.name");

        var run = await StartAsync(workflow, picture);
        run.GetProperty("error").Text("code").Should().Be("model_unavailable", "its fallback takes no pictures and is not called");

        await _api.SendAsync(HttpMethod.Put, $"model-profiles/{_profile}", Profile(failing.Endpoint, takesPictures: false));
        (await RefusedAsync(workflow, picture))
            .Should()
            .Contain("Step “answer” sends this picture")
            .And.Contain("does not accept pictures");
        var draft = await _api.FindWorkflowAsync(workflow);
        draft["name"] = $"Changed {Guid.NewGuid():N}";
        await _api.SendAsync(HttpMethod.Put, $"workflows/{workflow}", draft);
        using var publish = await _api.TrySendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);
        (await publish.Content.ReadAsStringAsync(Token)).Should().Contain("steps[0].model").And.Contain("does not accept pictures");
        _model.Calls.Should().BeEmpty();
        failing.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task WrongFiles_AreRefusedAtTheirField_AndNothingRuns()
    {
        var documents = await AddWorkflowAsync("document", "doc", "doc");
        var pictures = await AddWorkflowAsync("image", "doc", "doc");

        (await RefusedAsync(documents, "just text")).Should().Contain("This must be a document");
        (await RefusedAsync(documents, new { data = "%%%" })).Should().Contain("not valid base64");
        (await RefusedAsync(documents, new { url = "http://169.254.169.254/" })).Should().Contain("Addresses are not fetched");
        (await RefusedAsync(documents, new { file = new string('a', 64) })).Should().Contain("not stored here");
        (await RefusedAsync(documents, Inline(SampleFiles.Png(5, 5)))).Should().Contain("the file is a PNG picture");
        (await RefusedAsync(pictures, Inline("<svg xmlns='x'/>"u8.ToArray()))).Should().Contain("SVG");
        (await RefusedAsync(pictures, Inline(SampleFiles.Png(20_000, 20_000)))).Should().Contain("20,000 × 20,000 pixels");
        (await RefusedAsync(pictures, Inline(SampleFiles.Utf8(Document)))).Should().Contain("must be a picture");
        _model.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task UploadedFile_IsForItsSender_UntilARunUsesIt()
    {
        var first = await shared.Host.AddPersonAsync(Role.Collaborator);
        var second = await shared.Host.AddPersonAsync(Role.Collaborator);
        using var sender = shared.Host.CreateClient(first);
        using var other = shared.Host.CreateClient(second);
        var file = (await UploadAsync(sender, SampleFiles.Utf8($"private {Guid.NewGuid()}"), "a.txt")).Text("file");
        var address = new Uri($"/api/v1/files/{file}", UriKind.Relative);

        (await sender.GetAsync(address, Token)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await other.GetAsync(address, Token)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        var workflow = await AddWorkflowAsync("document", "doc", "doc");
        using var stolen = await new RunApi(other).TrySendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/runs",
            new { inputs = new { file = new { file } } }
        );
        stolen.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        await new RunApi(sender).SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/runs?wait=60",
            new { inputs = new { file = new { file } } }
        );
        (await other.GetAsync(address, Token)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Upload_ByAViewer_OrTooLarge_OrInAnotherForm_IsRefused_AndLeavesNothing()
    {
        var viewer = await shared.Host.AddPersonAsync(Role.Viewer);
        using var reader = shared.Host.CreateClient(viewer);
        var before = await CountAsync();

        (await PostAsync(reader, SampleFiles.Utf8("viewer"), "a.txt")).Should().Be(HttpStatusCode.Forbidden);
        (await PostAsync(_client, new byte[(20 * 1024 * 1024) + 100], "a.txt")).Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await PostAsync(_client, SampleFiles.EmptyPdf(1), "scan.pdf")).Should().Be(HttpStatusCode.BadRequest);
        using var json = await _api.TrySendAsync(HttpMethod.Post, "files", new { });
        json.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        (await CountAsync()).Should().Be(before);
    }

    [Fact]
    public async Task TestCase_WithADocument_KeepsIt_AndRunsInACallOfThePrompt()
    {
        var name = $"Reads {Guid.NewGuid():N}";
        var prompt = await _api.AddPromptAsync(name, "Read: {{ doc }}", ("doc", "document"));
        var set = await _api.SendAsync(HttpMethod.Post, "test-sets", new { name = "Files", promptId = prompt });
        var text = $"{Document} {Guid.NewGuid()}";

        var test = await _api.SendAsync(
            HttpMethod.Post,
            $"test-sets/{set.Text("id")}/cases",
            new { inputs = new { doc = new { name = "lease.txt", data = Convert.ToBase64String(SampleFiles.Utf8(text)) } } }
        );
        var reference = test.GetProperty("inputs").GetProperty("doc");
        var answer = await _api.SendAsync(
            HttpMethod.Post,
            $"prompts/by-name/{name}/complete",
            new { model = _profile, variables = new { doc = reference } }
        );

        _model.Calls[^1].Prompt.Should().Be($"Read: {text}");
        answer.ToString().Should().NotContain("Notice is three months");
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        var file = reference.Text("file");
        (await db.FileUses.Where(use => use.Hash == file).Select(use => use.Owner).ToListAsync(Token))
            .Should()
            .BeEquivalentTo([FileOwner.TestCase, FileOwner.Call]);
    }

    [Fact]
    public async Task Webhook_WithBase64_StartsARun_WhoseTriggerHasNoContent()
    {
        var workflow = await AddWorkflowAsync("document", "doc", "doc");
        var trigger = await _api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new { type = "webhook", webhook = new { verification = "none", inputMapping = new { file = "trigger.payload.paper" } } }
        );
        using var sender = shared.Host.CreateClient();
        var data = Convert.ToBase64String(SampleFiles.Utf8(Document + new string('.', 3000)));

        using var sent = await sender.PostAsync(
            new Uri($"/hooks/{trigger.Text("id")}", UriKind.Relative),
            new StringContent(JsonSerializer.Serialize(new { paper = data }), Encoding.UTF8, "application/json"),
            Token
        );
        sent.StatusCode.Should().Be(HttpStatusCode.Accepted, await sent.Content.ReadAsStringAsync(Token));
        var id = JsonElement.Parse(await sent.Content.ReadAsStringAsync(Token)).Text("id");
        (await _api.EndOfAsync(id)).Text("status").Should().Be("succeeded");

        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        var payload = await db.WorkflowRuns.Where(run => run.Id == id).Select(run => run.TriggerPayload).SingleAsync(Token);
        payload.Should().Contain("[stored as a file]").And.NotContain(data);

        // The inbox has the file once, too, and a replay sends it again.
        WebhookReceipt? receipt = null;
        await Eventually.HoldsAsync(
            async () => (receipt = await db.WebhookReceipts.AsNoTracking().SingleOrDefaultAsync(row => row.RunId == id, Token)) is not null,
            "the request to be in the inbox"
        );
        receipt!.Body.Should().StartWith("{\"paper\":\"[file ").And.EndWith(" as base64]\"}");
        var admin = await shared.Host.GetAdminAsync();
        var sample = await shared.Host.Get<WebhookMappingService>().FindSampleAsync(admin.Actor, receipt.TriggerId, Token);
        sample.Value!.Value.GetProperty("payload").Text("paper").Should().Be(data);
        var replayed = await shared.Host.Get<WebhookInboxService>().ReplayAsync(admin.Actor, receipt.Id, Token);
        (await _api.EndOfAsync(replayed.Value.Id)).Text("status").Should().Be("succeeded");
        _model.Calls[^1].Prompt.Should().Be(_model.Calls[^2].Prompt);
        await Eventually.HoldsAsync(
            () => db.WebhookReceipts.AnyAsync(row => row.RunId == replayed.Value.Id && row.Body == receipt.Body, Token),
            "the replay to be in the inbox"
        );
    }

    [Fact]
    public async Task Mark_ThatASenderWrote_IsNotFollowed()
    {
        var hidden = (await UploadAsync(_client, SampleFiles.Utf8($"hidden {Guid.NewGuid()}"), "a.txt")).Text("file");
        var workflow = await AddWorkflowAsync("text", "doc", "doc");
        var trigger = await _api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new { type = "webhook", webhook = new { verification = "none", inputMapping = new { file = "trigger.payload.paper" } } }
        );
        var mark = $"[file {hidden} as base64]";
        using var sender = shared.Host.CreateClient();
        using var sent = await sender.PostAsync(
            new Uri($"/hooks/{trigger.Text("id")}", UriKind.Relative),
            new StringContent(
                JsonSerializer.Serialize(new { paper = mark, more = new string('x', 2000) }),
                Encoding.UTF8,
                "application/json"
            ),
            Token
        );
        var id = JsonElement.Parse(await sent.Content.ReadAsStringAsync(Token)).Text("id");
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        await Eventually.HoldsAsync(() => db.WebhookReceipts.AnyAsync(row => row.RunId == id, Token), "the request to be in the inbox");
        var receipt = await db.WebhookReceipts.Where(row => row.RunId == id).Select(row => row.Id).SingleAsync(Token);

        var admin = await shared.Host.GetAdminAsync();
        var replayed = await shared.Host.Get<WebhookInboxService>().ReplayAsync(admin.Actor, receipt, Token);

        (await _api.EndOfAsync(replayed.Value.Id)).Text("status").Should().Be("succeeded");
        _model.Calls[^1].Prompt.Should().Be($"whole: {mark} part: {mark}");
    }

    [Fact]
    public async Task Retry_AndFork_KeepTheFile()
    {
        var workflow = await AddWorkflowAsync("document", "doc", "doc");
        _model.Enqueue(FakeAnswer.Error(401));
        var failed = await StartAsync(workflow, Inline(SampleFiles.Utf8($"{Document} {Guid.NewGuid()}")));
        failed.Text("status").Should().Be("failed");

        var retried = await _api.SendAsync(HttpMethod.Post, $"runs/{failed.Text("id")}/retry", null);

        (await _api.EndOfAsync(retried.Text("id"))).Text("status").Should().Be("succeeded");
        var file = failed.GetProperty("inputs").GetProperty("file").Text("file");
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await db.FileUses.CountAsync(use => use.Hash == file, Token)).Should().Be(2);
    }

    private async Task<string> AddProfileAsync(string endpoint, bool? takesPictures, params string[] fallbacks) =>
        (await _api.SendAsync(HttpMethod.Post, "model-profiles", Profile(endpoint, takesPictures, fallbacks))).Text("id");

    private static object Profile(string endpoint, bool? takesPictures, params string[] fallbacks) =>
        new
        {
            name = $"Pictures {Guid.NewGuid():N}"[..20],
            provider = "openai-compatible",
            endpoint,
            model = "fake-1",
            takesPictures,
            fallbacks,
        };

    private static object Reference(string file) =>
        new
        {
            file,
            name = "a.txt",
            type = "text/plain",
            size = 9,
        };

    private static object Inline(byte[] content) => new { data = Convert.ToBase64String(content) };

    /// <summary>A workflow with the input <c>file</c> and one step, whose variables read it by expressions.</summary>
    private async Task<string> AddWorkflowAsync(string type, string variable, string expression)
    {
        var unique = Guid.NewGuid().ToString("N")[..8];
        var prompt = await _api.SendAsync(
            HttpMethod.Post,
            "prompts",
            new
            {
                name = $"{variable} {unique}",
                content = "whole: {{ whole }} part: {{ part }}",
                metadata = new { category = "test", tags = Array.Empty<string>() },
            }
        );
        var workflow = await _api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = $"Files {unique}",
                inputs = new[] { new { name = "file", type } },
                steps = new[]
                {
                    new
                    {
                        promptId = prompt.Text("id"),
                        model = _profile,
                        inputMapping = new { whole = "file", part = expression.Replace(variable, "file", StringComparison.Ordinal) },
                        outputKey = "answer",
                        order = 1,
                    },
                },
            }
        );
        await _api.SendAsync(HttpMethod.Post, $"workflows/{workflow.Text("id")}/publish", null);
        return workflow.Text("id");
    }

    private Task<JsonElement> StartAsync(string workflow, object file) =>
        _api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/runs?wait=60", new { inputs = new { file } });

    private async Task<string> RefusedAsync(string workflow, object file)
    {
        using var answer = await _api.TrySendAsync(HttpMethod.Post, $"workflows/{workflow}/runs", new { inputs = new { file } });
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Token));
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, problem.ToString());
        return problem.GetProperty("errors").GetProperty("inputs.file")[0].GetString()!;
    }

    private static async Task<JsonElement> UploadAsync(HttpClient client, byte[] content, string name)
    {
        using var form = Form(content, name);
        using var answer = await client.PostAsync(new Uri("/api/v1/files", UriKind.Relative), form, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        answer.StatusCode.Should().Be(HttpStatusCode.Created, text);
        return JsonElement.Parse(text);
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, byte[] content, string name)
    {
        using var form = Form(content, name);
        using var answer = await client.PostAsync(new Uri("/api/v1/files", UriKind.Relative), form, Token);
        return answer.StatusCode;
    }

    private static MultipartFormDataContent Form(byte[] content, string name)
    {
        var file = new ByteArrayContent(content);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return new MultipartFormDataContent { { file, "file", name } };
    }

    private async Task<int> CountAsync()
    {
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        return await db.StoredFiles.CountAsync(Token);
    }
}
