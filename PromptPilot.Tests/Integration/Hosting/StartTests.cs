using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>How the published portal starts, or refuses to.</summary>
public sealed class StartTests(PublishedBuild build, SharedPortal shared) : IClassFixture<SharedPortal>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WithSeveralWrongSettings_ListsAllWithTheirKeysAndEnds()
    {
        using var directory = new TempDirectory();

        var (code, log) = await RunToEndAsync(
            new Dictionary<string, string?>
            {
                ["PromptPilot__DataDirectory"] = directory.Path,
                ["PromptPilot__Runs__MaxConcurrentRuns"] = "0",
                ["PromptPilot__Users__RevalidationSeconds"] = "many",
                ["PromptPilot__Setup__AdminEmail"] = "not an address",
            }
        );

        code.Should().NotBe(0);
        log.Should()
            .Contain("PromptPilot:Runs:MaxConcurrentRuns")
            .And.Contain("PromptPilot:Users:RevalidationSeconds")
            .And.Contain("PromptPilot:Setup:AdminEmail");
        log.Should().NotContain("   at ", "a mistake in the settings is no crash");
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task Start_OnADirectoryInUse_IsRefused_AndTheFirstGoesOn_WithLittleLoadedAndSmallFiles()
    {
        await using var first = await PublishedPortal.StartAsync(build, migrates: true);

        var (code, log) = await RunToEndAsync(new Dictionary<string, string?> { ["PromptPilot__DataDirectory"] = first.DataDirectory });

        code.Should().NotBe(0);
        log.Should().Contain(first.DataDirectory).And.NotContain("   at ");
        using var http = first.CreateClient();
        using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, "the first one is unharmed");
        await CheckCompressionAsync(first);
        var loaded = await File.ReadAllLinesAsync($"/proc/{first.ProcessId}/maps", Cancellation);
        loaded.Should().Contain(line => line.EndsWith("/Microsoft.Data.Sqlite.dll", StringComparison.Ordinal));
        loaded.Where(line => line.Contains("Npgsql", StringComparison.Ordinal)).Should().BeEmpty("SQLite does not pay for PostgreSQL");
        loaded.Where(line => line.Contains("Redis", StringComparison.Ordinal)).Should().BeEmpty("one host shows its runs by itself");
        loaded
            .Where(line => line.Contains("OpenTelemetry", StringComparison.Ordinal))
            .Should()
            .BeEmpty("a portal that is not monitored does not pay for it");
        loaded
            .Where(line =>
                line.Contains("OpenIdConnect", StringComparison.Ordinal) || line.Contains("IdentityModel", StringComparison.Ordinal)
            )
            .Should()
            .BeEmpty("a portal without OpenID Connect does not pay for it");
    }

    [Fact]
    public async Task OpenApi_OfTheHost_DescribesEveryRouteOfTheDesign()
    {
        using var http = shared.Host.CreateClient();

        var document = await http.GetFromJsonAsync<JsonElement>(new Uri("/openapi/v1.json", UriKind.Relative), Cancellation);

        var operations = document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path =>
                path.Value.EnumerateObject()
                    .Select(operation =>
                        (
                            Key: $"{operation.Name.ToUpperInvariant()} {path.Name.Replace("/api/v1/", "", StringComparison.Ordinal)}",
                            Operation: operation.Value
                        )
                    )
            )
            .ToDictionary(pair => pair.Key, pair => pair.Operation);
        string[] expected =
        [
            "GET prompts",
            "POST prompts",
            "GET prompts/{id}",
            "PUT prompts/{id}",
            "DELETE prompts/{id}",
            "GET prompts/{id}/versions",
            "PUT prompts/{id}/labels/{label}",
            "DELETE prompts/{id}/labels/{label}",
            "GET prompts/by-name/{name}",
            "GET model-profiles",
            "POST model-profiles",
            "GET model-profiles/{id}",
            "PUT model-profiles/{id}",
            "DELETE model-profiles/{id}",
            "POST model-profiles/{id}/test",
            "GET workflows",
            "POST workflows",
            "GET workflows/{id}",
            "PUT workflows/{id}",
            "DELETE workflows/{id}",
            "POST workflows/{id}/publish",
            "POST workflows/{id}/archive",
            "POST workflows/{workflowId}/runs",
            "GET runs",
            "GET runs/{id}",
            "DELETE runs/{id}",
            "GET runs/{id}/events",
            "POST runs/{id}/cancel",
            "PUT runs/{id}/pin",
            "POST runs/delete",
            "GET execution-logs",
            "GET execution-logs/{id}",
            "GET execution-logs/{id}/feedback",
            "PUT execution-logs/{id}/feedback",
            "GET users",
            "POST users",
            "GET users/{id}",
            "PUT users/{id}",
            "DELETE users/{id}",
        ];
        expected.Except(operations.Keys).Should().BeEmpty();
        operations
            .Where(pair => !pair.Value.TryGetProperty("summary", out _))
            .Select(pair => pair.Key)
            .Should()
            .BeEmpty("each operation says what it does");
    }

    [Theory]
    [InlineData("/api/v1/nothing-here")]
    [InlineData("/api/v1/prompts/none/of/this")]
    public async Task UnknownApiRoute_IsAProblem_NotAPage(string path)
    {
        using var http = shared.Host.CreateAdminClient();

        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
    }

    [Fact]
    public async Task Body_OverTheLimit_IsTooLarge()
    {
        using var http = shared.Host.CreateAdminClient();

        // The server says no to the announced length, before the body is sent.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/prompts", UriKind.Relative))
        {
            Content = new StringContent(new string('x', 40_000_000), System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.ExpectContinue = true;
        using var answer = await http.SendAsync(request, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
    }

    /// <summary>What blocks the first paint of a page is sent compressed.</summary>
    private static async Task CheckCompressionAsync(PublishedPortal portal)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = portal.BaseAddress };
        using var page = await PageForms.SignInAsync(http, PortalHost.AdminEmail, PortalHost.AdminPassword);
        var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync(Cancellation));
        var files = document
            .QuerySelectorAll("link[rel=stylesheet], script[src]")
            .Select(element => element.GetAttribute("href") ?? element.GetAttribute("src")!)
            .ToList();
        files.Should().Contain(file => file.Contains("MudBlazor", StringComparison.Ordinal), "the page of those who are signed in is read");

        var large = new List<string>();
        foreach (var file in files)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/" + file, UriKind.Relative));
            request.Headers.AcceptEncoding.ParseAdd("gzip, br");
            using var answer = await http.SendAsync(request, Cancellation);
            answer.StatusCode.Should().Be(HttpStatusCode.OK, file);
            if (
                answer.Content.Headers.ContentEncoding.Count == 0
                && (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length > 20_000
            )
            {
                large.Add(file);
            }
        }

        large.Should().BeEmpty("what blocks the first paint is small");
    }

    private async Task<(int Code, string Log)> RunToEndAsync(Dictionary<string, string?> settings) =>
        await PortalCommand.RunToEndAsync(await build.GetAsync(), settings);
}
