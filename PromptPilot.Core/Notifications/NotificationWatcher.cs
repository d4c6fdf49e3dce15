using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Data;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Shared.Work;
using PromptPilot.Core.Triggers.Schedules;

namespace PromptPilot.Core.Notifications;

/// <summary>
/// Creates notifications from committed facts. It has no state that matters: after a start it looks at all recent facts again, and the
/// rows show which ones have already notified.
/// </summary>
internal sealed class NotificationWatcher(
    IDbContextFactory<PromptPilotDbContext> contexts,
    ReadyGate ready,
    RunFeed feed,
    ProfileLimiters limiters,
    ScheduleHealth health,
    NotificationBook book,
    NotificationMailer mailer,
    MailSender mail,
    TimeProvider time,
    ILogger<NotificationWatcher> log
) : PollingService, ICleaning
{
    /// <summary>A run's end is committed a little after its time: how far behind the newest look the next one begins.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _one = new(1, 1);
    private HashSet<string> _imports = [];
    private DateTime? _since;
    private readonly Every _schedules = new(TimeSpan.FromMinutes(5), time);

    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
    }

    /// <summary>Checks everything once, one check at a time. Called by the loop, and by tests.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow().UtcDateTime;
            var since = _since ?? now - NotificationLimits.LookBack;
            await FailuresAsync(since, now, cancellationToken);
            await ReviewsAsync(now, cancellationToken);
            await ChangesAsync(since, now, cancellationToken);
            await ImportsAsync(since, cancellationToken);
            await HooksAsync(now, cancellationToken);
            await OutagesAsync(now, cancellationToken);
            _since = now - Overlap;
            if (_schedules.IsDue())
            {
                await SchedulesAsync(now, cancellationToken);
            }

            await mailer.SendDueAsync(cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    protected override ILogger Logger => log;

    /// <summary>After a stop, the next start checks everything again.</summary>
    protected override TimeProvider Time => time;

    protected override Duty? Duty => ready.Duties[DutyName.Notifications];

    protected override TimeSpan PollInterval => TimeSpan.FromSeconds(15);

    protected override TimeSpan ShortestInterval => TimeSpan.FromSeconds(1);

    protected override Task PrepareAsync(CancellationToken stoppingToken) => ready.WaitAsync(stoppingToken);

    protected override Func<CancellationToken, Task> Listen()
    {
        var seen = feed.ListChanged.Count;
        return token => feed.ListChanged.WaitAsync(seen, token);
    }

    protected override async Task<DateTime?> PollAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        return null;
    }

    private async Task FailuresAsync(DateTime since, DateTime now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTime? mailFrom = mail.IsConfigured ? RunFacts.MailFrom(now) : null;
        var (after, isLast) = ((At: since, RunId: ""), false);
        while (!isLast)
        {
            var failures = await RunFacts.FailuresAsync(db, after, mailFrom, cancellationToken);
            await book.AddAsync(failures, cancellationToken);
            isLast = failures.Count < RunFacts.Most;
            after = isLast ? after : (failures[^1].CreatedAt, failures[^1].Link[RunFacts.RunPath.Length..]);
        }
    }

    private async Task ReviewsAsync(DateTime now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        (DateTime At, string RunId, int Seq)? after = (now - NotificationLimits.LookBack, "", 0);
        while (after is { } place)
        {
            (var reviews, after) = await RunFacts.ReviewsAsync(db, place, cancellationToken);
            await book.AddAsync(reviews, cancellationToken);
        }

        // An answered review no longer waits for anyone.
        var waiting = db.WorkflowRuns.Where(run => run.OpenReviews > 0).Select(run => RunFacts.RunPath + run.Id);
        await ChangeAsync(
            db.Notifications.Where(one => one.ReadAt == null && one.Kind == NotificationKind.Review && !waiting.Contains(one.Link)),
            done => done.ExecuteUpdateAsync(set => set.SetProperty(one => one.ReadAt, now), cancellationToken),
            cancellationToken
        );
    }

    private async Task ChangesAsync(DateTime since, DateTime now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTime? mailFrom = mail.IsConfigured ? RunFacts.MailFrom(now) : null;
        await book.AddAsync(await ChangeFacts.FindAsync(db, since, mailFrom, cancellationToken), cancellationToken);

        // A decided request no longer waits for anyone.
        var open = db.ChangeRequests.Where(r => r.Status == ChangeStatus.Open).Select(r => ChangeFacts.ChangePath + r.Id);
        await ChangeAsync(
            db.Notifications.Where(one => one.ReadAt == null && one.Kind == NotificationKind.Approval && !open.Contains(one.Link)),
            done => done.ExecuteUpdateAsync(set => set.SetProperty(one => one.ReadAt, now), cancellationToken),
            cancellationToken
        );
    }

    /// <summary>An import writes its own notification; this notifies the pages of the user who imported.</summary>
    private async Task ImportsAsync(DateTime since, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var imports = await db
            .Notifications.AsNoTracking()
            .Where(one => one.CreatedAt > since && one.Kind == NotificationKind.Imported)
            .Select(one => new { one.Id, one.UserId })
            .ToListAsync(cancellationToken);
        book.Touch(imports.Where(one => !_imports.Contains(one.Id)).Select(one => one.UserId).Distinct());
        _imports = [.. imports.Select(one => one.Id)];
    }

    /// <summary>Changes the rows, if there are any, and notifies their readers.</summary>
    private async Task ChangeAsync(
        IQueryable<Notification> rows,
        Func<IQueryable<Notification>, Task<int>> change,
        CancellationToken cancellationToken
    )
    {
        var people = await rows.Select(one => one.UserId).Distinct().ToListAsync(cancellationToken);
        if (people.Count > 0)
        {
            await change(rows);
            book.Touch(people);
        }
    }

    private async Task HooksAsync(DateTime now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await UpdateOngoingAsync(
            db,
            NotificationKind.HookDisabled,
            await OngoingFacts.HooksAsync(db, now, cancellationToken),
            now,
            cancellationToken
        );
    }

    private async Task OutagesAsync(DateTime now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await UpdateOngoingAsync(
            db,
            NotificationKind.ModelOutage,
            await OngoingFacts.OutagesAsync(db, limiters, cancellationToken),
            now,
            cancellationToken
        );
    }

    /// <summary>Interval of checks for broken schedules and model shutdowns, which both change slowly.</summary>
    private async Task SchedulesAsync(DateTime now, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await UpdateOngoingAsync(
            db,
            NotificationKind.ScheduleBroken,
            await OngoingFacts.SchedulesAsync(db, health, now, cancellationToken),
            now,
            cancellationToken
        );
        await UpdateOngoingAsync(
            db,
            NotificationKind.ModelEnding,
            await OngoingFacts.EndingsAsync(db, now, cancellationToken),
            now,
            cancellationToken
        );
    }

    /// <summary>A fixed fault that returns is news, so its old notification releases the fact's key.</summary>
    private async Task UpdateOngoingAsync(
        PromptPilotDbContext db,
        NotificationKind kind,
        List<Notification> found,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var (facts, prefix) = (found.ConvertAll(one => one.FactKey), OngoingFacts.PrefixOf(kind));
        await ChangeAsync(
            db.Notifications.Where(one => one.Kind == kind && one.FactKey.StartsWith(prefix) && !facts.Contains(one.FactKey)),
            over =>
                over.ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(one => one.FactKey, one => "over:" + one.Id)
                            .SetProperty(one => one.ReadAt, one => one.ReadAt ?? now),
                    cancellationToken
                ),
            cancellationToken
        );
        await book.AddAsync(found, cancellationToken);
    }

    async Task ICleaning.CleanAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow().UtcDateTime - NotificationLimits.KeepFor;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // A fact that still holds keeps its notification: otherwise it would be reported again.
        var (schedule, hook, model, ending) = (
            OngoingFacts.PrefixOf(NotificationKind.ScheduleBroken),
            OngoingFacts.PrefixOf(NotificationKind.HookDisabled),
            OngoingFacts.PrefixOf(NotificationKind.ModelOutage),
            OngoingFacts.PrefixOf(NotificationKind.ModelEnding)
        );
        await ChangeAsync(
            db.Notifications.Where(one =>
                one.CreatedAt < oldest
                && !one.FactKey.StartsWith(schedule)
                && !one.FactKey.StartsWith(hook)
                && !one.FactKey.StartsWith(model)
                && !one.FactKey.StartsWith(ending)
            ),
            old => old.ExecuteDeleteAsync(cancellationToken),
            cancellationToken
        );
    }
}
