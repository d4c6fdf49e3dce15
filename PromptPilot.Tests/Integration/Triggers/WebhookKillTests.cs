using System.Text.Json;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Triggers;

/// <summary>What was answered 202 is not lost, whenever the host dies.</summary>
public sealed class WebhookKillTests(PublishedBuild build)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task KillRightAfterTheAnswer_LosesNoRun_AndTheSameMessageStaysTheSame()
    {
        await using var model = await FakeModelServer.StartAsync();
        await using var portal = await PublishedPortal.StartAsync(build);
        using var http = portal.CreateClient();
        using var stranger = portal.CreateClient(null);
        var api = new RunApi(http);
        var workflow = await api.AddWorkflowAsync(await api.AddProfileAsync(model.Endpoint), ("one", ["text"]), ("two", ["one"]));
        var made = await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflow}/triggers",
            new
            {
                type = "webhook",
                webhook = new { verification = "standard-webhooks", inputMapping = new { text = "trigger.payload.title" } },
            }
        );
        var hook = new Hook(made.Text("id"), WebhookVerification.StandardWebhooks, made.Text("secret"));
        var messages = Enumerable.Range(0, 15).Select(_ => new Sent()).ToList();
        var runs = await Task.WhenAll(messages.Select(message => TellAsync(stranger, hook, message)));

        await portal.KillAsync();
        await portal.StartAgainAsync();

        foreach (var (message, run) in messages.Zip(runs))
        {
            (await api.EndOfAsync(run)).Text("status").Should().Be("succeeded");
            (await TellAsync(stranger, hook, message)).Should().Be(run);
        }
    }

    private static async Task<string> TellAsync(HttpClient http, Hook hook, Sent sent)
    {
        using var answer = await WebhookWorld.SendAsync(http, hook, sent);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        ((int)answer.StatusCode).Should().Be(202, text);
        return JsonSerializer.Deserialize<JsonElement>(text).Text("id");
    }
}
