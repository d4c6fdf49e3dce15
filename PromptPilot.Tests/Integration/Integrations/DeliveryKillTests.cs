using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Integrations;

/// <summary>kill -9 between sending a delivery and recording that it was sent.</summary>
public sealed class DeliveryKillTests(PublishedBuild build)
{
    [Fact]
    [Trait("Category", "Soak")]
    public async Task Kill_BetweenSendingAndRecording_SendsOnceMoreUnderTheSameId()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var receiver = await HookReceiver.StartAsync();
        var gate = new TaskCompletionSource();
        receiver.Answer = _ => new ReceiverAnswer { Gate = gate.Task };
        await using var portal = await PublishedPortal.StartAsync(
            build,
            new Dictionary<string, string?>
            {
                ["PromptPilot:Integrations:AllowedPrivateHosts:0"] = "127.0.0.1",
                ["PromptPilot:Integrations:TimeoutSeconds"] = "120",
            }
        );
        using var http = portal.CreateClient();
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]));
        var made = await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/integration-hooks",
            new { type = "webhook", targetUrl = $"{receiver.Address}/in" }
        );

        // The receiver has it, and its answer is on the way when the host dies.
        await api.RunAsync(workflow);
        await receiver.CountAsync(1);
        await portal.KillAsync();
        gate.SetResult();
        await portal.StartAgainAsync();
        await receiver.CountAsync(2);

        var deliveries = $"workflows/{workflow}/integration-hooks/{made.Text("id")}/deliveries";
        await Eventually.HoldsAsync(
            async () => (await api.SendAsync(HttpMethod.Get, deliveries, null)).GetProperty("items")[0].Text("state") == "delivered",
            "the delivery to be recorded",
            HookWorld.Limit
        );
        receiver.Messages.Select(message => message.Id).Should().HaveCount(2).And.OnlyContain(id => id == receiver.Messages[0].Id);
        receiver.Messages.Should().OnlyContain(message => message.IsSignedBy(made.Text("authToken")));
        (await portal.CountAsync("SELECT count(*) FROM \"HookAttempts\""))
            .Should()
            .Be(1, "one attempt is on record: the other was cut off before");
    }
}
