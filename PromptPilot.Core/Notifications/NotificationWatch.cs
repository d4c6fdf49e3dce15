namespace PromptPilot.Core.Notifications;

/// <summary>Notifies a user's open pages of changes to their notifications.</summary>
public sealed class NotificationWatch
{
    private readonly NotificationBook _book;
    private readonly string _userId;
    private long _seen;

    internal NotificationWatch(NotificationBook book, string userId) => (_book, _userId, _seen) = (book, userId, book.GenerationOf(userId));

    /// <summary>Waits until something has changed since the last call.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = _book.Changed.Count;
            if (_book.GenerationOf(_userId) is var generation && generation != _seen)
            {
                _seen = generation;
                return;
            }

            await _book.Changed.WaitAsync(seen, cancellationToken);
        }
    }
}
