using System.Text;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Notifications;

/// <summary>kill -9 between sending an owner's mail and recording that it was sent.</summary>
public sealed class OwnerMailKillTests(PublishedBuild build)
{
    [Fact]
    [Trait("Category", "Soak")]
    public async Task Kill_BetweenSendingAndRecording_SendsItOnceMore_UnderTheSameId()
    {
        await using var model = await FakeModelServer.StartAsync();
        model.Script = _ => FakeAnswer.Error(401, "Incorrect API key provided.");
        await using var mail = new FakeMailServer();
        using var gate = new ManualResetEventSlim();
        mail.Whole = _ =>
        {
            gate.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            return "250 queued";
        };
        await using var portal = await PublishedPortal.StartAsync(build, mail.Settings);
        using var http = portal.CreateClient();
        using var stranger = portal.CreateClient(null);
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        var trigger = (
            await api.SendAsync(
                HttpMethod.Post,
                $"workflows/{workflow}/triggers",
                new { type = "webhook", webhook = new { verification = "none", inputMapping = new { text = "trigger.payload.title" } } }
            )
        ).Text("id");
        using var body = new StringContent("""{"title":"Notes of Monday."}""", Encoding.UTF8, "application/json");
        using var answer = await stranger.PostAsync(
            new Uri($"/hooks/{trigger}", UriKind.Relative),
            body,
            TestContext.Current.CancellationToken
        );
        ((int)answer.StatusCode).Should().Be(202);

        // The server has it, and its answer is on the way when the host dies.
        await CountAsync(mail, 1);
        await portal.KillAsync();
        gate.Set();
        await portal.StartAgainAsync();
        await CountAsync(mail, 2);

        // Recorded now: nothing more is due.
        await Eventually.HoldsAsync(
            async () => await portal.CountAsync("SELECT count(*) FROM \"Notifications\" WHERE \"MailDueAt\" IS NOT NULL") == 0,
            "the mail to be recorded",
            HookWorld.Limit
        );
        mail.Mails.Select(sent => sent.MessageId).Should().HaveCount(2).And.OnlyContain(id => id == mail.Mails[0].MessageId);
        mail.Mails[0].Subject.Should().Contain("failed");
    }

    private static Task CountAsync(FakeMailServer mail, int count) =>
        Eventually.HoldsAsync(() => Task.FromResult(mail.Mails.Count == count), $"{count} mails", HookWorld.Limit);
}
