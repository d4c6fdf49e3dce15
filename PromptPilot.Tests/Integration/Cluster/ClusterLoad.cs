using System.Text.Json;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Integration.Triggers;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Cluster;

/// <summary>What comes from outside while hosts are killed: schedules that fire each minute, and webhooks.</summary>
internal sealed class ClusterLoad : IAsyncDisposable
{
    private readonly FakeModelServer _model;
    private readonly List<(string RunId, Sent Message)> _told = [];
    private string _workflow = "";
    private Hook _hook = null!;

    private ClusterLoad(FakeModelServer model) => _model = model;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="schedules">Number of schedules, each of which fires once a minute.</param>
    public static async Task<ClusterLoad> StartAsync(RunApi api, int schedules)
    {
        var load = new ClusterLoad(await FakeModelServer.StartAsync());
        load._workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(load._model.Endpoint, "Load"), ("load", ["text"]));
        var webhook = await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{load._workflow}/triggers",
            new
            {
                type = "webhook",
                webhook = new { verification = "standard-webhooks", inputMapping = new { text = "trigger.payload.title" } },
            }
        );
        load._hook = new Hook(webhook.Text("id"), WebhookVerification.StandardWebhooks, webhook.Text("secret"));
        for (var i = 0; i < schedules; i++)
        {
            await api.SendAsync(
                HttpMethod.Post,
                $"workflows/{load._workflow}/triggers",
                new
                {
                    type = "scheduled",
                    inputs = new { text = $"schedule {i}" },
                    schedule = new
                    {
                        cron = "* * * * *",
                        timeZone = "UTC",
                        misfire = "all",
                    },
                }
            );
        }

        return load;
    }

    /// <summary>Sends a message that no host has seen.</summary>
    public async Task TellAsync(HttpClient http)
    {
        var message = new Sent { Body = JsonSerializer.Serialize(new { title = $"message {_told.Count}" }) };
        _told.Add((await SendAsync(http, message), message));
    }

    /// <summary>Waits until all is done, and checks that nothing was lost or done twice.</summary>
    public async Task CheckAsync(PublishedPortal portal, RunApi api, HttpClient http)
    {
        foreach (var (runId, message) in _told)
        {
            (await api.EndOfAsync(runId, seconds: 120)).Text("status").Should().Be("succeeded");
            (await SendAsync(http, message)).Should().Be(runId, "the same message is the same run");
        }

        // Firings go on each minute: the counts are compared when none is under way.
        await Eventually.HoldsAsync(
            async () =>
                await portal.CountAsync("""SELECT count(*) FROM "TriggerFirings" WHERE "Outcome" <> 'Fired'""") == 0
                && await portal.CountAsync($"{RunsOfSchedules} AND \"Status\" <> 'Succeeded'") == 0
                && await portal.CountAsync(RunsOfSchedules)
                    == await portal.CountAsync("""SELECT count(DISTINCT "RunId") FROM "TriggerFirings" """)
                && await portal.CountAsync("""SELECT coalesce(sum("Count"), 0)::bigint FROM "TriggerFirings" """)
                    == await portal.CountAsync("""SELECT count(*) FROM (SELECT DISTINCT "TriggerId", "DueAt" FROM "TriggerFirings") due"""),
            "each firing to have made one run that succeeded",
            TimeSpan.FromSeconds(60)
        );
        var (firings, triggers, minutes, latest) = (
            await portal.CountAsync("""SELECT count(*) FROM "TriggerFirings" """),
            await portal.CountAsync("""SELECT count(*) FROM "Triggers" WHERE "Type" = 'Scheduled'"""),
            await portal.CountAsync("""SELECT count(DISTINCT "DueAt") FROM "TriggerFirings" """),
            await portal.CountAsync(
                """SELECT coalesce(max(extract(epoch FROM "DecidedAt" - "DueAt") * 1000), 0)::bigint FROM "TriggerFirings" """
            )
        );
        Figures.Tell(
            $"webhooks {_told.Count}: lost 0, repeated 0; firings {firings} of {triggers} schedules over {minutes} minutes: lost 0, ",
            $"repeated 0, latest {latest / 1000.0:F1} s after it was due"
        );
        (
            await portal.CountAsync(
                """SELECT count(*) FROM (SELECT 1 FROM "TriggerFirings" GROUP BY "TriggerId" """
                    + """HAVING count(*) <> round(extract(epoch FROM max("DueAt") - min("DueAt")) / 60) + 1) gaps"""
            )
        )
            .Should()
            .Be(0, "each schedule fired once in each minute since its first");
        latest.Should().BeLessThanOrEqualTo(10_000);
    }

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private string RunsOfSchedules =>
        $"""SELECT count(*) FROM "WorkflowRuns" WHERE "WorkflowId" = '{_workflow}' AND "TriggerId" <> '{_hook.Id}'""";

    private async Task<string> SendAsync(HttpClient http, Sent message)
    {
        using var answer = await WebhookWorld.SendAsync(http, _hook, message);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        ((int)answer.StatusCode).Should().Be(202, text);
        return JsonSerializer.Deserialize<JsonElement>(text).Text("id");
    }
}
