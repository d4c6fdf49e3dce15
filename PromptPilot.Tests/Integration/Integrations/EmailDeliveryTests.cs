using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Runs;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>Hooks of the kind <c>email</c>, over real SMTP.</summary>
public sealed class EmailDeliveryTests
{
    private const string Hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) \"quoted\"";

    [Fact]
    public async Task Result_ArrivesAsTextAndHtml_WithNothingOfTheModelsAsMarkup()
    {
        await using var server = new FakeMailServer();
        await using var world = await StartAsync(server, model: new ScriptedModel().Say("one", Hostile));
        var workflow = await world.Engine.AddWorkflowAsync(("one", ["text"]));
        var hook = await world.AddHookAsync(workflow, "mailto:team@example.org", type: HookType.Email);

        var runId = await world.Engine.StartRunAsync(workflow);
        var delivery = await world.DeliveryAsync(hook.Id, delivery => delivery.State == DeliveryState.Delivered, "the mail to be taken");

        var mail = server.Mails.Should().ContainSingle().Subject;
        mail.To.Mailboxes.Should().ContainSingle().Which.Address.Should().Be("team@example.org");
        mail.MessageId.Should().StartWith(delivery.Id);
        mail.Subject.Should().Be("“Workflow 0” succeeded");
        mail.TextBody.Should().Contain(Hostile).And.Contain($"https://prompts.example.org/runs/{runId}");
        mail.HtmlBody.Should().Contain("&lt;script&gt;alert(1)").And.NotContain("<script").And.NotContain("<img");
    }

    [Fact]
    public async Task Server_ThatSaysNotNow_GetsItLater()
    {
        await using var server = new FakeMailServer();
        var (clock, asked) = (HookWorld.NewClock(), 0);
        server.Recipient = _ => asked++ == 0 ? "451 greylisted, come back" : "250 ok";
        await using var world = await StartAsync(server, clock);
        var workflow = await world.Engine.AddWorkflowAsync(("one", ["text"]));
        var hook = await world.AddHookAsync(workflow, "mailto:team@example.org", type: HookType.Email);

        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));
        (await world.DeliveryAsync(hook.Id, delivery => delivery.Failures == 1, "the first attempt"))
            .Should()
            .BeEquivalentTo(
                new
                {
                    State = DeliveryState.Pending,
                    LastStatus = 451,
                    LastVerdict = AttemptVerdict.ServerError,
                }
            );
        clock.Advance(DeliverySchedule.Waits[0]);

        await world.DeliveryAsync(hook.Id, delivery => delivery.State == DeliveryState.Delivered, "the mail to be taken");
        server.Mails.Should().ContainSingle();
    }

    [Fact]
    public async Task Server_ThatRefusesTheRecipient_EndsIt_AndIsQuoted()
    {
        await using var server = new FakeMailServer();
        server.Recipient = _ => "550 no such user here";
        await using var world = await StartAsync(server);
        var workflow = await world.Engine.AddWorkflowAsync(("one", ["text"]));
        var hook = await world.AddHookAsync(workflow, "mailto:team@example.org", type: HookType.Email);

        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));

        var failed = await world.DeliveryAsync(hook.Id, delivery => delivery.State == DeliveryState.Failed, "the mail to be given up");
        failed.LastStatus.Should().Be(550);
        failed.LastError.Should().Contain("no such user here");
    }

    [Fact]
    public async Task WithoutAMailServer_ItWaits_AndSaysWhatIsMissing()
    {
        await using var world = await HookWorld.StartAsync();
        var workflow = await world.Engine.AddWorkflowAsync(("one", ["text"]));
        var hook = await world.AddHookAsync(workflow, "mailto:team@example.org", type: HookType.Email);

        await world.Engine.EndOfAsync(await world.Engine.StartRunAsync(workflow));

        (await world.DeliveryAsync(hook.Id, delivery => delivery.Failures == 1, "the first attempt"))
            .LastError.Should()
            .Contain("PromptPilot:Smtp:Host");
    }

    [Fact]
    public void LongOutput_IsCutBetweenCharacters_AndSaysSo()
    {
        var payload = new HookPayload
        {
            Event = HookEvent.Succeeded,
            RunId = "r",
            WorkflowId = "w",
            WorkflowName = "<b>Digest</b>",
            Outputs = new Dictionary<string, System.Text.Json.JsonElement>
            {
                ["one"] = AppJson.Text("x" + string.Concat(Enumerable.Repeat("😀", EmailText.MaxOutput))),
            },
        };

        EmailText
            .Html(payload, new MessageLinks("https://example.org/?a=1&b=\"2\"", []))
            .Should()
            .Contain("too long for an e-mail")
            .And.Contain("&lt;b&gt;Digest")
            .And.NotContain("\uFFFD")
            .And.Contain("a=1&amp;b=&quot;2&quot;");
        EmailText.Plain(payload, MessageLinks.None).Should().Contain("too long for an e-mail");
    }

    private static Task<HookWorld> StartAsync(
        FakeMailServer server,
        Microsoft.Extensions.Time.Testing.FakeTimeProvider? clock = null,
        ScriptedModel? model = null
    ) => HookWorld.StartAsync(clock, model: model, settings: [.. server.Settings.Select(setting => (setting.Key, setting.Value!))]);
}
