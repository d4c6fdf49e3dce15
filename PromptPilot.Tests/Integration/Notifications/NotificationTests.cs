using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Models;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Triggers.Schedules;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Integration.Integrations;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Notifications;

/// <summary>Notifications made of committed facts: none lost, none twice, across a death of the host too.</summary>
public sealed class NotificationTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private readonly TempDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DateTime Now => _clock.GetUtcNow().UtcDateTime;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(TriggerType.Scheduled, RunStatus.Failed, true)]
    [InlineData(TriggerType.Webhook, RunStatus.TimedOut, true)]
    [InlineData(TriggerType.Manual, RunStatus.Failed, true)]
    [InlineData(TriggerType.Scheduled, RunStatus.Succeeded, false)]
    [InlineData(TriggerType.Scheduled, RunStatus.Cancelled, false)]
    public async Task Run_ThatNobodyWatched_TellsTheOwner_WhenItFails(TriggerType trigger, RunStatus status, bool tells)
    {
        await using var host = await StartAsync();
        var workflow = await AddWorkflowAsync(host);
        var run = await AddRunAsync(host, workflow, trigger, status, "The model\r\nsaid no.");

        await LookAsync(host);
        await LookAsync(host);

        var told = await ToldAsync(host);
        told.Should().HaveCount(tells ? 1 : 0);
        if (tells)
        {
            told[0]
                .Should()
                .BeEquivalentTo(
                    new
                    {
                        UserId = "author",
                        Kind = NotificationKind.RunFailed,
                        Link = $"/runs/{run}",
                        Cause = "The model  said no.",
                        ReadAt = (DateTime?)null,
                        MailDueAt = (DateTime?)null,
                    }
                );
        }
    }

    [Fact]
    public async Task SameCause_TellsOnceAnHour_AndAnotherCauseAtOnce()
    {
        await using var host = await StartAsync();
        var workflow = await AddWorkflowAsync(host);
        for (var i = 0; i < 5; i++)
        {
            await AddRunAsync(host, workflow);
            await LookAsync(host);
            Pass(TimeSpan.FromMinutes(1));
        }

        await AddRunAsync(host, workflow, code: ErrorCode.Timeout);
        await LookAsync(host);
        (await ToldAsync(host)).Should().HaveCount(2);

        Pass(TimeSpan.FromHours(1));
        await AddRunAsync(host, workflow);
        await LookAsync(host);
        (await ToldAsync(host)).Should().HaveCount(3);
    }

    [Fact]
    public async Task Host_ThatDied_TellsAfterItsStartWhatItDidNot_AndNothingTwice()
    {
        var path = _directory.File("portal.db");
        string workflow;
        await using (var first = await StartAsync(path))
        {
            workflow = await AddWorkflowAsync(first);
            await AddRunAsync(first, workflow);
            await LookAsync(first);
            (await ToldAsync(first)).Should().ContainSingle();

            // Committed, and then the host dies before it looks.
            await AddRunAsync(first, await AddWorkflowAsync(first));
        }

        Pass(TimeSpan.FromDays(3));
        await using var second = await StartAsync(path);
        await Task.WhenAll(LookAsync(second), LookAsync(second), LookAsync(second));
        (await ToldAsync(second)).Should().HaveCount(2).And.OnlyHaveUniqueItems(one => one.FactKey);
    }

    [Fact]
    public async Task Failure_GoesByMail_WhenAServerIsSet_AndIsTriedAgain()
    {
        await using var server = new FakeMailServer();
        var asked = 0;
        server.Recipient = _ => Interlocked.Increment(ref asked) == 1 ? "451 greylisted" : "250 ok";
        await using var host = await StartAsync(mailPort: server.Port);
        await using (var db = host.Db())
        {
            await db
                .Users.Where(user => user.Id == "author")
                .ExecuteUpdateAsync(set => set.SetProperty(user => user.Email, "author@example.org"), Token);
        }

        var run = await AddRunAsync(host, await AddWorkflowAsync(host), message: "<b>no</b>");
        await LookAsync(host);
        server.Mails.Should().BeEmpty();
        (await ToldAsync(host)).Should().ContainSingle().Which.MailDueAt.Should().NotBeNull();

        Pass(TimeSpan.FromMinutes(2));
        await LookAsync(host);
        await LookAsync(host);

        var mail = server.Mails.Should().ContainSingle().Subject;
        mail.To.Mailboxes.Should().ContainSingle().Which.Address.Should().Be("author@example.org");
        mail.TextBody.Should().Contain($"https://prompts.example.org/runs/{run}").And.Contain("<b>no</b>");
        mail.HtmlBody.Should().NotContain("<b>no");
        (await ToldAsync(host)).Should().ContainSingle().Which.MailDueAt.Should().BeNull();
    }

    [Fact]
    public async Task Old_AreForgotten_AndNotToldAnew()
    {
        await using var host = await StartAsync();
        await AddRunAsync(host, await AddWorkflowAsync(host));
        await LookAsync(host);

        Pass(TimeSpan.FromDays(31));
        await LookAsync(host);
        await host.Get<Housekeeping>().CleanAsync(TestContext.Current.CancellationToken);
        await LookAsync(host);

        (await ToldAsync(host)).Should().BeEmpty();
    }

    [Fact]
    public async Task Hook_ThatWasDisabled_TellsOwnerAndMaker_Once_AndAgainWhenItHappensAgain()
    {
        await using var host = await StartAsync();
        var workflow = await AddWorkflowAsync(host);
        await using (var db = host.Db())
        {
            db.IntegrationHooks.Add(
                new IntegrationHook
                {
                    Name = "Ops",
                    NormalizedName = "OPS",
                    TargetUrl = "https://example.org",
                    LinkedWorkflowId = workflow,
                    CreatedBy = "person",
                    Enabled = false,
                    DisabledReason = "Gone.",
                }
            );
            db.IntegrationHooks.Add(
                new IntegrationHook
                {
                    Name = "Off",
                    NormalizedName = "OFF",
                    TargetUrl = "https://example.org",
                    LinkedWorkflowId = workflow,
                    CreatedBy = "person",
                    Enabled = false,
                }
            );
            await db.SaveChangesAsync(Token);
        }

        await LookAsync(host);
        await LookAsync(host);
        var told = await ToldAsync(host);
        told.Should()
            .HaveCount(2)
            .And.OnlyContain(one =>
                one.Kind == NotificationKind.HookDisabled && one.Title.Contains("“Ops”") && one.Cause.StartsWith("Gone.")
            );
        told.Select(one => one.UserId).Should().BeEquivalentTo("author", "person");

        await SetAsync(enabled: true, reason: null);
        await LookAsync(host);
        (await ToldAsync(host)).Should().HaveCount(2).And.OnlyContain(one => one.ReadAt != null, "it is mended");
        Pass(TimeSpan.FromMinutes(1));
        await SetAsync(enabled: false, reason: "Gone.");
        await LookAsync(host);
        (await ToldAsync(host)).Should().HaveCount(4);

        async Task SetAsync(bool enabled, string? reason)
        {
            await using var db = host.Db();
            await db
                .IntegrationHooks.Where(hook => hook.Name == "Ops")
                .ExecuteUpdateAsync(
                    set => set.SetProperty(hook => hook.Enabled, enabled).SetProperty(hook => hook.DisabledReason, reason),
                    Token
                );
        }
    }

    [Fact]
    public async Task Person_SeesAndReadsOnlyTheirOwn()
    {
        await using var host = await StartAsync();
        await AddRunAsync(host, await AddWorkflowAsync(host));
        await LookAsync(host);
        var service = host.Get<NotificationService>();
        var id = (await service.ListAsync(host.Author, unreadOnly: false, new PageRequest(), Token))
            .Value.Items.Should()
            .ContainSingle()
            .Subject.Id;

        (await service.ListAsync(host.Person, unreadOnly: false, new PageRequest(), Token)).Value.Items.Should().BeEmpty();
        await service.ReadAsync(host.Person, id, Token);
        await service.ReadAllAsync(host.Person, Token);
        (await service.CountUnreadAsync(host.Author, Token)).Value.Should().Be(1);
        await service.ReadAsync(host.Author, id, Token);
        (await service.CountUnreadAsync(host.Author, Token)).Value.Should().Be(0);
    }

    [Fact]
    public async Task Failure_OfWhatTheOwnerStartedByHand_IsNotTold_SinceTheOwnerLooks()
    {
        await using var host = await StartAsync();
        await AddRunAsync(host, await AddWorkflowAsync(host), TriggerType.Manual, startedBy: "author");
        await LookAsync(host);
        (await ToldAsync(host)).Should().BeEmpty();
    }

    [Fact]
    public async Task Failure_IsNotMailed_WhereAHookTellsIt_AndNotWhenItIsOld()
    {
        await using var server = new FakeMailServer();
        await using var host = await StartAsync(mailPort: server.Port);
        var (hooked, plain) = (await AddWorkflowAsync(host), await AddWorkflowAsync(host));
        await using (var db = host.Db())
        {
            db.IntegrationHooks.Add(
                new IntegrationHook
                {
                    Name = "Ops",
                    NormalizedName = "OPS",
                    TargetUrl = "https://example.org",
                    LinkedWorkflowId = hooked,
                    On = [HookEvent.Failed],
                }
            );
            await db.SaveChangesAsync(Token);
        }

        await AddRunAsync(host, plain);
        Pass(TimeSpan.FromDays(2));
        await AddRunAsync(host, hooked);
        await LookAsync(host);

        (await ToldAsync(host)).Should().HaveCount(2).And.OnlyContain(one => one.MailDueAt == null);
        server.Mails.Should().BeEmpty();
    }

    [Fact]
    public async Task ThousandFailuresAtOneMoment_AreAllLookedAt()
    {
        await using var host = await StartAsync();
        var workflow = await AddWorkflowAsync(host);
        await using (var db = host.Db())
        {
            // Each with a cause of its own, ended in the same instant: pages of the search must neither skip nor repeat one.
            db.AddRange(
                Enumerable
                    .Range(0, 1001)
                    .Select(i => Run(workflow, TriggerType.Scheduled, RunStatus.Failed, "No.", ErrorCode.Internal, step: $"step-{i}"))
            );
            await db.SaveChangesAsync(Token);
        }

        await LookAsync(host);
        (await ToldAsync(host)).Should().HaveCount(1001);
    }

    [Fact]
    public async Task Watch_WakesWhoseNotificationItIs_AndNobodyElse()
    {
        await using var host = await StartAsync();
        var service = host.Get<NotificationService>();
        var (mine, other) = ((await service.WatchAsync(host.Author, Token)).Value, (await service.WatchAsync(host.Person, Token)).Value);
        using var stop = new CancellationTokenSource();
        var (woken, asleep) = (mine.NextAsync(Token), other.NextAsync(stop.Token));

        await AddRunAsync(host, await AddWorkflowAsync(host));
        await LookAsync(host);

        await woken.WaitAsync(Eventually.DefaultLimit, Token);
        asleep.IsCompleted.Should().BeFalse();
        await stop.CancelAsync();
        await asleep.ContinueWith(_ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    [Fact]
    public async Task Review_NamesTheStepThatWaits()
    {
        await using var host = await StartAsync();
        var workflow = await AddWorkflowAsync(host);
        await using (var db = host.Db())
        {
            var version = await db.WorkflowVersions.SingleAsync(version => version.WorkflowId == workflow, Token);
            var run = Run(workflow, TriggerType.Manual, RunStatus.Waiting, "", ErrorCode.Internal);
            (run.WorkflowVersionId, run.OpenReviews, run.FinishedAt) = (version.Id, 1, null);
            var asked = new RunEvent
            {
                RunId = run.Id,
                Seq = 1,
                Type = RunEventType.ReviewAsked,
                StepId = version.Definition.Steps.Single().Id,
                At = Now,
            };
            db.AddRange(run, asked);
            await db.SaveChangesAsync(Token);
        }

        await LookAsync(host);

        (await ToldAsync(host)).Should().ContainSingle().Which.Cause.Should().Be("Step “one”.");
    }

    private Task<EngineHost> StartAsync(string? path = null, int? mailPort = null) =>
        EngineHost.StartAsync(
            new ScriptedModel(),
            path,
            more: builder =>
            {
                builder.Configuration.Sources.Add(
                    new MemoryConfigurationSource
                    {
                        InitialData = new Dictionary<string, string?>
                        {
                            ["PromptPilot:PublicUrl"] = "https://prompts.example.org",
                            ["PromptPilot:Smtp:Host"] = mailPort is null ? null : "127.0.0.1",
                            ["PromptPilot:Smtp:Port"] = mailPort?.ToString(CultureInfo.InvariantCulture),
                            ["PromptPilot:Smtp:Security"] = "None",
                            ["PromptPilot:Smtp:From"] = "portal@example.org",
                        },
                    }
                );
                builder.Services.AddSingleton<ScheduleHealth>().AddMail().AddNotifications();
                builder.Services.RemoveAll<TimeProvider>();
                builder.Services.AddSingleton<TimeProvider>(_clock);
            }
        );

    /// <summary>Without the timers on the way: what renews its lease each few seconds would do it for all those days.</summary>
    private void Pass(TimeSpan time) => _clock.AdjustTime(_clock.GetUtcNow() + time);

    private static Task LookAsync(EngineHost host) => host.Get<NotificationWatcher>().LookAsync(Token);

    private static async Task<List<Notification>> ToldAsync(EngineHost host)
    {
        await using var db = host.Db();
        return await db.Notifications.AsNoTracking().OrderBy(one => one.CreatedAt).ToListAsync(Token);
    }

    private static async Task<string> AddWorkflowAsync(EngineHost host)
    {
        var id = await host.AddWorkflowAsync(("one", ["text"]));
        await using var db = host.Db();
        await db
            .Workflows.Where(workflow => workflow.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(workflow => workflow.Owner, "author"), Token);
        return id;
    }

    private async Task<string> AddRunAsync(
        EngineHost host,
        string workflow,
        TriggerType trigger = TriggerType.Scheduled,
        RunStatus status = RunStatus.Failed,
        string message = "No.",
        ErrorCode code = ErrorCode.Internal,
        string? startedBy = null
    )
    {
        await using var db = host.Db();
        var run = Run(workflow, trigger, status, message, code, startedBy);
        db.Add(run);
        await db.SaveChangesAsync(Token);
        return run.Id;
    }

    private WorkflowRun Run(
        string workflow,
        TriggerType trigger,
        RunStatus status,
        string message,
        ErrorCode code,
        string? startedBy = null,
        string? step = null
    ) =>
        new()
        {
            WorkflowId = workflow,
            WorkflowName = "Digest",
            Status = status,
            TriggerKind = trigger,
            StartedBy = startedBy,
            QueuedAt = Now,
            FinishedAt = Now,
            ErrorCode = code,
            ErrorMessage = message,
            ErrorStepId = step,
        };
}
