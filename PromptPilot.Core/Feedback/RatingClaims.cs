using System.Diagnostics.CodeAnalysis;

namespace PromptPilot.Core.Feedback;

/// <summary>
/// Who is rating which output right now, so that two people never get the same one within five minutes. Kept in memory: after a restart the
/// worst case is one output that two people rate.
/// </summary>
public sealed class RatingClaims(TimeProvider time)
{
    /// <summary>How long an output is reserved for the person it was shown to.</summary>
    internal static readonly TimeSpan Term = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);

    private sealed record Claim(string UserId, DateTimeOffset Until);

    /// <summary>Keeps an output for a person, for <see cref="Term"/> from now.</summary>
    /// <returns>False while it is kept for someone else.</returns>
    internal bool TryClaim(string logId, string userId)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (IsTaken(logId, userId, now))
            {
                return false;
            }

            foreach (var ended in _claims.Where(claim => claim.Value.Until <= now).Select(claim => claim.Key).ToList())
            {
                _claims.Remove(ended);
            }

            _claims[logId] = new Claim(userId, now + Term);
            return true;
        }
    }

    /// <summary>Whether someone else is rating an output.</summary>
    internal bool IsTaken(string logId, string userId)
    {
        lock (_lock)
        {
            return IsTaken(logId, userId, time.GetUtcNow());
        }
    }

    /// <summary>The user who is rating an output.</summary>
    internal bool TryFindHolder(string logId, [NotNullWhen(true)] out string? userId)
    {
        lock (_lock)
        {
            userId = _claims.TryGetValue(logId, out var claim) && claim.Until > time.GetUtcNow() ? claim.UserId : null;
            return userId is not null;
        }
    }

    private bool IsTaken(string logId, string userId, DateTimeOffset now) =>
        _claims.TryGetValue(logId, out var claim) && claim.UserId != userId && claim.Until > now;
}
