using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Notifications;

/// <summary>Writes notifications, one per fact, and notifies the open pages of their readers.</summary>
public sealed class NotificationBook(IDbContextFactory<PromptPilotDbContext> contexts, WriteGate gate)
{
    private readonly ConcurrentDictionary<string, long> _generations = new();
    private long _generationOfAll;

    /// <summary>Signals that notifications were added, read or removed.</summary>
    internal ChangeSignal Changed { get; } = new();

    /// <summary>Another number when this person's have changed.</summary>
    internal long GenerationOf(string userId) => _generations.GetValueOrDefault(userId) + Volatile.Read(ref _generationOfAll);

    /// <summary>Something of theirs has changed.</summary>
    internal void Touch(IEnumerable<string> userIds)
    {
        var touched = false;
        foreach (var userId in userIds)
        {
            _generations.AddOrUpdate(userId, 1, (_, generation) => generation + 1);
            touched = true;
        }

        if (touched)
        {
            Changed.Raise();
        }
    }

    /// <summary>Tells all listeners that another host has changed notifications.</summary>
    internal void TouchAll()
    {
        Interlocked.Increment(ref _generationOfAll);
        Changed.Raise();
    }

    /// <summary>
    /// Writes the notifications whose facts are new, and whose cause has been quiet for an hour. In one transaction that holds the write
    /// gate, so that concurrent callers do not notify twice.
    /// </summary>
    /// <param name="found">The oldest first.</param>
    internal async Task AddAsync(IReadOnlyList<Notification> found, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);

        // Most facts already have a notification: those need no write gate.
        var news = await WithoutKnownAsync(db, found, cancellationToken);
        if (news.Count == 0)
        {
            return;
        }

        await using (var transaction = await gate.BeginAsync(db, cancellationToken))
        {
            news = await WithoutKnownAsync(db, news, cancellationToken);
            db.Notifications.AddRange(news);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        Touch(news.Select(one => one.UserId).Distinct());
    }

    private static async Task<List<Notification>> WithoutKnownAsync(
        PromptPilotDbContext db,
        IReadOnlyList<Notification> found,
        CancellationToken cancellationToken
    )
    {
        var (keys, people) = (found.Select(one => one.FactKey).ToList(), found.Select(one => one.UserId).Distinct().ToList());
        var notified = (
            await db
                .Notifications.Where(one => keys.Contains(one.FactKey))
                .Select(one => new { one.UserId, one.FactKey })
                .ToListAsync(cancellationToken)
        ).ToHashSet();
        var known = (
            await db.Users.Where(user => people.Contains(user.Id)).Select(user => user.Id).ToListAsync(cancellationToken)
        ).ToHashSet();
        var news = new List<Notification>();
        foreach (var one in found)
        {
            if (
                known.Contains(one.UserId)
                && notified.Add(new { one.UserId, one.FactKey })
                && !await IsQuietAsync(db, one, news, cancellationToken)
            )
            {
                news.Add(one);
            }
        }

        return news;
    }

    /// <summary>
    /// Whether the same cause has notified within an hour. In both directions: of two runs that end together, the later may be seen first.
    /// </summary>
    private static async Task<bool> IsQuietAsync(
        PromptPilotDbContext db,
        Notification one,
        List<Notification> news,
        CancellationToken cancellationToken
    )
    {
        if (one.CauseKey is null)
        {
            return false;
        }

        var (after, before) = (one.CreatedAt - NotificationLimits.QuietFor, one.CreatedAt + NotificationLimits.QuietFor);
        return news.Exists(other =>
                other.UserId == one.UserId && other.CauseKey == one.CauseKey && other.CreatedAt > after && other.CreatedAt < before
            )
            || await db.Notifications.AnyAsync(
                other =>
                    other.UserId == one.UserId && other.CauseKey == one.CauseKey && other.CreatedAt > after && other.CreatedAt < before,
                cancellationToken
            );
    }
}
