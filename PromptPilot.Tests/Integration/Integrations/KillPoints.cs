using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Integration.Triggers;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>A moment between a webhook's arrival and the receipt of what came of it.</summary>
internal enum KillPoint
{
    Answered,
    RunQueued,
    RunClaimed,
    CallMade,
    InMidStream,
    StepCommitted,
    SecondCallMade,
    RunFinished,
    DeliveryUnderWay,
    DeliveryTaken,
    DeliveryFailed,
    ScheduleFired,
}

/// <summary>What was lost or done twice.</summary>
internal sealed record KillFigures(
    int Kills,
    int Runs,
    int RunsLost,
    int StepsRepeated,
    int DeliveriesLost,
    int Duplicates,
    int MostOfOneId,
    int FiringsTwice
);

/// <summary>
/// kill -9 of the published portal at chosen moments, while webhooks come, a schedule fires at each start, and results are delivered.
/// </summary>
internal sealed class KillPoints : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly FakeModelServer _model;
    private readonly HookReceiver _receiver;
    private readonly PublishedPortal _portal;
    private readonly HttpClient _http;
    private readonly HttpClient _stranger;
    private readonly RunApi _api;
    private readonly ConcurrentDictionary<string, int> _taken = [];
    private readonly List<(string RunId, Sent Message)> _runs = [];
    private Hook _hook = null!;
    private string _schedule = "";
    private string _runId = "";
    private KillPoint _point;
    private int _kills;
    private int _due;
    private TaskCompletionSource _held = new();
    private TaskCompletionSource _known = new();
    private volatile bool _holds;

    private KillPoints(FakeModelServer model, HookReceiver receiver, PublishedPortal portal)
    {
        (_model, _receiver, _portal, _http, _stranger) = (model, receiver, portal, portal.CreateClient(), portal.CreateClient(null));
        _api = new RunApi(_http);
        model.Script = Hold;
        receiver.Answer = Take;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<KillPoints> StartAsync(PublishedBuild build)
    {
        var world = new KillPoints(
            await FakeModelServer.StartAsync(),
            await HookReceiver.StartAsync(),
            await PublishedPortal.StartAsync(
                build,
                new Dictionary<string, string?>
                {
                    ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1",
                    ["PromptPilot:Integrations:TimeoutSeconds"] = "120",
                }
            )
        );
        var workflow = await world._api.AddWorkflowAsync(
            await world._api.AddProfileAsync(world._model.Endpoint),
            ("one", ["text"]),
            ("two", ["one"])
        );
        await world._api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/integration-hooks",
            new { type = "webhook", targetUrl = $"{world._receiver.Address}/in" }
        );
        var webhook = await world._api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new
            {
                type = "webhook",
                webhook = new { verification = "standard-webhooks", inputMapping = new { text = "trigger.payload.title" } },
            }
        );
        world._hook = new Hook(webhook.Text("id"), WebhookVerification.StandardWebhooks, webhook.Text("secret"));
        var schedule = await world._api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new
            {
                type = "scheduled",
                inputs = new { text = "by schedule" },
                schedule = new
                {
                    cron = "0 0 1 1 *",
                    timeZone = "UTC",
                    misfire = "once",
                },
            }
        );
        world._schedule = schedule.Text("id");
        return world;
    }

    /// <summary>Sends a webhook, kills at the point, lets the schedule become due while the host is down, and starts again.</summary>
    public async Task KillAtAsync(KillPoint point)
    {
        (_point, _holds, _held, _runId) = (point, true, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), "");
        _known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new Sent { Body = JsonSerializer.Serialize(new { title = $"kill {_kills} at {point}" }) };
        var calls = _model.Calls.Count;
        if (point == KillPoint.ScheduleFired)
        {
            var firings = await CountAsync("SELECT count(*) FROM \"TriggerFirings\"");
            await KillAndStartAsync();
            await UntilAsync("SELECT count(*) FROM \"TriggerFirings\"", firings + 1, "the schedule to fire");
        }

        _runId = await TellAsync(message);
        _runs.Add((_runId, message));
        _known.SetResult();
        await ReachAsync(point, calls);
        await KillAndStartAsync();
    }

    /// <summary>Waits until all is done, then counts.</summary>
    public async Task<KillFigures> CountAsync()
    {
        foreach (var (runId, message) in _runs)
        {
            await _api.EndOfAsync(runId, 120);
            (await TellAsync(message)).Should().Be(runId, "the same message is the same run, whatever happened in between");
        }

        await UntilAsync(
            "SELECT count(*) FROM \"TriggerFirings\" WHERE \"Outcome\" = 'Fired' AND \"RunId\" IN (SELECT \"Id\" FROM "
                + "\"WorkflowRuns\" WHERE \"FinishedAt\" IS NOT NULL)",
            _due,
            "all firings to have made their runs"
        );
        var runs = (int)await CountAsync("SELECT count(*) FROM \"WorkflowRuns\"");
        await UntilAsync("SELECT count(*) FROM \"HookDeliveries\" WHERE \"State\" = 'Delivered'", runs, "all deliveries to arrive");
        return new KillFigures(
            _kills,
            runs,
            _runs.Count + _due - (int)await CountAsync("SELECT count(*) FROM \"WorkflowRuns\" WHERE \"Status\" = 'Succeeded'"),
            (int)
                await CountAsync(
                    "SELECT count(*) FROM (SELECT 1 FROM \"ExecutionLogs\" WHERE \"Status\" = 'Success' GROUP BY \"RunId\", "
                        + "\"StepId\" HAVING count(*) > 1) repeated"
                ),
            runs - _taken.Count,
            _taken.Values.Sum(count => count - 1),
            _taken.Values.Max(),
            (int)await CountAsync("SELECT count(*) FROM \"TriggerFirings\"") - _due
        );
    }

    public async ValueTask DisposeAsync()
    {
        _held.TrySetResult();
        _known.TrySetResult();
        _http.Dispose();
        _stranger.Dispose();
        await _portal.DisposeAsync();
        await _receiver.DisposeAsync();
        await _model.DisposeAsync();
    }

    private Task ReachAsync(KillPoint point, int calls) =>
        point switch
        {
            KillPoint.Answered or KillPoint.ScheduleFired => Task.CompletedTask,
            KillPoint.RunQueued => UntilAsync(Event(RunEventType.Queued), 1, "the run to be queued"),
            KillPoint.RunClaimed => UntilAsync(Event(RunEventType.AttemptStarted), 1, "the first attempt to begin"),
            KillPoint.CallMade => _model.WaitAsync(
                model => model.Calls.Skip(calls).Any(call => IsOurs(call.Prompt, "one:")),
                Cancellation,
                seconds: 60
            ),
            KillPoint.InMidStream => Eventually.HoldsAsync(
                async () =>
                    (await _api.FindAsync(_runId)).GetProperty("steps")[0].TryGetProperty("partials", out var partials)
                    && partials[0].Text("text").Length > 0,
                "the first step to stream",
                Limit
            ),
            KillPoint.StepCommitted => UntilAsync(Event(RunEventType.AttemptEnded), 1, "the first step to be committed"),
            KillPoint.SecondCallMade => UntilAsync(StoredEvents.Count(_runId, RunEventType.AttemptStarted), 2, "the second step to begin"),
            KillPoint.RunFinished => UntilAsync(Event(RunEventType.Finished), 1, "the run to end"),
            KillPoint.DeliveryUnderWay or KillPoint.DeliveryTaken => Eventually.HoldsAsync(
                () => _receiver.Messages.Any(message => message.Body.Contains(_runId, StringComparison.Ordinal)),
                "the delivery to reach the receiver",
                Limit
            ),
            KillPoint.DeliveryFailed => UntilAsync(
                "SELECT count(*) FROM \"HookAttempts\" WHERE \"DeliveryId\" IN (SELECT \"Id\" FROM \"HookDeliveries\" WHERE "
                    + $"\"RunId\" = '{_runId}')",
                1,
                "the failure to be recorded"
            ),
        };

    private string Event(RunEventType type) =>
        $"SELECT CASE WHEN ({StoredEvents.Count(_runId, type)}) > 0 THEN CAST(1 AS bigint) ELSE 0 END";

    private bool IsOurs(string prompt, string step) =>
        prompt.StartsWith(step, StringComparison.Ordinal) && prompt.Contains($"kill {_kills} at", StringComparison.Ordinal);

    /// <summary>Holds the call that is to be cut off.</summary>
    private FakeAnswer? Hold(FakeCall call) =>
        !_holds
            ? null
            : _point switch
            {
                KillPoint.CallMade when IsOurs(call.Prompt, "one:") => FakeAnswer.Of("never seen") with
                {
                    Gate = _held.Task,
                    GateAfter = 0,
                },
                KillPoint.InMidStream when IsOurs(call.Prompt, "one:") => FakeAnswer.Of("seen in part only") with
                {
                    Gate = _held.Task,
                    GateAfter = 2,
                },

                // Nothing of the run goes on before its id is known here, by which its delivery is recognized.
                _ when IsOurs(call.Prompt, "one:") => FakeAnswer.Of("an answer") with { Gate = _known.Task, GateAfter = 0 },
                _ => null,
            };

    /// <summary>A receiver that counts what it took, and holds or refuses what is to be cut off.</summary>
    private ReceiverAnswer Take(Received message)
    {
        var isOurs = _holds && _runId.Length > 0 && message.Body.Contains(_runId, StringComparison.Ordinal);
        if (isOurs && _point == KillPoint.DeliveryFailed)
        {
            return new ReceiverAnswer(503);
        }

        _taken.AddOrUpdate(message.Id, 1, (_, count) => count + 1);
        return isOurs && _point == KillPoint.DeliveryUnderWay ? new ReceiverAnswer { Gate = _held.Task } : new ReceiverAnswer();
    }

    private async Task KillAndStartAsync()
    {
        await _portal.KillAsync();
        _kills++;
        _holds = false;
        _held.TrySetResult();

        // A firing that was cut off before it was decided is still due: it is the same firing.
        var now = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture);
        _due += await WriteAsync($"UPDATE \"Triggers\" SET \"NextAt\" = '{now}' WHERE \"Id\" = '{_schedule}' AND \"NextAt\" > '{now}'");
        await _portal.StartAgainAsync();
    }

    private async Task<string> TellAsync(Sent message)
    {
        using var answer = await WebhookWorld.SendAsync(_stranger, _hook, message);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        ((int)answer.StatusCode).Should().Be(202, text);
        return JsonSerializer.Deserialize<JsonElement>(text).Text("id");
    }

    private Task UntilAsync(string sql, long count, string what) =>
        Eventually.HoldsAsync(async () => await CountAsync(sql) >= count, what, TimeSpan.FromSeconds(120));

    private Task<long> CountAsync(string sql) => _portal.CountAsync(sql);

    private async Task<int> WriteAsync(string sql)
    {
        await using var connection = await _portal.OpenDatabaseAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync(Cancellation);
    }
}
