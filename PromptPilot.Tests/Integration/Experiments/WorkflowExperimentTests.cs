using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Experiments;

/// <summary>Test sets, experiments and batches of workflows over HTTP, with a real engine and a model that answers by script.</summary>
public sealed class WorkflowExperimentTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private WorkflowWorld _world = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        _client = shared.Host.CreateAdminClient();
        _world = await WorkflowWorld.CreateAsync(new RunApi(_client), _model);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Experiment_OverAVersionAndTheDraft_ComparesTheFinalOutput_AndCostsAllCalls()
    {
        await _world.EditAsync();
        var setId = await _world.AddSetAsync(cases: 2);
        var preview = await _world.Api.SendAsync(HttpMethod.Post, "experiments?preview=true", WorkflowWorld.Request(setId));
        preview.GetProperty("calls").GetInt32().Should().Be(8, "two cases with two variants of two steps");

        var started = await _world.Api.SendAsync(HttpMethod.Post, "experiments", WorkflowWorld.Request(setId));
        var view = await _world.EndOfAsync(started.Text("id"));

        view.Text("name").Should().Be("Version 1 vs Draft");
        view.Text("workflowId").Should().Be(_world.WorkflowId);
        var variants = view.GetProperty("variants");
        variants[0].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(0);
        variants[1].GetProperty("passRate").GetProperty("passed").GetInt32().Should().Be(2);
        variants[1].GetProperty("comparison").GetProperty("better").GetInt32().Should().Be(2);
        variants[1].GetProperty("variant").GetProperty("workflow").Text("outputKey").Should().Be("digest");
        view.GetProperty("cost").GetDecimal().Should().BeLessThanOrEqualTo(view.GetProperty("costBound").GetDecimal());
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        var id = started.Text("id");
        foreach (var cell in await db.ExperimentCells.AsNoTracking().Where(cell => cell.ExperimentId == id).ToListAsync(Token))
        {
            var logs = await db.ExecutionLogs.AsNoTracking().Where(log => log.RunId == cell.RunId).ToListAsync(Token);
            logs.Should().HaveCount(2);
            cell.Cost.Should().Be(logs.Sum(log => log.Cost));
            logs.Single(log => log.Id == cell.LogId).OutputKey.Should().Be("digest");
        }

        var runs = await _world.Api.SendAsync(HttpMethod.Get, $"runs?workflowId={_world.WorkflowId}", null);
        runs.GetProperty("items").GetArrayLength().Should().Be(0, "they are in no list of runs");
    }

    [Fact]
    public async Task Start_OfWhatAnExperimentCannotRun_IsRefusedBeforeItStarts()
    {
        var setId = await _world.AddSetAsync(cases: 1);
        (await RefusalAsync("9")).Should().Contain("has no version “9”");
        (await RefusalAsync("1", _world.ProfileId)).Should().Contain("Leave this out");
        await _world.EditAsync(workflow => workflow["steps"]![0]!["review"] = new JsonObject());
        (await RefusalAsync("draft")).Should().Contain("Step “facts” waits for a person’s review");
        await _world.EditAsync(workflow =>
        {
            workflow["steps"]![0]!["review"] = null;
            workflow["steps"]![1]!["inputMapping"] = new JsonObject { ["facts"] = "meeting_notes" };
        });
        (await RefusalAsync("draft")).Should().Contain("2 final outputs: facts, digest");
        await _world.Api.SendAsync(HttpMethod.Put, $"test-sets/{setId}", new { name = "Chosen", outputKey = "facts" });
        var preview = await _world.Api.SendAsync(HttpMethod.Post, "experiments?preview=true", WorkflowWorld.Request(setId));
        preview.GetProperty("calls").GetInt32().Should().Be(4);
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await db.Experiments.CountAsync(experiment => experiment.TestSetId == setId, Token)).Should().Be(0);

        async Task<string> RefusalAsync(string version, string? profileId = null)
        {
            using var answer = await _world.Api.TrySendAsync(
                HttpMethod.Post,
                "experiments",
                new { testSetId = setId, variants = new[] { new { version, modelProfileId = profileId } } }
            );
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            return await answer.Content.ReadAsStringAsync(Token);
        }
    }

    [Fact]
    public async Task Run_BecomesATestCase_WithItsInputsAndFinalOutput_Once()
    {
        var setId = await _world.AddSetAsync(cases: 0);
        var run = await _world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{_world.WorkflowId}/runs?wait=60",
            new { inputs = new { meeting_notes = "Notes.", words = 12 } }
        );

        var test = await _world.Api.SendAsync(HttpMethod.Post, $"test-sets/{setId}/cases/from-run", new { runId = run.Text("id") });

        test.Text("expected").Should().Be("They meet.");
        test.Text("origin").Should().Be("run");
        test.GetProperty("inputs").GetProperty("words").GetInt32().Should().Be(12);
        test.GetProperty("inputs").TryGetProperty("tone", out _).Should().BeFalse("it had no value");
        using var again = await _world.Api.TrySendAsync(
            HttpMethod.Post,
            $"test-sets/{setId}/cases/from-run",
            new { runId = run.Text("id") }
        );
        again.StatusCode.Should().Be(HttpStatusCode.Conflict);
        var view = await _world.Api.SendAsync(HttpMethod.Get, $"test-sets/{setId}", null);
        view.GetProperty("variables").EnumerateArray().Select(one => one.Text("name")).Should().Equal("meeting_notes", "words", "tone");
    }

    [Fact]
    public async Task Batch_RunsEachRow_AndItsCsvHasTheFileFirst()
    {
        const string csv = "id,Meeting notes,words\n7,Monday,5\n8,\"=Tuesday, \"\"late\"\"\",\n";
        var preview = await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{_world.WorkflowId}/batches?preview=true", new { csv });
        preview.GetProperty("inputs")[0].Text("column").Should().Be("Meeting notes", "names match but for case, blanks and punctuation");
        preview.GetProperty("preview").GetProperty("calls").GetInt32().Should().Be(4);

        var started = await _world.StartBatchAsync(csv);
        var view = await _world.EndOfAsync(started.Text("id"));

        view.GetProperty("isBatch").GetBoolean().Should().BeTrue();
        view.GetProperty("cost").GetDecimal().Should().BePositive();
        var rows = await _world.RowsAsync(view.Text("id"));
        rows[0].Text("status").Should().Be("succeeded");
        rows[0].GetProperty("outputs").Text("facts").Should().Be("Facts: Monday");
        var run = await _world.Api.FindAsync(rows[1].Text("runId"));
        run.GetProperty("inputs").Text("meeting_notes").Should().Be("=Tuesday, \"late\"");
        var file = await _client.GetStringAsync(new Uri($"/api/v1/experiments/{view.Text("id")}/export", UriKind.Relative), Token);
        var lines = file.TrimStart('\uFEFF').Trim().Split('\n', StringSplitOptions.TrimEntries);
        lines[0].Should().Be("id,Meeting notes,words,facts,digest,status,error,costUsd,durationMs,runId");
        lines[1].Should().StartWith("7,Monday,5,Facts: Monday,They meet.,succeeded,,0.00");
        var sets = await _world.Api.SendAsync(HttpMethod.Get, $"test-sets?workflowId={_world.WorkflowId}", null);
        sets.GetProperty("items").GetArrayLength().Should().Be(0, "its rows are no test set");
        var listed = await _world.Api.SendAsync(HttpMethod.Get, $"experiments?workflowId={_world.WorkflowId}", null);
        listed.GetProperty("items")[0].GetProperty("isBatch").GetBoolean().Should().BeTrue();
        var setId = view.Text("testSetId");
        foreach (var path in new[] { $"test-sets/{setId}", $"test-sets/{setId}/cases/export" })
        {
            using var hidden = await _world.Api.TrySendAsync(HttpMethod.Get, path, null);
            hidden.StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Batch_OfAFileWithErrors_NamesRowAndField_AndStartsNothing()
    {
        const string csv = "meeting_notes,words,tone\nFine,3,short\n,three,loud\n";
        var preview = await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{_world.WorkflowId}/batches?preview=true", new { csv });
        preview.GetProperty("wrongRows").GetInt32().Should().Be(1);
        var errors = preview.GetProperty("first")[1].GetProperty("errors");
        errors.Text("meeting_notes").Should().Contain("required");
        errors.Text("words").Should().Be("“three” is not a number.");
        errors.Text("tone").Should().Contain("short");
        preview.TryGetProperty("preview", out _).Should().BeFalse("it has no cost yet");

        using var refused = await _world.Api.TrySendAsync(HttpMethod.Post, $"workflows/{_world.WorkflowId}/batches", new { csv });
        refused.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Token)).Should().Contain("rows[2].words").And.Contain("Row 2, words");
        using var column = await _world.Api.TrySendAsync(
            HttpMethod.Post,
            $"workflows/{_world.WorkflowId}/batches",
            new { csv = "a\nx\n", columns = new { meeting_notes = "b" } }
        );
        (await column.Content.ReadAsStringAsync(Token)).Should().Contain("columns.meeting_notes").And.Contain("no column “b”");
        _model.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Batch_WithAFailedRow_RetriesIt_AndDeletingTakesItsRuns()
    {
        _model.Script = call =>
            call.Prompt.Contains("Tuesday", StringComparison.Ordinal)
                ? FakeAnswer.Error(401, "Incorrect API key provided.")
                : WorkflowWorld.Script(call);
        var started = await _world.StartBatchAsync("meeting_notes\nMonday\nTuesday\n");
        var failed = await _world.EndOfAsync(started.Text("id"));
        failed.GetProperty("variants")[0].GetProperty("errors").GetInt32().Should().Be(1);
        var row = (await _world.Api.SendAsync(HttpMethod.Get, $"experiments/{failed.Text("id")}/rows?status=failed", null)).GetProperty(
            "items"
        )[0];
        row.GetProperty("number").GetInt32().Should().Be(2);
        row.Text("message").Should().Contain("Incorrect API key");
        var calls = _model.Calls.Count;

        _model.Script = WorkflowWorld.Script;
        await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{failed.Text("id")}/resume", null);
        var resumed = await _world.EndOfAsync(failed.Text("id"));

        resumed.GetProperty("variants")[0].GetProperty("errors").GetInt32().Should().Be(0);
        (_model.Calls.Count - calls).Should().Be(2, "what succeeded is not run again");
        var runId = (await _world.RowsAsync(failed.Text("id")))[1].Text("runId");
        using var deleted = await _world.Api.TrySendAsync(HttpMethod.Delete, $"experiments/{failed.Text("id")}", null);
        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        using var run = await _world.Api.TrySendAsync(HttpMethod.Get, $"runs/{runId}", null);
        run.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Budget_OfTheWorkflow_StopsABatch_AndIsShownBefore()
    {
        // A call reserves at most 500 output tokens at $2 a million, so one run fits into a tenth of a cent and a half.
        await _world.EditAsync(workflow => workflow["limits"] = new JsonObject { ["dayBudget"] = 0.0015m });
        var before = await _world.Api.SendAsync(
            HttpMethod.Post,
            $"workflows/{_world.WorkflowId}/batches?preview=true",
            new { csv = "meeting_notes\nMonday\n" }
        );
        before.GetProperty("preview").GetProperty("budget").GetProperty("left").GetDecimal().Should().Be(0.0015m);
        before.GetProperty("preview").GetProperty("budget").Text("budget").Should().Be("this workflow today");
        var rows = string.Concat(Enumerable.Range(1, 20).Select(i => $"Notes {i} {new string('x', 100)}\n"));

        var view = await _world.EndOfAsync((await _world.StartBatchAsync($"meeting_notes\n{rows}")).Text("id"));

        view.GetProperty("variants")[0].GetProperty("errors").GetInt32().Should().BePositive();
        (await _world.RowsAsync(view.Text("id")))[19].Text("message").Should().Contain("Stopped by budget: this workflow");
        view.GetProperty("cost").GetDecimal().Should().BeLessThanOrEqualTo(0.0015m);
        var (day, _, _) = await shared.Host.Get<RunBudgets>().SpentByWorkflowAsync(_world.WorkflowId, Token);
        Money.ToUsd(day).Should().Be(view.GetProperty("cost").GetDecimal(), "its runs are part of the workflow’s spending");
    }

    [Fact]
    public async Task Cancel_StopsABatch_AndTheRestRunsLater()
    {
        _model.Script = _ => new FakeAnswer { Tokens = ["They"], Ending = FakeEnding.Stall };
        var started = await _world.StartBatchAsync("meeting_notes\nMonday\nTuesday\n");
        await Eventually.HoldsAsync(() => _model.Calls.Count > 0, "a call in flight");
        await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{started.Text("id")}/cancel", null);
        await Eventually.HoldsAsync(
            async () =>
                (await _world.RowsAsync(started.Text("id"))).EnumerateArray().All(row => row.Text("status") is "failed" or "queued"),
            "the rows to be recorded"
        );

        _model.Script = WorkflowWorld.Script;
        await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{started.Text("id")}/resume", null);
        await _world.EndOfAsync(started.Text("id"));

        (await _world.RowsAsync(started.Text("id"))).EnumerateArray().Should().OnlyContain(row => row.Text("status") == "succeeded");
    }

    [Fact]
    public async Task Batch_SentTwiceAtOnce_StartsOnce_WithAKeyOrWithout()
    {
        _model.Script = _ => new FakeAnswer { Tokens = ["They"], Ending = FakeEnding.Stall };
        var keyed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync("meeting_notes\nMonday\n", "one")));
        keyed.Select(answer => answer.Status).Should().OnlyContain(status => status == HttpStatusCode.Created);
        var id = keyed.Select(answer => answer.Id).Distinct().Should().ContainSingle().Subject;
        (await StartAsync("meeting_notes\nTuesday\n", "one")).Status.Should().Be(HttpStatusCode.UnprocessableEntity);

        var unkeyed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync("meeting_notes\nFriday\n", null)));
        unkeyed.Count(answer => answer.Status == HttpStatusCode.Created).Should().Be(1);
        unkeyed.Count(answer => answer.Status == HttpStatusCode.Conflict).Should().Be(3);
        var other = unkeyed.Single(answer => answer.Status == HttpStatusCode.Created).Id!;
        foreach (var experiment in new[] { id!, other })
        {
            await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{experiment}/cancel", null);
        }

        _model.Script = WorkflowWorld.Script;
        var again = await StartAsync("meeting_notes\nFriday\n", null);
        again.Status.Should().Be(HttpStatusCode.Created, "it is no longer running");
        await _world.EndOfAsync(again.Id!);
    }

    [Fact]
    public async Task Batch_OfADeletedPerson_GoesWithTheirTexts_OnceItHasEnded()
    {
        var ann = await shared.Host.AddPersonAsync(Role.Architect);
        _model.Script = _ => new FakeAnswer { Tokens = ["They"], Ending = FakeEnding.Stall };
        var request = new BatchRequest(_world.WorkflowId, null, "Rows", "meeting_notes\nText of Ann\n");
        var id = (await shared.Host.Get<BatchService>().StartAsync(ann.Actor, request, Token)).Value;
        await Eventually.HoldsAsync(() => _model.Calls.Count > 0, "a call in flight");
        using var running = await _world.Api.TrySendAsync(HttpMethod.Delete, $"users/{ann.Id}?eraseTexts=true", null);
        running.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await running.Content.ReadAsStringAsync(Token)).Should().Contain("Cancel it");
        _model.Script = WorkflowWorld.Script;
        await _world.Api.SendAsync(HttpMethod.Post, $"experiments/{id}/cancel", null);

        await Eventually.HoldsAsync(
            async () =>
            {
                using var deleted = await _world.Api.TrySendAsync(HttpMethod.Delete, $"users/{ann.Id}?eraseTexts=true", null);
                return deleted.StatusCode == HttpStatusCode.NoContent;
            },
            "the person to be deleted"
        );

        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        (await db.Experiments.AnyAsync(experiment => experiment.Id == id, Token)).Should().BeFalse();
        string[] rows =
        [
            JsonSerializer.Serialize(await db.TestSetVersions.AsNoTracking().ToListAsync(Token)),
            JsonSerializer.Serialize(await db.WorkflowRuns.AsNoTracking().ToListAsync(Token)),
            JsonSerializer.Serialize(await db.RunEvents.AsNoTracking().ToListAsync(Token)),
            JsonSerializer.Serialize(await db.ExecutionLogs.AsNoTracking().ToListAsync(Token)),
        ];
        rows.Should().NotContain(row => row.Contains("Text of Ann", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Batch_OfAPausedOrArchivedWorkflow_IsRefused()
    {
        var path = $"workflows/{_world.WorkflowId}/batches";
        await _world.Api.SendAsync(HttpMethod.Post, $"workflows/{_world.WorkflowId}/archive", null);
        using var archived = await _world.Api.TrySendAsync(HttpMethod.Post, path, new { csv = "meeting_notes\nMonday\n" });
        archived.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await archived.Content.ReadAsStringAsync(Token)).Should().Contain("archived");
    }

    private async Task<(HttpStatusCode Status, string? Id)> StartAsync(string csv, string? key)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/workflows/{_world.WorkflowId}/batches");
        message.Content = System.Net.Http.Json.JsonContent.Create(new { csv });
        if (key is not null)
        {
            message.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await _client.SendAsync(message, Token);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Token));
        return (answer.StatusCode, answer.IsSuccessStatusCode ? body.Text("id") : null);
    }
}
