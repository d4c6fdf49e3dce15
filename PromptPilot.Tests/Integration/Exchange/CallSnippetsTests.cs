using System.Diagnostics;
using System.Text.Json;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Exchange;

/// <summary>The texts of “Use by API”, pasted into a shell, into Node, into Python and into <c>dotnet run</c>, against a portal.</summary>
public sealed class CallSnippetsTests : IAsyncLifetime
{
    private const string Hostile = "It's \"50 %\" of $(whoami) `id` ${HOME} \\ & ; | # ? é 日本 \uD83D\uDE00";

    private PortalHost _portal = null!;
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateAdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Theory]
    [InlineData("curl", "bash")]
    [InlineData("JavaScript", "node")]
    [InlineData("C#", "dotnet", Traits = ["Category", "Soak"])]
    [InlineData("Python", "python3", Traits = ["Category", "Soak"])]
    public async Task Prompt_Pasted_IsServed(string kind, string program)
    {
        var api = new RunApi(_client);
        var prompt = await api.SendAsync(HttpMethod.Post, "prompts", new { name = Hostile, content = $"Say {Hostile}" });
        await api.SendAsync(HttpMethod.Put, $"prompts/{prompt.Text("id")}/labels/production", new { version = "1.0.0" });
        var text = CallSnippets.OfPrompt(_portal.BaseAddress, Hostile, "production").Single(snippet => snippet.Name == kind).Text;
        var said = await PasteAsync(program, text);
        (kind == "curl" ? JsonSerializer.Deserialize<JsonElement>(said).Text("content") : said.TrimEnd('\n')).Should().Be($"Say {Hostile}");
    }

    [Theory]
    [InlineData("curl", "bash")]
    [InlineData("JavaScript", "node")]
    [InlineData("C#", "dotnet", Traits = ["Category", "Soak"])]
    [InlineData("Python", "python3", Traits = ["Category", "Soak"])]
    public async Task Workflow_Pasted_Runs(string kind, string program)
    {
        var api = new RunApi(_client);
        string? seen = null;
        _model.Script = call =>
        {
            seen = call.Prompt;
            return FakeAnswer.Of("Done.");
        };
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(_model.Endpoint), ("facts", ["text"]));
        var value = $"{Hostile}\nsecond 'line'\n__proto__";
        var text = CallSnippets
            .OfWorkflow(_portal.BaseAddress, workflow, [new("text", JsonSerializer.SerializeToElement(value))])
            .Single(snippet => snippet.Name == kind)
            .Text;
        (await PasteAsync(program, text)).Should().Contain("succeeded").And.Contain("Done.");
        seen.Should().Contain(value);
    }

    [Theory]
    [InlineData("curl", "bash")]
    [InlineData("JavaScript", "node")]
    [InlineData("C#", "dotnet", Traits = ["Category", "Soak"])]
    [InlineData("Python", "python3", Traits = ["Category", "Soak"])]
    public async Task Completion_Pasted_IsAnswered(string kind, string program)
    {
        var api = new RunApi(_client);
        string? seen = null;
        _model.Script = call =>
        {
            seen = call.Prompt;
            return FakeAnswer.Of("Done.");
        };
        await _portal
            .Get<AccountService>()
            .UpdateAsync(
                (await _portal.GetAdminAsync()).Actor,
                new AccountChange("Admin", await api.AddProfileAsync(_model.Endpoint), null, false),
                null,
                Token
            );
        await api.SendAsync(HttpMethod.Post, "prompts", new { name = Hostile, content = "Say {{ text }} of {{ list | json }}" });
        var value = $"{Hostile}\nsecond 'line'\n__proto__";
        var text = CallSnippets
            .OfCompletion(
                _portal.BaseAddress,
                Hostile,
                "latest",
                [
                    new("text", JsonSerializer.SerializeToElement(value)),
                    new("list", JsonSerializer.SerializeToElement(new object?[] { 1.5, true, false, null, "x", Array.Empty<int>() })),
                ]
            )
            .Single(snippet => snippet.Name == kind)
            .Text;
        (await PasteAsync(program, text)).Should().Contain("Done.");
        seen.Should().Be($"Say {value} of [1.5,true,false,null,\"x\",[]]");
    }

    [Fact]
    public async Task ByName_WithTheETagIHave_IsNotSentAgain()
    {
        await new RunApi(_client).SendAsync(HttpMethod.Post, "prompts", new { name = "Cached", content = "One" });
        using var first = await _client.GetAsync("/api/v1/prompts/by-name/Cached", Token);
        var tag = first.Headers.ETag!;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/prompts/by-name/Cached")
        {
            Headers = { IfNoneMatch = { tag } },
        };
        using var second = await _client.SendAsync(request, Token);
        second.StatusCode.Should().Be(System.Net.HttpStatusCode.NotModified);
        second.Headers.ETag.Should().Be(tag);
        using var made = await _client.PutAsync(
            $"/api/v1/prompts/{JsonSerializer.Deserialize<JsonElement>(await first.Content.ReadAsStringAsync(Token)).Text("promptId")}",
            System.Net.Http.Json.JsonContent.Create(new { name = "Cached", content = "Two" }),
            Token
        );
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/prompts/by-name/Cached") { Headers = { IfNoneMatch = { tag } } };
        using var third = await _client.SendAsync(again, Token);
        third.StatusCode.Should().Be(System.Net.HttpStatusCode.OK);
    }

    private static async Task<string> PasteAsync(string program, string text)
    {
        Assert.SkipUnless(program != "python3" || IsInstalled(program), "Python is not installed here.");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PROMPTPILOT_KEY"] = PortalHost.AdminKey;
        start.Environment["NO_PROXY"] = "127.0.0.1,localhost";
        if (program == "node")
        {
            start.ArgumentList.Add("--input-type=module");
        }
        else if (program == "dotnet")
        {
            start.ArgumentList.Add("run");
            start.ArgumentList.Add("-");
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        var said = process.StandardOutput.ReadToEndAsync(Token);
        var complained = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(180), Token);
        process.ExitCode.Should().Be(0, await complained);
        return await said;
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
