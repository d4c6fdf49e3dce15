using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Triggers;

/// <summary>
/// What strangers try at <c>/hooks/…</c>, from outside: nothing that is not signed freshly with a valid secret starts a run.
/// </summary>
public class WebhookAttackTests(SharedPortal shared) : IClassFixture<SharedPortal>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Webhook_NotSignedAsItMust_StartsNothing_AndTheInboxSaysWhy()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var standard = await world.AddAsync();
        var other = await world.AddAsync();
        var github = await world.AddAsync(WebhookVerification.GitHub);
        var bearer = await world.AddAsync(WebhookVerification.Bearer);
        (Hook Hook, Sent Sent, WebhookVerdict Why)[] attacks =
        [
            (standard, new Sent { ChangedTo = """{"title":"Forged"}""" }, WebhookVerdict.Forged),
            (standard, new Sent { Secret = other.Secret }, WebhookVerdict.Forged),
            (standard, new Sent { Secret = WebhookSignatures.NewSecret(standard: true) }, WebhookVerdict.Forged),
            (standard, new Sent { Age = TimeSpan.FromSeconds(310) }, WebhookVerdict.Stale),
            (standard, new Sent { Age = TimeSpan.FromDays(400) }, WebhookVerdict.Stale),
            (standard, new Sent { Age = TimeSpan.FromSeconds(-320) }, WebhookVerdict.Stale),
            (standard, new Sent { Without = ["webhook-signature"] }, WebhookVerdict.NotSigned),
            (standard, new Sent { Without = ["webhook-id"] }, WebhookVerdict.NotSigned),
            (standard, new Sent { Without = ["webhook-timestamp"] }, WebhookVerdict.NotSigned),
            (standard, new Sent { Id = "msg.1767225600" }, WebhookVerdict.Forged),
            (github, new Sent { ChangedTo = """{"title":"Forged"}""" }, WebhookVerdict.Forged),
            (github, new Sent { Secret = "guess" }, WebhookVerdict.Forged),
            (github, new Sent { Without = ["X-Hub-Signature-256"] }, WebhookVerdict.NotSigned),
            (bearer, new Sent { Secret = "guess" }, WebhookVerdict.Forged),
            (bearer, new Sent { Secret = standard.Secret }, WebhookVerdict.Forged),
            (bearer, new Sent { Without = ["Authorization"] }, WebhookVerdict.NotSigned),
        ];

        foreach (var (hook, sent, why) in attacks)
        {
            var (status, body) = await world.TellAsync(hook, sent);
            status.Should().Be(401, $"{why} by {hook.Verification}");
            body.Text("detail").Should().NotBeEmpty();
        }

        (await world.CountRunsAsync()).Should().Be(0);
        foreach (var hook in new[] { standard, github, bearer })
        {
            var expected = attacks.Where(attack => attack.Hook == hook).Select(attack => attack.Why).Reverse().ToList();
            (await world.InboxAsync(hook, expected.Count)).Select(row => row.Verdict).Should().BeEquivalentTo(expected);
        }

        // The secrets of one scheme are none of another, and the right ones still work.
        foreach (var hook in new[] { standard, github, bearer })
        {
            (await world.TellAsync(hook)).Status.Should().Be(202);
        }
    }

    [Fact]
    public async Task Webhook_Replayed_GetsTheFirstRun()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        foreach (var verification in Enum.GetValues<WebhookVerification>())
        {
            var hook = await world.AddAsync(verification);
            var sent = new Sent { Body = $$"""{"title":"{{verification}}"}""" };
            var before = await world.CountRunsAsync();

            var first = await world.TellAsync(hook, sent);
            var again = await world.TellAsync(hook, sent);

            var accepted = verification == WebhookVerification.Slack ? 200 : 202;
            (first.Status, again.Status).Should().Be((accepted, accepted), verification.ToString());
            if (verification != WebhookVerification.Slack)
            {
                again.Body.Text("id").Should().Be(first.Body.Text("id"));
            }

            (await world.CountRunsAsync()).Should().Be(before + 1);
        }
    }

    [Fact]
    public async Task GitHub_CapturedAndSentUnderAnotherDelivery_GetsTheFirstRun()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync(WebhookVerification.GitHub);

        var first = await world.TellAsync(hook, new Sent { Id = "one" });
        var captured = await world.TellAsync(hook, new Sent { Id = "two" });

        captured.Body.Text("id").Should().Be(first.Body.Text("id"));
        (await world.CountRunsAsync()).Should().Be(1);
        (await world.InboxAsync(hook, 2))[0]
            .Should()
            .Match<WebhookReceipt>(row =>
                row.Verdict == WebhookVerdict.Repeated && row.Reason.Contains("GitHub's signature", StringComparison.Ordinal)
            );
    }

    [Fact]
    public async Task Webhook_ReplayedAfterItsRunWasDeleted_StartsNothing()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync();
        var sent = new Sent();
        var first = (await world.TellAsync(hook, sent)).Body.Text("id");
        await world.Api.EndOfAsync(first);
        await world.InboxAsync(hook, 1);
        await world.Api.SendAsync(HttpMethod.Delete, $"runs/{first}", null);

        var again = await world.TellAsync(hook, sent);

        again.Status.Should().Be(202);
        again.Body.Text("id").Should().Be(first);
        (await world.CountRunsAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Webhook_HundredParallelCopies_MakeOneRun()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        foreach (var verification in new[] { WebhookVerification.StandardWebhooks, WebhookVerification.GitHub, WebhookVerification.Bearer })
        {
            var hook = await world.AddAsync(verification);
            var sent = new Sent { Body = $$"""{"title":"{{verification}}"}""" };
            var before = await world.CountRunsAsync();

            var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => world.TellAsync(hook, sent)));

            answers.Select(answer => answer.Status).Should().AllBeEquivalentTo(202);
            answers.Select(answer => answer.Body.Text("id")).Distinct().Should().ContainSingle();
            (await world.CountRunsAsync()).Should().Be(before + 1);
            await world.Api.EndOfAsync(answers[0].Body.Text("id"));
            world.Model.CountOf($"answer: {verification}").Should().Be(1);
        }
    }

    [Fact]
    public async Task UnknownDisabledAndOtherTriggers_AnswerAlike()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync();
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            await db
                .Triggers.Where(trigger => trigger.Id == hook.Id)
                .ExecuteUpdateAsync(update => update.SetProperty(trigger => trigger.Enabled, false), Cancellation);
        }

        string manual;
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            manual = await db
                .Triggers.Where(trigger => trigger.Type == TriggerType.Manual)
                .Select(trigger => trigger.Id)
                .FirstAsync(Cancellation);
        }

        var answers = new List<string>();
        foreach (var id in new[] { hook.Id, manual, "unknown", Guid.NewGuid().ToString(), new string('x', 500) })
        {
            using var answer = await world.SendAsync(hook with { Id = id });
            answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
            answers.Add(JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancellation)).Text("detail"));
        }

        answers.Distinct().Should().ContainSingle();
        (await world.InboxAsync(hook, 1))[0].Verdict.Should().Be(WebhookVerdict.Disabled);
    }

    [Fact]
    public async Task Body_OverAMegabyte_IsRefused_AndOneOfAMegabyteIsTaken()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync(expression: "trigger.payload | size | append: ''");
        var exact = new byte[WebhookRequest.MaxBody];
        Array.Fill(exact, (byte)'x');

        (await world.TellAsync(hook, new Sent { Bytes = exact, ContentType = "text/plain" })).Status.Should().Be(202);
        (await world.TellAsync(hook, new Sent { Bytes = [.. exact, (byte)'x'], ContentType = "text/plain" })).Status.Should().Be(413);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, new Uri($"/hooks/{hook.Id}", UriKind.Relative))
        {
            Content = new StreamContent(new MemoryStream([.. exact, .. exact])),
        };
        chunked.Headers.TransferEncodingChunked = true;
        using var answer = await world.Http.SendAsync(chunked, Cancellation);
        answer.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await world.CountRunsAsync()).Should().Be(1);
    }

    [Fact]
    public async Task Flood_AboveTheLimit_Gets429WithRetryAfter_AndOtherTriggersGoOn()
    {
        await using var world = await WebhookWorld.StartAsync(
            ("PromptPilot:Webhooks:Burst", "20"),
            ("PromptPilot:Webhooks:RequestsPerSecond", "1")
        );
        var hook = await world.AddAsync();

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 400)
                .Select(async _ =>
                {
                    using var answer = await world.SendAsync(hook, new Sent { Secret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=" });
                    return (answer.StatusCode, answer.Headers.RetryAfter?.Delta);
                })
        );

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        refused.Count.Should().BeGreaterThanOrEqualTo(361, "95 % of what is above the limit is refused");
        refused.Should().OnlyContain(answer => answer.Delta >= TimeSpan.FromSeconds(1));
        (await world.Api.RunAsync(world.WorkflowId)).Text("status").Should().Be("succeeded");
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task Secrets_AreNowhereInTheClear()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hooks = new[]
        {
            await world.AddAsync(),
            await world.AddAsync(WebhookVerification.Bearer),
            await world.AddAsync(WebhookVerification.GitHub),
        };
        foreach (var hook in hooks)
        {
            (await world.TellAsync(hook, new Sent { Body = """{"title":"x","password":"canary-in-a-body"}""" })).Status.Should().Be(202);
            (
                await world.TellAsync(
                    hook,
                    hook.Verification == WebhookVerification.StandardWebhooks
                        ? new Sent { Without = ["webhook-signature"] }
                        : new Sent { Secret = "canary-of-a-guess" }
                )
            )
                .Status.Should()
                .Be(401);
            (await world.InboxAsync(hook, 2))
                .Select(row => row.Body)
                .Should()
                .NotContain(body => body.Contains("canary-in-a-body", StringComparison.Ordinal));
        }

        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", Cancellation);
        }

        foreach (var file in Directory.EnumerateFiles(world.Portal.DataDirectory, "*.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancellation);
            foreach (var secret in hooks.Select(hook => hook.Secret).Append("canary-of-a-guess"))
            {
                copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(Encoding.UTF8.GetBytes(secret)).Should().Be(-1);
            }
        }

        world.Portal.Log.Should().NotContain(line => hooks.Any(hook => line.Contains(hook.Secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task OwnerWhoMayNoLongerRun_IsNotToldToTheSender()
    {
        await using var world = await WebhookWorld.InAsync(shared);
        var hook = await world.AddAsync();
        await using (var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation))
        {
            var owner = await world.Portal.AddPersonAsync(Role.Viewer);
            await db
                .Workflows.Where(workflow => workflow.Id == world.WorkflowId)
                .ExecuteUpdateAsync(update => update.SetProperty(workflow => workflow.Owner, owner.Id), Cancellation);
        }

        var (status, body) = await world.TellAsync(hook);

        status.Should().Be(409);
        body.Text("detail").Should().NotContainEquivalentOf("viewer");
        (await world.InboxAsync(hook, 1))[0].Reason.Should().ContainEquivalentOf("viewer");
    }
}
