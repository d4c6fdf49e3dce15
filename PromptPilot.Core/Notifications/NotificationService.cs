using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Notifications;

/// <summary>A notification as its reader sees it.</summary>
public sealed record NotificationItem(
    string Id,
    NotificationKind Kind,
    string Title,
    string Cause,
    string Link,
    DateTime CreatedAt,
    bool IsRead
);

/// <summary>Shows people what concerns them; everyone sees their own only.</summary>
public sealed class NotificationService(Operations operations, NotificationBook book, TimeProvider time)
{
    private const char Separator = '!';

    /// <summary>The actor's own, newest first.</summary>
    public Task<Result<Page<NotificationItem>>> ListAsync(
        Actor actor,
        bool unreadOnly,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<NotificationItem>>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var rows = db
                    .Notifications.AsNoTracking()
                    .Where(one => one.UserId == principal.UserId && (!unreadOnly || one.ReadAt == null));
                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, Separator) is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    rows = rows.Where(one =>
                        one.CreatedAt < cursor.At || (one.CreatedAt == cursor.At && string.Compare(one.Id, cursor.Id) < 0)
                    );
                }

                var items = await rows.OrderByDescending(one => one.CreatedAt)
                    .ThenByDescending(one => one.Id)
                    .Take(page.Take + 1)
                    .Select(one => new NotificationItem(
                        one.Id,
                        one.Kind,
                        one.Title,
                        one.Cause,
                        one.Link,
                        one.CreatedAt,
                        one.ReadAt != null
                    ))
                    .ToListAsync(cancellationToken);
                return Page.Of(items, page, last => new TimeCursor(last.CreatedAt, last.Id).ToString(Separator));
            },
            cancellationToken
        );

    /// <summary>The number of the actor's unread notifications.</summary>
    public Task<Result<int>> CountUnreadAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<int>(
            actor,
            Permission.Read,
            async (db, principal) =>
                await db.Notifications.CountAsync(one => one.UserId == principal.UserId && one.ReadAt == null, cancellationToken),
            cancellationToken
        );

    /// <summary>Marks one of the actor's own as read; one that is gone or read already stays so.</summary>
    public Task<Result<Done>> ReadAsync(Actor actor, string id, CancellationToken cancellationToken) =>
        MarkAsync(actor, id, cancellationToken);

    /// <summary>Marks all of the actor's own as read.</summary>
    public Task<Result<Done>> ReadAllAsync(Actor actor, CancellationToken cancellationToken) => MarkAsync(actor, null, cancellationToken);

    /// <summary>Signals that one of the actor's notifications has changed.</summary>
    public Task<Result<NotificationWatch>> WatchAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<NotificationWatch>(
            actor,
            Permission.Read,
            principal =>
                principal.UserId is { } userId ? new NotificationWatch(book, userId) : Problem.Forbidden("Only users have notifications."),
            cancellationToken
        );

    private async Task<Result<Done>> MarkAsync(Actor actor, string? id, CancellationToken cancellationToken)
    {
        string? touched = null;
        var result = await operations.WriteAsync<Done>(
            actor,
            Permission.Read,
            async (db, principal) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                var marked = await db
                    .Notifications.Where(one => one.UserId == principal.UserId && one.ReadAt == null && (id == null || one.Id == id))
                    .ExecuteUpdateAsync(set => set.SetProperty(one => one.ReadAt, now), cancellationToken);
                if (marked > 0)
                {
                    touched = principal.UserId;
                }

                return default(Done);
            },
            cancellationToken
        );
        if (result.IsOk && touched is not null)
        {
            book.Touch([touched]);
        }

        return result;
    }
}
