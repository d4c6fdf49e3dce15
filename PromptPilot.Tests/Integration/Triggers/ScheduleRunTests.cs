using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Triggers;

/// <summary>
/// Schedules of a real portal, with Quartz as its clock. A moment is made to be due by moving the row's next time back; the rest happens as
/// it does by itself.
/// </summary>
public sealed class ScheduleRunTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private PortalHost _portal = null!;
    private FakeModelServer _model = null!;
    private HttpClient _client = null!;
    private RunApi _api = null!;
    private string _workflowId = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _model = await FakeModelServer.StartAsync();
        await StartAsync();
        _workflowId = await _api.AddWorkflowAsync(await _api.AddProfileAsync(_model.Endpoint), ("facts", ["text"]));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _model.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Due_IsFiredByTheClock_OnceADue_WithItsRun()
    {
        var id = await AddAsync(new { cron = "0 0 1 1 *", timeZone = "UTC" });
        await MakeDueAsync(id, TimeSpan.FromSeconds(1));

        var firing = (await FiringsAsync(id, firings => firings is [{ Outcome: FiringOutcome.Fired }])).Single();

        var run = await _api.EndOfAsync(firing.RunId!);
        run.Text("status").Should().Be("succeeded");
        run.Text("triggerKind").Should().Be("scheduled");
        (await NextAtAsync(id)).Should().BeAfter(DateTime.UtcNow);
    }

    [Theory]
    [InlineData("allow", FiringOutcome.Fired)]
    [InlineData("skip", FiringOutcome.Skipped)]
    [InlineData("queue", FiringOutcome.Waiting)]
    public async Task Overlap_WithASlowRun_DoesAsThePolicySays(string overlap, FiringOutcome second)
    {
        var gate = new TaskCompletionSource();
        _model.Script = _ => FakeAnswer.Of("Slow.") with { Gate = gate.Task };
        var id = await AddAsync(
            new
            {
                cron = "0 0 1 1 *",
                timeZone = "UTC",
                overlap,
            }
        );
        await MakeDueAsync(id, TimeSpan.FromSeconds(2));
        await FiringsAsync(id, firings => firings is [{ Outcome: FiringOutcome.Fired }]);
        await MakeDueAsync(id, TimeSpan.FromSeconds(1));

        var firings = await FiringsAsync(id, all => all.Count == 2 && all[0].Outcome == second);

        (firings[0].Reason is null).Should().Be(second == FiringOutcome.Fired);
        if (second == FiringOutcome.Waiting)
        {
            var asked = await _portal
                .Get<ScheduleService>()
                .RunNowAsync(new Actor.Person((await _portal.GetAdminAsync()).Id), _workflowId, id, Token);
            asked.Problem.Should().BeNull("what a person asks for does not wait behind the clock's");
        }

        gate.SetResult();
        if (second == FiringOutcome.Waiting)
        {
            firings = await FiringsAsync(id, all => all.Count == 3 && all.All(firing => firing.Outcome == FiringOutcome.Fired));
            firings.Should().Contain(firing => firing.Reason != null && firing.Reason.Contains("Waited"));
        }

        foreach (var run in firings.Select(firing => firing.RunId).OfType<string>())
        {
            (await _api.EndOfAsync(run)).Text("status").Should().Be("succeeded");
        }
    }

    [Theory]
    [InlineData("skip", 0)]
    [InlineData("once", 1)]
    [InlineData("all", 4)]
    public async Task DownOverFirings_AtTheNextStart_DoesAsThePolicySays_AndListsEach(string misfire, int caughtUp)
    {
        var id = await AddAsync(
            new
            {
                cron = "*/5 * * * *",
                timeZone = "UTC",
                misfire,
                catchUpLimit = 4,
            }
        );
        await StopAsync(async () => await SetNextAsync(id, DateTime.UtcNow.AddHours(-3)));
        await StartAsync();

        var firings = await FiringsAsync(
            id,
            all => all.Count >= 36 && all.All(firing => firing.Outcome is FiringOutcome.Fired or FiringOutcome.Missed)
        );

        var late = firings.Where(firing => firing.Reason is not null).ToList();
        late.Count(firing => firing.Outcome == FiringOutcome.Fired)
            .Should()
            .BeInRange(misfire == "once" ? 0 : caughtUp, caughtUp, "one that is due in time just now stands for the one");
        late.Should().HaveCountGreaterThanOrEqualTo(35).And.OnlyContain(firing => firing.Reason!.Contains("PromptPilot was not running."));
        firings.Select(firing => firing.DueAt).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task RunNow_OfAPausedSchedule_Starts_AndAnArchivedWorkflowSaysWhyNot()
    {
        var id = await AddAsync(new { cron = "0 0 1 1 *", timeZone = "UTC" });
        var schedules = _portal.Get<ScheduleService>();
        var admin = new Actor.Person((await _portal.GetAdminAsync()).Id);
        (await _portal.Get<TriggerService>().SetEnabledAsync(admin, _workflowId, id, false, null, Token)).Problem.Should().BeNull();

        var started = await schedules.RunNowAsync(admin, _workflowId, id, Token);
        (await _api.EndOfAsync(started.Value.Id)).Text("status").Should().Be("succeeded");

        (await _portal.Get<TriggerService>().SetEnabledAsync(admin, _workflowId, id, true, null, Token)).Problem.Should().BeNull();
        (await schedules.ListBrokenAsync(admin, Token)).Value.Should().BeEmpty();
        await _api.SendAsync(HttpMethod.Post, $"workflows/{_workflowId}/archive", null);
        (await schedules.RunNowAsync(admin, _workflowId, id, Token))
            .Problem!.Message.Should()
            .NotContain("Started by")
            .And.Contain("archive");
        (await schedules.ListBrokenAsync(admin, Token)).Value.Should().ContainSingle().Which.Broken.Should().Contain("archived");
        var other = await _portal.AddPersonAsync(Role.Architect);
        (await schedules.ListBrokenAsync(new Actor.Person(other.Id), Token)).Value.Should().BeEmpty("it is not theirs");
    }

    [Theory]
    [InlineData("disabled", "is disabled")]
    [InlineData("locked", "is locked")]
    public async Task Schedule_ThatCannotWorkAnyMore_IsListed_AndRingsItsOwnersBell(string what, string reason)
    {
        await AddAsync(new { cron = "0 0 1 1 *", timeZone = "UTC" });
        var admin = new Actor.Person((await _portal.GetAdminAsync()).Id);
        var owner = await _portal.AddPersonAsync(Role.Architect);
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            // As an admin does it by hand, all at once.
            await db
                .Workflows.Where(workflow => workflow.Id == _workflowId)
                .ExecuteUpdateAsync(set => set.SetProperty(workflow => workflow.Owner, owner.Id), Token);
            _ = what switch
            {
                "disabled" => await db.ModelProfiles.ExecuteUpdateAsync(set => set.SetProperty(profile => profile.Enabled, false), Token),
                _ => await db
                    .Users.Where(user => user.Id == owner.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(user => user.IsLocked, true), Token),
            };
        }

        (await _portal.Get<ScheduleService>().ListBrokenAsync(admin, Token))
            .Value.Should()
            .ContainSingle()
            .Which.Broken.Should()
            .Contain(reason);
        await StopAsync();
        await StartAsync();

        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
                return await db.Notifications.CountAsync(
                        told => told.UserId == owner.Id && told.Kind == NotificationKind.ScheduleBroken && told.Cause.Contains(reason),
                        Token
                    ) == 1;
            },
            "the owner to be told"
        );
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task EachMinute_ForTenRealMinutes_FiresTenTimesInTime()
    {
        var id = await AddAsync(new { cron = "* * * * *", timeZone = "Europe/Berlin" });
        var firings = await FiringsAsync(
            id,
            all => all.Count(firing => firing.Outcome == FiringOutcome.Fired) >= 10,
            TimeSpan.FromMinutes(11)
        );

        firings = [.. firings.Where(firing => firing.Outcome == FiringOutcome.Fired).OrderBy(firing => firing.DueAt).Take(10)];
        firings.Zip(firings.Skip(1), (one, next) => next.DueAt - one.DueAt).Should().OnlyContain(step => step == TimeSpan.FromMinutes(1));
        var late = firings.ConvertAll(firing => (firing.DecidedAt - firing.DueAt).TotalMilliseconds);
        Figures.Tell(
            $"schedule each minute, ten real minutes: {firings.Count} firings, {firings.Count(f => f.RunId is not null)} runs, ",
            $"noticed after at most {late.Max():0} ms, median {Figures.Median(late):0} ms"
        );
        foreach (var firing in firings)
        {
            (await _api.EndOfAsync(firing.RunId!, 60)).Text("status").Should().Be("succeeded");
        }

        late.Max().Should().BeLessThan(5000);
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task TenThousandSchedules_AreNoticedWithinASecond()
    {
        var count = Figures.FromEnvironment("SOAK_SCHEDULES", 10_000);
        var start = DateTime.UtcNow.AddSeconds(20);
        await using (var db = await _portal.Contexts.CreateDbContextAsync(Token))
        {
            for (var i = 0; i < count; i++)
            {
                // Once each in a minute and a half, spread over it: more a second than any real day has.
                db.Triggers.Add(
                    new Trigger
                    {
                        WorkflowId = _workflowId,
                        Type = TriggerType.Scheduled,
                        Enabled = true,
                        CreatedAt = start,
                        Inputs = new(new Dictionary<string, System.Text.Json.JsonElement> { ["text"] = AppJson.Text("hello") }),
                        Schedule = new ScheduleSettings { Cron = "0 0 1 1 *", TimeZone = "UTC" },
                        NextAt = start.AddMilliseconds(90_000.0 * i / count),
                    }
                );
            }

            await db.SaveChangesAsync(Token);
        }

        _portal.Get<TriggerChanges>().Notify();
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
                return await db.TriggerFirings.CountAsync(firing => firing.Outcome == FiringOutcome.Fired, Token) == count;
            },
            "all firings",
            TimeSpan.FromMinutes(10)
        );
        await using var after = await _portal.Contexts.CreateDbContextAsync(Token);
        var noticed = (await after.TriggerFirings.Select(firing => new { firing.DueAt, firing.DecidedAt }).ToListAsync(Token)).ConvertAll(
            f => (f.DecidedAt - f.DueAt).TotalMilliseconds
        );
        var queued = (
            await after
                .TriggerFirings.Join(
                    after.WorkflowRuns,
                    firing => firing.RunId,
                    run => run.Id,
                    (firing, run) => new { firing.DueAt, run.QueuedAt }
                )
                .ToListAsync(Token)
        ).ConvertAll(f => (f.QueuedAt - f.DueAt).TotalMilliseconds);
        Figures.Tell(
            $"{count} schedules in 90 s: noticed p50 {Figures.Median(noticed):0} ms, p99 {Figures.Percentile(noticed, 99):0} ",
            $"ms; run queued p50 {Figures.Median(queued):0} ms, p99 {Figures.Percentile(queued, 99):0} ms"
        );
        Figures.Percentile(noticed, 99).Should().BeLessThan(1000);
    }

    private async Task StartAsync()
    {
        _portal = await PortalHost.StartAsync(new PortalOptions { DataDirectory = _directory.Path });
        _client = _portal.CreateAdminClient();
        _api = new RunApi(_client);
    }

    private async Task StopAsync(Func<Task>? before = null)
    {
        if (before is not null)
        {
            await before();
        }

        _client.Dispose();
        await _portal.DisposeAsync();
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

    /// <summary>Makes it due as if its time had come so long ago, and lets the clock look, as when somebody edits a schedule.</summary>
    private async Task MakeDueAsync(string id, TimeSpan ago)
    {
        await SetNextAsync(id, DateTime.UtcNow - ago);
        _portal.Get<TriggerChanges>().Notify();
    }

    private async Task SetNextAsync(string id, DateTime at)
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        await db.Triggers.Where(trigger => trigger.Id == id).ExecuteUpdateAsync(set => set.SetProperty(t => t.NextAt, at), Token);
    }

    private async Task<DateTime?> NextAtAsync(string id)
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        return await db.Triggers.Where(trigger => trigger.Id == id).Select(trigger => trigger.NextAt).SingleAsync(Token);
    }

    /// <summary>The firings, the newest first, once they are as wanted.</summary>
    private async Task<List<TriggerFiring>> FiringsAsync(string id, Func<List<TriggerFiring>, bool> wanted, TimeSpan? limit = null)
    {
        List<TriggerFiring> firings = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
                firings = await db
                    .TriggerFirings.AsNoTracking()
                    .Where(firing => firing.TriggerId == id)
                    .OrderByDescending(firing => firing.DueAt)
                    .ToListAsync(Token);
                return wanted(firings);
            },
            "the firings",
            limit ?? TimeSpan.FromSeconds(60)
        );
        return firings;
    }
}
