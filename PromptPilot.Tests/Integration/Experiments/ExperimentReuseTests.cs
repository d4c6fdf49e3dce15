using System.Text.Json;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Experiments;

/// <summary>Results of earlier experiments that are taken again, and drafts that are frozen to be tried.</summary>
public sealed class ExperimentReuseTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private ExperimentWorld _world = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Calls => _model.Calls.Count;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _client = shared.Host.CreateAdminClient();
        _world = await ExperimentWorld.CreateAsync(new RunApi(_client), _model);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Reuse_CallsOnlyForWhatChanged_AndMarksTheRest()
    {
        var setId = await _world.AddSetAsync(cases: 3);
        var first = await RunAsync(setId, reuse: true);
        first.GetProperty("reused").GetInt32().Should().Be(0, "nothing was run before");
        Calls.Should().Be(6);
        var cost = first.GetProperty("cost").GetDecimal();
        cost.Should().BePositive();

        await _world.Api.SendAsync(HttpMethod.Post, $"test-sets/{setId}/cases", new { inputs = new { notes = "Notes 4." } });
        var preview = await _world.Api.SendAsync(HttpMethod.Post, "experiments?preview=true", Request(setId, reuse: true));
        preview.GetProperty("reused").GetInt32().Should().Be(6);
        preview.GetProperty("calls").GetInt32().Should().Be(2);
        var all = await _world.Api.SendAsync(HttpMethod.Post, "experiments?preview=true", Request(setId, reuse: false));
        all.GetProperty("calls").GetInt32().Should().Be(8);
        preview.GetProperty("costBound").GetDecimal().Should().BeLessThan(all.GetProperty("costBound").GetDecimal());

        var second = await RunAsync(setId, reuse: true);

        Calls.Should().Be(8, "only the new case was called");
        second.GetProperty("reused").GetInt32().Should().Be(6);
        second.GetProperty("cost").GetDecimal().Should().BePositive().And.BeLessThan(cost);
        second.GetProperty("variants")[1].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(4);
        var cells = second.GetProperty("cases").EnumerateArray().Select(row => row.GetProperty("cells")[1][0]).ToList();
        cells.Take(3).Should().OnlyContain(cell => cell.Text("reusedFrom") == first.Text("id"));
        cells[3].TryGetProperty("reusedFrom", out _).Should().BeFalse();
        var csv = await _client.GetStringAsync(new Uri($"/api/v1/experiments/{second.Text("id")}/export", UriKind.Relative), Token);
        csv.Split('\n').Count(line => line.Contains(first.Text("id"), StringComparison.Ordinal)).Should().Be(6);

        var third = await RunAsync(setId, reuse: true);
        Calls.Should().Be(8);
        third.GetProperty("cost").GetDecimal().Should().Be(0);
        third.Text("status").Should().Be("finished");
        third.GetProperty("cases")[0].GetProperty("cells")[0][0].Text("reusedFrom").Should().Be(first.Text("id"), "who made the call");
    }

    [Theory]
    [InlineData("checks")]
    [InlineData("expected value", Traits = ["Category", "Soak"])]
    [InlineData("temperature", Traits = ["Category", "Soak"])]
    [InlineData("profile", Traits = ["Category", "Soak"])]
    [InlineData("without asking")]
    public async Task Reuse_OfWhatChanged_IsNone(string change)
    {
        var setId = await _world.AddSetAsync(cases: 1);
        await RunAsync(setId, reuse: false);
        double? temperature = null;
        switch (change)
        {
            case "checks":
                await _world.Api.SendAsync(
                    HttpMethod.Put,
                    $"test-sets/{setId}",
                    new { name = "Other", checks = new[] { new { kind = "contains", value = "They" } } }
                );
                break;
            case "expected value":
                var set = await _world.Api.SendAsync(HttpMethod.Get, $"test-sets/{setId}", null);
                await _world.Api.SendAsync(
                    HttpMethod.Put,
                    $"test-sets/{setId}/cases/{set.GetProperty("cases")[0].Text("id")}",
                    new { inputs = new { notes = "Notes 1." }, expected = "Friday" }
                );
                break;
            case "temperature":
                temperature = 0.1;
                break;
            case "profile":
                var profile = await _world.Api.SendAsync(HttpMethod.Get, $"model-profiles/{_world.ProfileId}", null);
                await _world.Api.SendAsync(
                    HttpMethod.Put,
                    $"model-profiles/{_world.ProfileId}",
                    new
                    {
                        name = profile.Text("name"),
                        provider = profile.Text("provider"),
                        endpoint = profile.Text("endpoint"),
                        model = "fake-2",
                    }
                );
                break;
        }

        var again = await RunAsync(setId, reuse: change != "without asking", temperature);

        again.GetProperty("reused").GetInt32().Should().Be(0);
        Calls.Should().Be(4);
    }

    [Fact]
    public async Task Repetitions_TakeEachEarlierAnswerOnce()
    {
        var setId = await _world.AddSetAsync(cases: 1);
        await RunAsync(setId, reuse: false);

        var again = await RunAsync(setId, reuse: true, repetitions: 3);

        again.GetProperty("reused").GetInt32().Should().Be(2, "one answer of each variant");
        Calls.Should().Be(2 + 4);
        again
            .GetProperty("cases")[0]
            .GetProperty("cells")[0]
            .EnumerateArray()
            .Select(cell => cell.Text("logId"))
            .Should()
            .OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Draft_IsFrozenAtTheStart_AndNothingElseKnowsIt()
    {
        var setId = await _world.AddSetAsync(cases: 2);
        var versions = (await _world.Api.SendAsync(HttpMethod.Get, $"prompts/{_world.PromptId}/versions", null)).GetRawText();

        var view = await EndAsync(
            new
            {
                testSetId = setId,
                variants = new object[]
                {
                    new { version = "1.0.0", modelProfileId = _world.ProfileId },
                    new { draft = new { content = "Unsaved with the day: {{ notes }}" }, modelProfileId = _world.ProfileId },
                },
            }
        );

        var variant = view.GetProperty("variants")[1].GetProperty("variant");
        variant.Text("promptVersion").Should().Be("draft");
        variant.GetProperty("draftAt").GetDateTime().Should().BeCloseTo(DateTime.UtcNow, TimeSpan.FromMinutes(5));
        view.GetProperty("variants")[1].GetProperty("comparison").GetProperty("better").GetInt32().Should().Be(2);
        _model.Calls.Select(call => call.Prompt).Should().Contain("Unsaved with the day: Notes 1.");
        (await _world.Api.SendAsync(HttpMethod.Get, $"prompts/{_world.PromptId}/versions", null)).GetRawText().Should().Be(versions);
        var id = variant.Text("promptVersionId");
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        db.PromptVersions.Where(version => version.Id == id).Should().BeEmpty("queries do not find it");
        foreach (var name in new[] { "draft", $"draft-{id}" })
        {
            using var labeled = await _world.Api.TrySendAsync(
                HttpMethod.Put,
                $"prompts/{_world.PromptId}/labels/staging",
                new { version = name }
            );
            labeled.IsSuccessStatusCode.Should().BeFalse("a label stays on saved versions");
        }

        var saved = await _world.Api.SendAsync(
            HttpMethod.Put,
            $"prompts/{_world.PromptId}",
            new { name = $"Renamed {id}", content = "Third: {{ notes }}" }
        );
        saved.Text("version").Should().Be("1.2.0", "drafts take no number of a version");
    }

    [Fact]
    public async Task Draft_WithErrors_IsRefusedAtItsFields()
    {
        var setId = await _world.AddSetAsync(cases: 1);

        using var refused = await _world.Api.TrySendAsync(
            HttpMethod.Post,
            "experiments",
            new { testSetId = setId, variants = new[] { new { draft = new { content = "{{ notes" }, modelProfileId = _world.ProfileId } } }
        );

        var problem = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync(Token));
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Should().Equal("variants[0].draft.content");
    }

    private async Task<JsonElement> RunAsync(string setId, bool reuse, double? temperature = null, int repetitions = 1) =>
        await EndAsync(Request(setId, reuse, temperature, repetitions));

    private async Task<JsonElement> EndAsync(object request) =>
        await _world.EndOfAsync((await _world.Api.SendAsync(HttpMethod.Post, "experiments", request)).Text("id"));

    private object Request(string setId, bool reuse, double? temperature = null, int repetitions = 1) =>
        new
        {
            testSetId = setId,
            reuse,
            repetitions,
            variants = new[] { "1.0.0", "1.1.0" }.Select(version => new
            {
                version,
                modelProfileId = _world.ProfileId,
                parameters = new { temperature },
            }),
        };
}
