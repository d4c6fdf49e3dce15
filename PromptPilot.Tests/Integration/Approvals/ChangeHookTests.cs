using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Sending;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Approvals;

/// <summary>Hooks of workflows that follow a protected label hear of its change requests.</summary>
public sealed class ChangeHookTests(SharedPortal shared) : IClassFixture<SharedPortal>, IAsyncLifetime
{
    private static readonly string[] Events = ["changeRequested", "changeApproved", "changeRejected", "changeWithdrawn", "changeApplied"];

    private ApprovalWorld _world = null!;
    private string _hookId = "";
    private string _otherHookId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await ApprovalWorld.CreateAsync(shared.Host);
        using var client = shared.Host.CreateAdminClient();
        var api = new RunApi(client);
        var profile = await api.AddProfileAsync("http://127.0.0.1:9/v1", $"Fake {Guid.NewGuid():N}");
        var following = await api.SendAsync(
            HttpMethod.Post,
            "workflows",
            new
            {
                name = $"Following {_world.Name}",
                inputs = new[] { new { name = "notes", type = "text" } },
                steps = new[]
                {
                    new
                    {
                        promptId = _world.PromptId,
                        promptLabel = "production",
                        model = profile,
                        inputMapping = new { notes = "notes" },
                        outputKey = "digest",
                        order = 1,
                    },
                },
            }
        );
        _hookId = await AddHookAsync(api, following.Text("id"), Events);
        _otherHookId = await AddHookAsync(api, await api.AddWorkflowAsync(profile, ("other", ["text"])), Events);
        await _world.ProtectAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Request_AndItsApproval_AreDelivered_EachOnce()
    {
        var id = await _world.AskAsync();
        (await _world.AskAsync(_world.Second)).Should().Be(id);
        await _world.Decisions.CommentAsync(_world.Collaborator.Actor, id, "Looks good.", Token);
        await _world.ApproveAsync(_world.Second, id);

        var delivered = await DeliveriesAsync(_hookId);
        delivered.Select(one => one.Event).Should().Equal(HookEvent.ChangeRequested, HookEvent.ChangeApproved, HookEvent.ChangeApplied);
        (await DeliveriesAsync(_otherHookId)).Should().BeEmpty("its workflow does not follow the label");
        var listed = await shared
            .Host.Get<HookDeliveryService>()
            .ListAsync(_world.Admin.Actor, new DeliveryFilter(HookId: _hookId), new PageRequest(), Token);
        listed.Value.Items.Should().HaveCount(3).And.OnlyContain(item => item.ChangeRequestId == id);
        var asked = Message(delivered[0]);
        asked.Text("type").Should().Be("change.requested");
        var change = asked.GetProperty("data").GetProperty("change");
        change.Text("changeRequestId").Should().Be(id);
        (change.Text("label"), change.Text("name")).Should().Be(("production", _world.Name));
        (change.Text("fromVersion"), change.Text("toVersion"), change.Text("status")).Should().Be(("1.0.0", "1.1.0", "open"));
        (change.Text("requestedBy"), change.Text("note")).Should().Be((_world.Requester.Name, "Please."));
        Message(delivered[2]).GetProperty("data").GetProperty("change").Text("by").Should().Be(_world.Second.Name);
        HookPayload.Parse(delivered[2].Payload).Path.Should().Be($"/changes/{id}");
    }

    [Fact]
    public async Task Rejection_AndWithdrawal_AreDelivered_AndARefusalIsNot()
    {
        var first = await _world.AskAsync();
        await _world.ApproveAsync(_world.Author, first);
        await _world.Decisions.RejectAsync(_world.Second.Actor, first, "It loses the day.", Token);
        var second = await _world.AskAsync();
        await _world.Decisions.WithdrawAsync(_world.Requester.Actor, second, Token);

        var delivered = await DeliveriesAsync(_hookId);

        delivered
            .Select(one => one.Event)
            .Should()
            .Equal(HookEvent.ChangeRequested, HookEvent.ChangeRejected, HookEvent.ChangeRequested, HookEvent.ChangeWithdrawn);
        var payload = HookPayload.Parse(delivered[1].Payload);
        HookWords.Title(payload).Should().Be($"Rejected by {_world.Second.Name}: production of “{_world.Name}”");
        HookWords.Facts(payload).Should().Be("1.0.0 → 1.1.0");
        EmailText
            .Plain(payload, new MessageLinks("https://prompts.example.org/changes/1", []))
            .Should()
            .Contain("It loses the day.")
            .And.Contain("Change: https");
        JsonSerializer
            .Serialize(SlackMessage.Of(payload, new MessageLinks("https://prompts.example.org/changes/1", [])), AppJson.Options)
            .Should()
            .Contain("Open the change")
            .And.Contain("It loses the day.");
    }

    [Fact]
    public async Task Override_IsDeliveredAsApplied()
    {
        var id = await _world.AskAsync();

        (await _world.Decisions.OverrideAsync(_world.Admin.Actor, id, "The site is down.", Token)).IsOk.Should().BeTrue();

        var last = (await DeliveriesAsync(_hookId))[^1];
        last.Event.Should().Be(HookEvent.ChangeApplied);
        HookPayload.Parse(last.Payload).Change!.Reason.Should().Be("The site is down.");
    }

    private static async Task<string> AddHookAsync(RunApi api, string workflowId, string[] on)
    {
        var hook = await api.SendAsync(
            HttpMethod.Post,
            $"workflows/{workflowId}/integration-hooks",
            new
            {
                type = "email",
                targetUrl = "mailto:team@example.org",
                on,
            }
        );
        return hook.Text("id");
    }

    private async Task<List<HookDelivery>> DeliveriesAsync(string hookId)
    {
        await using var db = await shared.Host.Contexts.CreateDbContextAsync(Token);
        return await db
            .HookDeliveries.AsNoTracking()
            .Where(delivery => delivery.HookId == hookId)
            .OrderBy(delivery => delivery.Id)
            .ToListAsync(Token);
    }

    private static JsonElement Message(HookDelivery delivery) =>
        JsonSerializer.SerializeToElement(WebhookMessage.Of(HookPayload.Parse(delivery.Payload), MessageLinks.None), AppJson.Options);
}
