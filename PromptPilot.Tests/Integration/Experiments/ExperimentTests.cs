using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Statistics;
using PromptPilot.Core.Runs;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Experiments;

/// <summary>Experiments over HTTP with a real engine and a model that answers by script.</summary>
public sealed class ExperimentTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private ExperimentWorld _world = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
    public async Task Experiment_OverTwoVersions_SaysWhichCasesGotBetter_AndEqualsItsLogs()
    {
        var setId = await _world.AddSetAsync(cases: 4);
        var preview = await _world.Api.SendAsync(HttpMethod.Post, "experiments?preview=true", _world.Request(setId));
        preview.GetProperty("calls").GetInt32().Should().Be(8);
        preview.GetProperty("costBound").GetDecimal().Should().BePositive();

        var started = await _world.Api.SendAsync(HttpMethod.Post, "experiments", _world.Request(setId));
        var view = await _world.EndOfAsync(started.Text("id"));

        view.Text("status").Should().Be("finished");
        var variants = view.GetProperty("variants");
        variants[0].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(0);
        variants[1].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(4);
        variants[1].GetProperty("comparison").GetProperty("better").GetInt32().Should().Be(4);
        variants[1].GetProperty("comparison").GetProperty("pValue").GetDouble().Should().Be(SignTest.PValue(4, 0));
        view.GetProperty("cases")[0].GetProperty("cells")[0][0].GetProperty("verdicts")[0].Text("reason").Should().Contain("missing");
        view.GetProperty("cost").GetDecimal().Should().BeLessThanOrEqualTo(view.GetProperty("costBound").GetDecimal());

        // The table is what the logs say.
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        var id = started.Text("id");
        var cells = await db.ExperimentCells.AsNoTracking().Where(cell => cell.ExperimentId == id).ToListAsync(Token);
        foreach (var cell in cells)
        {
            var logs = await db.ExecutionLogs.AsNoTracking().Where(log => log.RunId == cell.RunId).ToListAsync(Token);
            var log = logs.Should().ContainSingle(one => one.Status == ExecutionStatus.Success).Subject;
            cell.LogId.Should().Be(log.Id);
            cell.Cost.Should().Be(logs.Sum(one => one.Cost));
            cell.Status.Should().Be(log.Output.Contains("Friday", StringComparison.Ordinal) ? CellStatus.Passed : CellStatus.Failed);
        }
    }

    [Fact]
    public async Task Runs_OfAnExperiment_AreInNoListOfRunsOrWorkflows()
    {
        var setId = await _world.AddSetAsync(cases: 1);
        var before = await CountAsync("workflows?limit=200");

        var started = await _world.Api.SendAsync(HttpMethod.Post, "experiments", _world.Request(setId));
        var view = await _world.EndOfAsync(started.Text("id"));

        var runId = view.GetProperty("cases")[0].GetProperty("cells")[0][0].Text("runId");
        (await CountAsync("workflows?limit=200")).Should().Be(before);
        var runs = await _world.Api.SendAsync(HttpMethod.Get, "runs?limit=200", null);
        runs.GetProperty("items").EnumerateArray().Select(run => run.Text("id")).Should().NotContain(runId);
        (await _world.Api.FindAsync(runId)).Text("status").Should().Be("succeeded", "it can be opened by its address");
    }

    [Fact]
    public async Task Experiment_WhoseModelFails_CountsNothingAsPassed_AndCanRunTheErrorsAgain()
    {
        _model.Script = _ => FakeAnswer.Error(401, "Incorrect API key provided.");
        var setId = await _world.AddSetAsync(cases: 2);
        var started = await _world.Api.SendAsync(HttpMethod.Post, "experiments", _world.Request(setId));
        var failed = await _world.EndOfAsync(started.Text("id"));
        failed.GetProperty("variants")[1].GetProperty("errors").GetInt32().Should().Be(2);
        failed.GetProperty("variants")[1].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(0);
        failed.GetProperty("cases")[0].GetProperty("cells")[0][0].Text("message").Should().Contain("Incorrect API key");

        _model.Script = ExperimentWorld.Script;
        await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{started.Text("id")}/resume", null);
        var resumed = await _world.EndOfAsync(started.Text("id"));

        resumed.GetProperty("variants")[1].GetProperty("errors").GetInt32().Should().Be(0);
        resumed.GetProperty("variants")[1].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(2);
        using var again = await _world.Api.TrySendAsync(HttpMethod.Post, $"experiments/{started.Text("id")}/resume", null);
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Cancel_StopsCallsInFlight_AndWhatWasNotRunCanBeResumed()
    {
        _model.Script = _ => new FakeAnswer { Tokens = ["They"], Ending = FakeEnding.Stall };
        var setId = await _world.AddSetAsync(cases: 3);
        var started = await _world.Api.SendAsync(HttpMethod.Post, "experiments", _world.Request(setId));
        await Eventually.HoldsAsync(() => _model.Calls.Count > 0, "a call in flight");

        var cancelled = await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{started.Text("id")}/cancel", null);

        cancelled.Text("status").Should().Be("cancelled");
        await Eventually.HoldsAsync(() => _model.Aborted == _model.Calls.Count, "the calls to be aborted");
        _model.Script = ExperimentWorld.Script;
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
                var id = started.Text("id");
                return !await db.ExperimentCells.AnyAsync(cell => cell.ExperimentId == id && cell.Status == CellStatus.Running, Token);
            },
            "the calls to be recorded"
        );
        await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{started.Text("id")}/resume", null);
        var view = await _world.EndOfAsync(started.Text("id"));
        view.GetProperty("variants")[1].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(3);
    }

    [Fact]
    public async Task Start_OfWhatCannotRun_IsRefusedAtItsFields()
    {
        var empty = await _world.AddSetAsync(cases: 0);
        using var noCases = await _world.Api.TrySendAsync(HttpMethod.Post, "experiments", _world.Request(empty));
        using var unknown = await _world.Api.TrySendAsync(
            HttpMethod.Post,
            "experiments",
            new
            {
                testSetId = empty,
                variants = new[]
                {
                    new { version = "9.9.9", modelProfileId = _world.ProfileId },
                    new { version = "latest", modelProfileId = "none" },
                },
            }
        );

        (await FieldsAsync(noCases)).Should().Equal("testSetId");
        (await FieldsAsync(unknown)).Should().BeEquivalentTo("testSetId", "variants[0].version", "variants[1].modelProfileId");
    }

    [Fact]
    public async Task Start_SentTwiceAtOnceUnderOneKey_StartsOneExperiment()
    {
        var setId = await _world.AddSetAsync(cases: 2);
        var key = Guid.NewGuid().ToString();

        var ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync(_world.Request(setId), key)));

        ids.Distinct().Should().ContainSingle();
        (await _world.Api.SendAsync(HttpMethod.Get, $"experiments?testSetId={setId}", null))
            .GetProperty("items")
            .GetArrayLength()
            .Should()
            .Be(1);
        await _world.EndOfAsync(ids[0]);
        await _world.Api.SendAsync(HttpMethod.Post, $"test-sets/{setId}/cases", new { inputs = new { notes = "Another." } });
        (await StartAsync(_world.Request(setId), key)).Should().Be(ids[0], "it answers as the first time, whatever changed since");
        using var other = await SendAsync(_world.Request(await _world.AddSetAsync(cases: 1)), key);
        other.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        using var unusable = await SendAsync(_world.Request(setId), new string('k', 256));
        (await FieldsAsync(unusable)).Should().Equal("Idempotency-Key");
    }

    private async Task<string> StartAsync(object request, string key)
    {
        using var answer = await SendAsync(request, key);
        answer.StatusCode.Should().Be(HttpStatusCode.Created);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Token)).Text("id");
    }

    private async Task<HttpResponseMessage> SendAsync(object request, string key)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/api/v1/experiments")
        {
            Content = System.Net.Http.Json.JsonContent.Create(request),
        };
        message.Headers.Add("Idempotency-Key", key);
        return await _client.SendAsync(message, Token);
    }

    [Fact]
    public async Task Export_HasARowForEachCall()
    {
        var setId = await _world.AddSetAsync(cases: 2);
        var started = await _world.Api.SendAsync(HttpMethod.Post, "experiments", _world.Request(setId));
        await _world.EndOfAsync(started.Text("id"));

        var csv = await _client.GetStringAsync(new Uri($"/api/v1/experiments/{started.Text("id")}/export", UriKind.Relative), Token);

        csv.Trim().Split('\n').Should().HaveCount(5);
        csv.Should().Contain("passed").And.Contain("failed");
    }

    [Fact]
    public async Task Delete_OfTheTestSet_TakesExperimentsAndTheirRunsWithIt()
    {
        var setId = await _world.AddSetAsync(cases: 1);
        var started = await _world.Api.SendAsync(HttpMethod.Post, "experiments", _world.Request(setId));
        var view = await _world.EndOfAsync(started.Text("id"));
        var runId = view.GetProperty("cases")[0].GetProperty("cells")[0][0].Text("runId");

        using var deleted = await _world.Api.TrySendAsync(HttpMethod.Delete, $"test-sets/{setId}", null);

        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        using var experiment = await _world.Api.TrySendAsync(HttpMethod.Get, $"experiments/{started.Text("id")}", null);
        using var run = await _world.Api.TrySendAsync(HttpMethod.Get, $"runs/{runId}", null);
        experiment.StatusCode.Should().Be(HttpStatusCode.NotFound);
        run.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private async Task<int> CountAsync(string path) =>
        (await _world.Api.SendAsync(HttpMethod.Get, path, null)).GetProperty("items").GetArrayLength();

    private static async Task<IEnumerable<string>> FieldsAsync(HttpResponseMessage response)
    {
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        var problem = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(Token), default, Token);
        return problem.RootElement.GetProperty("errors").EnumerateObject().Select(error => error.Name).ToList();
    }
}
