using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Decides if and when a failed attempt is retried. The delay is recorded with the attempt's end, so a fold needs no policy.
/// </summary>
internal static class RetryPolicy
{
    /// <summary>The longest Retry-After that is honored. A longer one fails the attempt, and the message says so.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(1);

    /// <summary>True when a retry can help; see the table in docs/architecture.md.</summary>
    public static bool Helps(ErrorCode code) =>
        code switch
        {
            ErrorCode.RateLimited
            or ErrorCode.ProviderError
            or ErrorCode.Unreachable
            or ErrorCode.Timeout
            or ErrorCode.IncompleteStream
            or ErrorCode.InvalidOutput
            or ErrorCode.Interrupted => true,
            ErrorCode.Quota
            or ErrorCode.Auth
            or ErrorCode.BadRequest
            or ErrorCode.ModelUnavailable
            or ErrorCode.ContextTooLong
            or ErrorCode.ContentFiltered
            or ErrorCode.Budget
            or ErrorCode.Cancelled
            or ErrorCode.Internal => false,
        };

    /// <summary>The delay before the next attempt; null: no further attempt.</summary>
    /// <param name="tries">Number of attempts so far, including this one.</param>
    /// <param name="retryAfter">The delay requested by the provider; a jitter of up to a tenth is added so that not all retry at
    /// once.</param>
    /// <param name="backoff">The delay after the first failure; doubled after each further one, up to a minute, with half of it
    /// random.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan? NextAfter(ErrorCode code, int tries, int mostAttempts, TimeSpan? retryAfter, TimeSpan backoff, double random)
    {
        if (code == ErrorCode.Interrupted)
        {
            return TimeSpan.Zero;
        }

        if (!Helps(code) || tries >= mostAttempts || retryAfter > LongestWait)
        {
            return null;
        }

        var wait = backoff * Math.Pow(2, tries - 1);
        wait = (wait < LongestBackoff ? wait : LongestBackoff) * (0.5 + (random / 2));
        return retryAfter is { } asked && asked * (1 + (random / 10)) is var kept && kept > wait ? kept : wait;
    }
}
