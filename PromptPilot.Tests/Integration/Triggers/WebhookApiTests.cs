using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Triggers;
using PromptPilot.Web.Features.Triggers.Webhooks;

namespace PromptPilot.Tests.Integration.Triggers;

/// <summary>What an honest sender gets, and what the inbox shows of it.</summary>
public class WebhookApiTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/json", """{"title":"It rains"}""", "trigger.payload.title", "It rains")]
    [InlineData("application/x-www-form-urlencoded", "title=It+rains", "trigger.payload.title | upcase", "IT RAINS")]
    [InlineData("text/plain", "It rains", "trigger.payload", "It rains")]
    [InlineData("application/json", "null", "trigger.payload | default: 'nothing came'", "nothing came")]
    [InlineData(null, "", "trigger.payload | default: 'nothing came'", "nothing came")]
    public async Task Webhook_OfEachKindOfBody_StartsARunWithItsInputs(string? type, string body, string expression, string input)
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync(expression: expression);

        var (status, answer) = await world.TellAsync(hook, new Sent { Body = body, ContentType = type });

        status.Should().Be(202);
        answer.EnumerateObject().Select(property => property.Name).Should().BeEquivalentTo("id", "status");
        var run = await world.Api.EndOfAsync(answer.Text("id"));
        run.Text("status").Should().Be("succeeded");
        run.Text("triggerKind").Should().Be("webhook");
        run.GetProperty("inputs").Text("text").Should().Be(input);
    }

    [Fact]
    public async Task Webhook_ThatDoesNotGiveTheInputs_IsRefusedAtTheField_AndWorksOnceTheMappingIsRight()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync();
        var sent = new Sent { Body = """{"subject":"It rains"}""" };

        var (status, body) = await world.TellAsync(hook, sent);

        status.Should().Be(422);
        body.GetProperty("errors").EnumerateObject().Select(error => error.Name).Should().Equal("webhook.inputMapping.text");
        (await world.InboxAsync(hook, 1))[0].Verdict.Should().Be(WebhookVerdict.Unmapped);
        (await world.TellAsync(hook, sent with { Body = """{"title":"It rains"}""" }))
            .Status.Should()
            .Be(202, "a refused message does not use up its id");
    }

    [Fact]
    public async Task Slack_IsAnsweredAsItExpects_WithTheSecretThatWasPasted()
    {
        const string Secret = "8f742231b10e8888abcd99yyyzzz85a5";
        await using var world = await WebhookWorld.InAsync(shared);
        var triggers = $"workflows/{world.WorkflowId}/triggers";
        var mapping = new { text = "trigger.payload.text" };
        using var without = await world.Api.TrySendAsync(
            HttpMethod.Post,
            triggers,
            new { type = "webhook", webhook = new { verification = "slack", inputMapping = mapping } }
        );
        without.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await without.Content.ReadAsStringAsync(Cancellation)).Should().Contain("webhook.secret");
        var made = await world.Api.SendAsync(
            HttpMethod.Post,
            triggers,
            new
            {
                type = "webhook",
                webhook = new
                {
                    verification = "slack",
                    inputMapping = mapping,
                    secret = Secret,
                },
            }
        );
        made.ToString().Should().NotContain(Secret);
        var address = new Uri($"/hooks/{made.Text("id")}", UriKind.Relative);

        (await SendAsync("""{"type":"url_verification","challenge":"3eZb","token":"x"}""", "application/json"))
            .Should()
            .Be((200, """{"challenge":"3eZb"}"""));
        (await CountAsync()).Should().Be(0);
        var (status, text) = await SendAsync("command=%2Fsummarize&text=It+rains", "application/x-www-form-urlencoded");
        status.Should().Be(200);
        text.Should().Contain("ephemeral").And.Contain("/summarize has started");
        (await CountAsync()).Should().Be(1);
        var admin = (await world.Portal.GetAdminAsync()).Actor;
        var rotated = await world
            .Portal.Get<TriggerService>()
            .RotateSecretAsync(admin, world.WorkflowId, made.Text("id"), null, Cancellation);
        rotated.Problem!.Kind.Should().Be(ProblemKind.Conflict, "only Slack can make its secret");

        async Task<int> CountAsync() =>
            (await world.Api.SendAsync(HttpMethod.Get, $"runs?workflowId={world.WorkflowId}", null)).GetProperty("items").GetArrayLength();

        async Task<(int, string)> SendAsync(string body, string type)
        {
            var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            var hash = System.Security.Cryptography.HMACSHA256.HashData(
                System.Text.Encoding.UTF8.GetBytes(Secret),
                System.Text.Encoding.UTF8.GetBytes($"v0:{time}:{body}")
            );
            using var content = new StringContent(body, System.Text.Encoding.UTF8, type);
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            request.Headers.Add("X-Slack-Request-Timestamp", $"{time}");
            request.Headers.Add("X-Slack-Signature", $"v0={Convert.ToHexStringLower(hash)}");
            using var answer = await world.Http.SendAsync(request, Cancellation);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        }
    }

    [Fact]
    public async Task GitHubPing_IsAccepted_AndStartsNoRun()
    {
        const string Body = """{"zen":"Keep it logically awesome."}""";
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync(WebhookVerification.GitHub);
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/hooks/{hook.Id}", UriKind.Relative));
            request.Content = new StringContent(Body, System.Text.Encoding.UTF8, "application/json");
            request.Headers.Add("X-GitHub-Event", "ping");
            request.Headers.Add("X-Hub-Signature-256", WebhookSignatures.SignGitHub(hook.Secret, System.Text.Encoding.UTF8.GetBytes(Body)));
            using var answer = await world.Http.SendAsync(request, Cancellation);
            answer.StatusCode.Should().Be(HttpStatusCode.OK, "GitHub sends it again on request");
        }

        var inbox = await world.InboxAsync(hook, 2);
        inbox.Should().AllSatisfy(receipt => receipt.RunId.Should().BeNull());
        inbox[0].Verdict.Should().Be(WebhookVerdict.Accepted);
    }

    [Fact]
    public async Task Webhook_WithAWrongBody_IsRefusedWithThePlace()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync();

        var (status, body) = await world.TellAsync(hook, new Sent { Body = "{\"title\":\n oops}" });

        status.Should().Be(400);
        body.GetProperty("details")[0].GetProperty("line").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task Answers_AreHandedOutOnlyWhereTheTriggerSaysSo()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        world.Model.Default = FakeAnswer.Of("It will stop.");
        var closed = await world.AddAsync();
        var open = await world.AddAsync(answers: true);

        (await world.TellAsync(closed, new Sent { Query = "?wait=30" })).Status.Should().Be(403);
        (await world.TellAsync(closed, new Sent { Accept = "text/event-stream" })).Status.Should().Be(403);
        (await world.CountRunsAsync()).Should().Be(0, "a sender who wants what it does not get starts nothing");
        (await world.TellAsync(open, new Sent { Query = "?wait=301" })).Status.Should().Be(400);
        var (status, body) = await world.TellAsync(open, new Sent { Query = "?wait=30" });

        status.Should().Be(200);
        body.GetProperty("outputs").Text("answer").Should().Be("It will stop.");
        body.TryGetProperty("steps", out _).Should().BeFalse();
        body.TryGetProperty("inputs", out _).Should().BeFalse();
    }

    [Fact]
    public async Task Answers_AfterTheWait_AreARunThatGoesOn()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var gate = new TaskCompletionSource();
        world.Model.Default = FakeAnswer.Of("It will stop.") with { Gate = gate.Task, GateAfter = 0 };
        var hook = await world.AddAsync(answers: true);
        var sent = new Sent { Query = "?wait=1" };

        var (status, body) = await world.TellAsync(hook, sent);
        gate.SetResult();
        var again = await world.TellAsync(hook, sent with { Query = "?wait=30" });

        status.Should().Be(202);
        again.Status.Should().Be(200, "the same message asks for the outputs later");
        again.Body.Text("id").Should().Be(body.Text("id"));
    }

    [Fact]
    public async Task Answers_AsAStream_ComeWordByWordAndShowNoPrompt()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        world.Model.Default = FakeAnswer.Of("It will stop.");
        var hook = await world.AddAsync(answers: true);

        using var answer = await world.SendAsync(hook, new Sent { Accept = "text/event-stream" });
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        text.Should().Contain("event: snapshot").And.Contain("event: end").And.Contain("It will stop.");
        text.Should().NotContain("answer: It rains", "the prompt is not for the sender").And.NotContain("\"logs\"");
    }

    [Fact]
    public async Task Rotation_BothSecretsCountForADay_ThenTheNewOneOnly()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var triggers = world.Portal.Get<TriggerService>();
        var architect = (await world.Portal.AddPersonAsync(Role.Architect)).Actor;
        var old = await world.AddAsync();

        var rotated = (await triggers.RotateSecretAsync(architect, world.WorkflowId, old.Id, null, Cancellation)).Value;
        var now = old with { Secret = rotated.Secret! };

        rotated.Trigger.Webhook!.PreviousSecretUntil.Should().BeCloseTo(DateTime.UtcNow.AddDays(1), TimeSpan.FromMinutes(1));
        (await world.TellAsync(old)).Status.Should().Be(202);
        (await world.TellAsync(now)).Status.Should().Be(202);
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            var trigger = await db.Triggers.SingleAsync(candidate => candidate.Id == old.Id, Cancellation);
            trigger.Webhook!.PreviousSecretUntil = DateTime.UtcNow.AddSeconds(-1);
            await db.SaveChangesAsync(Cancellation);
        }

        (await world.TellAsync(old)).Status.Should().Be(401);
        (await world.TellAsync(now)).Status.Should().Be(202);
        await triggers.RotateSecretAsync(architect, world.WorkflowId, old.Id, null, Cancellation);
        await triggers.RotateSecretAsync(architect, world.WorkflowId, old.Id, null, Cancellation);
        (await world.TellAsync(now)).Status.Should().Be(401, "rotated twice, a secret that has leaked ends at once");
    }

    [Fact]
    public async Task Update_WithAWrongExpression_IsRefusedAtTheField()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var triggers = world.Portal.Get<TriggerService>();
        var admin = (await world.Portal.GetAdminAsync()).Actor;
        var hook = await world.AddAsync();
        var content = new TriggerContent(
            TriggerType.Webhook,
            Enabled: true,
            new Dictionary<string, JsonElement>(),
            Webhook: new WebhookContent(WebhookVerification.None, new Dictionary<string, string> { ["text"] = "payload.title" })
        );

        var refused = await triggers.UpdateAsync(admin, world.WorkflowId, hook.Id, content, null, Cancellation);

        refused.Problem!.Errors.Should().ContainSingle().Which.Field.Should().Be("webhook.inputMapping.text");
    }

    [Fact]
    public async Task Inbox_ShowsWhatCame_AndReplaysIt()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var inbox = world.Portal.Get<WebhookInboxService>();
        var architect = await world.Portal.AddPersonAsync(Role.Architect);
        var hook = await world.AddAsync();
        await world.TellAsync(hook, new Sent { Secret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=" });
        await world.InboxAsync(hook, 1);
        var runId = (await world.TellAsync(hook)).Body.Text("id");
        await world.InboxAsync(hook, 2);

        var page = (await inbox.ListAsync(architect.Actor, new WebhookInboxFilter(hook.Id), new PageRequest(), Cancellation)).Value;
        page.Items.Select(item => (item.Verdict, item.StatusCode, item.CanReplay))
            .Should()
            .Equal((WebhookVerdict.Accepted, 202, true), (WebhookVerdict.Forged, 401, false));
        page.Items[0].RunId.Should().Be(runId);
        var shown = (await inbox.FindAsync(architect.Actor, page.Items[0].Id, Cancellation)).Value;
        shown.Body.Should().Be("""{"title":"It rains"}""");
        shown.Headers["webhook-signature"].Should().Be("[redacted]");

        (await inbox.ReplayAsync(architect.Actor, page.Items[1].Id, Cancellation))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Conflict, "nobody knows who wrote a forged request");
        var replay = await inbox.ReplayAsync(architect.Actor, page.Items[0].Id, Cancellation);

        replay.Value.Id.Should().NotBe(runId);
        (await world.Api.EndOfAsync(replay.Value.Id)).GetProperty("inputs").Text("text").Should().Be("It rains");
        var rows = await world.InboxAsync(hook, 3);
        rows[0]
            .Should()
            .Match<WebhookReceipt>(row =>
                row.Verdict == WebhookVerdict.Replayed && row.RunId == replay.Value.Id && row.ReplayOf == page.Items[0].Id
            );
    }

    [Fact]
    public async Task Inbox_IsBounded_AndStrangersDoNotPushOutWhatMatters()
    {
        await using var world = await WebhookWorld.StartAsync(("PromptPilot:Webhooks:KeepRequests", "10"));
        var hook = await world.AddAsync();
        await world.TellAsync(hook);
        await world.InboxAsync(hook, 1);
        for (var round = 0; round < 4; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => world.TellAsync(hook, new Sent { Without = ["webhook-signature"] })));
        }

        await Eventually.HoldsAsync(
            async () =>
                await world.InboxAsync(hook, 1) is { } rows
                && rows.Count(row => row.IsAuthentic) == 1
                && rows.Count(row => !row.IsAuthentic) is >= 10 and < 100,
            "the inbox to be trimmed"
        );
    }

    [Fact]
    public async Task Sample_IsTheNewestAuthenticRequest_AndExpressionsAreTriedOnIt()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var mappings = world.Portal.Get<WebhookMappingService>();
        var viewer = await world.Portal.AddPersonAsync(Role.Viewer);
        var hook = await world.AddAsync(expression: "trigger.payload.nothing");
        (await mappings.FindSampleAsync(viewer.Actor, hook.Id, Cancellation)).Value.Should().BeNull();
        await world.TellAsync(hook, new Sent { Body = """{"issue":{"title":"It rains"}}""" });
        await world.InboxAsync(hook, 1);

        var sample = (await mappings.FindSampleAsync(viewer.Actor, hook.Id, Cancellation)).Value!.Value;
        var trial = (
            await mappings.TryMappingAsync(
                viewer.Actor,
                hook.Id,
                new Dictionary<string, string> { ["text"] = "trigger.payload.issue.title" },
                sample,
                Cancellation
            )
        ).Value;

        trial.Inputs["text"].GetString().Should().Be("It rains");
        (await world.CountRunsAsync()).Should().Be(0);
    }

    [Theory]
    [InlineData(WebhookVerification.StandardWebhooks)]
    [InlineData(WebhookVerification.GitHub)]
    [InlineData(WebhookVerification.Bearer)]
    [InlineData(WebhookVerification.None)]
    public async Task CurlCommand_AsPasted_StartsARun(WebhookVerification verification)
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync(verification);
        var command = WebhookCurl.Of(
            verification,
            $"{world.Portal.BaseAddress}hooks/{hook.Id}",
            hook.Secret,
            """{"title":"It's raining \"cats\" & $dogs `now`"}"""
        );

        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var output = await shell.StandardOutput.ReadToEndAsync(Cancellation);
        await shell.WaitForExitAsync(Cancellation);

        var run = await world.Api.EndOfAsync(JsonSerializer.Deserialize<JsonElement>(output).Text("id"));
        run.GetProperty("inputs").Text("text").Should().Be("It's raining \"cats\" & $dogs `now`");
    }

    [Fact]
    public async Task ReceivedToFirstModelCall_IsTold()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync();
        var times = new List<double>();
        for (var i = 0; i < Samples.Count(few: 60, many: 120); i++)
        {
            var sent = DateTime.UtcNow;
            var id = (await world.TellAsync(hook, new Sent { Body = $$"""{"title":"call {{i}}."}""" })).Body.Text("id");
            await world.Api.EndOfAsync(id);
            times.Add((world.Model.Calls.Single(call => call.Prompt == $"answer: call {i}.").At - sent).TotalMilliseconds);
        }

        var warm = times.Skip(20).ToList();
        Figures.Tell(
            $"Webhook sent to first model call at the provider: p50 {Figures.Median(warm):0.0} ms, p95 {Figures.P95(warm):0.0} ",
            $"ms of {warm.Count}."
        );
        Figures.Median(warm).Should().BeLessThan(500);
    }
}
