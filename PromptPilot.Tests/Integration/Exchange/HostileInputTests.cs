using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Exchange;

/// <summary>Input that means harm, over HTTP: a clear answer, nothing lost, and everybody else is served meanwhile.</summary>
public sealed class HostileInputTests : IAsyncLifetime
{
    private PortalHost _portal = null!;
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Bombs =>
        [
            "{% for i in (1..100000000) %}x{% endfor %}",
            "{% for i in (1..9000) %}{% for j in (1..9000) %}{% endfor %}{% endfor %}",
            "{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
            new TheoryDataRow<string>(
                "{% assign l = (1..300000) | reverse %}{% for i in (1..90000) %}{% assign s = l | sort | reverse %}{% endfor %}"
            ).WithTrait("Category", "Soak"),
        ];

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task TemplateBomb_InARun_FailsInWords_WhileOthersAreServed(string template)
    {
        var profile = await _api.AddProfileAsync(_model.Endpoint);
        var prompt = await _api.SendAsync(HttpMethod.Post, "prompts", new { name = "Bomb", content = template });
        var workflow = await _api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = "Bomb",
                steps = new[]
                {
                    new
                    {
                        promptId = prompt.Text("id"),
                        model = profile,
                        inputMapping = new { },
                        outputKey = "out",
                    },
                },
            }
        );
        await _api.SendAsync(HttpMethod.Post, $"workflows/{workflow.Text("id")}/publish", null);
        var run = _api.SendAsync(HttpMethod.Post, $"workflows/{workflow.Text("id")}/runs?wait=60", new { inputs = new { } });
        var longest = await LongestReadAsync(run);
        (await run).Text("status").Should().Be("failed");
        (await run).GetProperty("error").Text("message").Should().NotBeNullOrEmpty();
        longest.Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task DeepTemplate_IsRefusedAtSaving()
    {
        using var answer = await _api.TrySendAsync(
            HttpMethod.Post,
            "prompts",
            new { name = "Deep", content = string.Concat(Enumerable.Repeat("{% if a %}", 50_000)) }
        );
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Token)).Should().Contain("deep");
    }

    [Fact]
    public async Task LongestPrompt_IsTaken_AndOneCharacterOrAMegabyteMoreIsNot()
    {
        var most = new string('x', 512 * 1024);
        var made = await _api.SendAsync(HttpMethod.Post, "prompts", new { name = "Large", content = most });
        (await _api.SendAsync(HttpMethod.Get, $"prompts/{made.Text("id")}", null)).Text("content").Should().Be(most);
        foreach (var tooLong in new[] { most + "x", most + most })
        {
            using var answer = await _api.TrySendAsync(
                HttpMethod.Put,
                $"prompts/{made.Text("id")}",
                new { name = "Large", content = tooLong }
            );
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            (await answer.Content.ReadAsStringAsync(Token)).Should().Contain("524,288");
        }

        ExchangeApiTests.Files(await ExchangeApiTests.ExportAsync(_client, "")).Values.Single().Should().EndWith(most + "\n");
    }

    [Fact]
    public async Task ManyEditorsAtOnce_OneWins_TheOthersAreTold()
    {
        var made = await _api.SendAsync(HttpMethod.Post, "prompts", new { name = "Shared", content = "Start" });
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(async i =>
                {
                    using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/prompts/{made.Text("id")}")
                    {
                        Content = JsonContent.Create(new { name = "Shared", content = $"Of {i}" }),
                    };
                    request.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
                    using var answer = await _client.SendAsync(request, Token);
                    return (i, answer.StatusCode);
                })
        );
        var winner = answers.Single(answer => answer.StatusCode == HttpStatusCode.OK).i;
        answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed).Should().Be(11);
        (await _api.SendAsync(HttpMethod.Get, $"prompts/{made.Text("id")}", null)).Text("content").Should().Be($"Of {winner}");
    }

    [Fact]
    public async Task ImportsOfTheSameAtOnce_MakeItOnce()
    {
        var zip = ExchangeApiTests.Zip([.. Enumerable.Range(0, 50).Select(i => ($"{i}.md", $"---\nname: Same {i}\n---\nText {i}\n"))]);
        var reports = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ExchangeApiTests.ImportAsync(_client, zip, "")));
        reports.Sum(report => report.GetProperty("created").GetInt32()).Should().Be(50);
        reports.Sum(report => report.GetProperty("same").GetInt32()).Should().Be(250);
    }

    [Fact]
    public async Task HostileArchive_IsRefused_WhileOthersAreServed()
    {
        var zip = ExchangeApiTests.Zip([.. Enumerable.Range(0, 10_001).Select(i => ($"{i}.md", "x"))]);
        using var body = new ByteArrayContent(zip) { Headers = { ContentType = new("application/zip") } };
        var sending = _client.PostAsync("/api/v1/import", body, Token);
        (await LongestReadAsync(sending)).Should().BeLessThan(TimeSpan.FromSeconds(5));
        using var answer = await sending;
        answer.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await answer.Content.ReadAsStringAsync(Token)).Should().Contain("10,000 files");
        var deep = Encoding.UTF8.GetBytes("name: x\ntags: " + new string('[', 500_000));
        using var nested = new ByteArrayContent(deep) { Headers = { ContentType = new("application/yaml") } };
        using var refused = await _client.PostAsync("/api/v1/import", nested, Token);
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadFromJsonAsync<JsonElement>(Token))
            .GetProperty("errors")
            .GetProperty("workflow.yaml")[0]
            .GetString()
            .Should()
            .Contain("deep");
    }

    private async Task<TimeSpan> LongestReadAsync(Task work)
    {
        var longest = TimeSpan.Zero;
        do
        {
            var clock = Stopwatch.StartNew();
            using var read = await _client.GetAsync("/api/v1/prompts?limit=5", Token);
            read.StatusCode.Should().Be(HttpStatusCode.OK);
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
        } while (!work.IsCompleted);
        return longest;
    }
}
