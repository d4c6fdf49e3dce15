using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Triggers;

/// <summary>The lists of schedules and webhooks: what they find, in which order, page by page.</summary>
public sealed class TriggerListTests : IAsyncLifetime
{
    private PortalHost _portal = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private Actor _admin = Actor.Nobody;
    private string _profileId = "";
    private string _workflowId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await PortalHost.StartAsync();
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
        _admin = new Actor.Person((await _portal.GetAdminAsync()).Id);

        // Nothing runs here, so nobody needs to answer.
        _profileId = await _api.AddProfileAsync("http://127.0.0.1:9/v1");
        _workflowId = await _api.AddWorkflowAsync(_profileId, ("facts", ["text"]));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _portal.DisposeAsync();
    }

    [Theory]
    [InlineData(ScheduleSort.Next, "2 0 1 paused")]
    [InlineData(ScheduleSort.Workflow, "1 paused 0 2")]
    public async Task List_InAnOrder_IsWholeAcrossItsPages(ScheduleSort sort, string expected)
    {
        var names = new Dictionary<string, string>();
        var (b, a) = (_workflowId, await _api.AddWorkflowAsync(_profileId, ("facts", ["text"])));
        foreach (var (name, workflow, hours) in new (string, string, int?)[] { ("0", b, 2), ("1", a, 3), ("2", b, 1), ("paused", a, null) })
        {
            _workflowId = workflow;
            var id = await AddAsync(new { cron = "0 0 1 1 *", timeZone = "UTC" });
            names.Add(id, name);
            await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
            await db
                .Triggers.Where(trigger => trigger.Id == id)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(trigger => trigger.NextAt, hours == null ? null : DateTime.UtcNow.AddHours(hours.Value)),
                    Token
                );
        }

        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            await db
                .Workflows.Where(workflow => workflow.Id == a)
                .ExecuteUpdateAsync(set => set.SetProperty(workflow => workflow.Name, "A | day"), Token);
            await db
                .Workflows.Where(workflow => workflow.Id == b)
                .ExecuteUpdateAsync(set => set.SetProperty(workflow => workflow.Name, "B"), Token);
        }

        var schedules = _portal.Get<ScheduleService>();
        foreach (var size in new[] { 1, 3 })
        {
            var (seen, next) = (new List<string>(), default(string));
            do
            {
                var page = (await schedules.ListAsync(_admin, new ScheduleFilter(Sort: sort), new PageRequest(next, size), Token)).Value;
                seen.AddRange(page.Items.Select(row => names[row.Trigger.Id]));
                next = page.Next;
            } while (next is not null);

            string.Join(' ', seen).Should().Be(expected);
        }

        (await schedules.ListAsync(_admin, new ScheduleFilter(Sort: sort), new PageRequest("nonsense"), Token))
            .Problem!.Errors.Should()
            .ContainSingle()
            .Which.Field.Should()
            .Be("after");
    }

    [Fact]
    public async Task Webhooks_AreFoundByNameAndAddress_AndPaged()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(
                (
                    await _api.SendAsync(
                        HttpMethod.Post,
                        $"workflows/{_workflowId}/triggers",
                        new
                        {
                            type = "webhook",
                            webhook = new { verification = "standard-webhooks", inputMapping = new { text = "trigger.payload" } },
                        }
                    )
                ).Text("id")
            );
        }

        var inbox = _portal.Get<WebhookInboxService>();
        var first = (await inbox.ListTriggersAsync(_admin, new WebhookFilter("workflow"), new PageRequest(Limit: 2), Token)).Value;
        var second = (await inbox.ListTriggersAsync(_admin, new WebhookFilter("workflow"), new PageRequest(first.Next, 2), Token)).Value;

        first.Items.Concat(second.Items).Select(item => item.Id).Should().Equal(ids.Order(StringComparer.Ordinal));
        second.Next.Should().BeNull();
        (await inbox.ListTriggersAsync(_admin, new WebhookFilter(ids[1]), new PageRequest(), Token))
            .Value.Items.Should()
            .ContainSingle()
            .Which.Id.Should()
            .Be(ids[1]);
        (await inbox.ListTriggersAsync(_admin, new WebhookFilter("100%"), new PageRequest(), Token)).Value.Items.Should().BeEmpty();
        (await inbox.ListTriggersAsync(_admin, new WebhookFilter(Enabled: false), new PageRequest(), Token)).Value.Items.Should().BeEmpty();
    }

    [Fact]
    public async Task List_IsFilteredByNameAndState_AndPaged()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await AddAsync(new { cron = "0 0 1 1 *", timeZone = "UTC" }));
        }

        var schedules = _portal.Get<ScheduleService>();
        var first = (await schedules.ListAsync(_admin, new ScheduleFilter(Text: "workflow"), new PageRequest(Limit: 2), Token)).Value;
        var second = (await schedules.ListAsync(_admin, new ScheduleFilter(Text: "workflow"), new PageRequest(first.Next, 2), Token)).Value;

        first.Items.Concat(second.Items).Select(row => row.Trigger.Id).Should().Equal(ids);
        second.Next.Should().BeNull();
        (await schedules.ListAsync(_admin, new ScheduleFilter(Text: "no such"), new PageRequest(), Token)).Value.Items.Should().BeEmpty();
        (await schedules.ListAsync(_admin, new ScheduleFilter(Enabled: false), new PageRequest(), Token)).Value.Items.Should().BeEmpty();
    }

    private async Task<string> AddAsync(object schedule) =>
        (
            await _api.SendAsync(
                HttpMethod.Post,
                $"workflows/{_workflowId}/triggers",
                new
                {
                    type = "scheduled",
                    inputs = new { text = "hello" },
                    schedule,
                }
            )
        ).Text("id");
}
