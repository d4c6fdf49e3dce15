using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.Fallback;

/// <summary>Decides when a failed step switches to its next fallback profile; see docs/models.md.</summary>
internal static class FallbackPolicy
{
    /// <summary>A step with a fallback waits no longer than this for its profile.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>
    /// True when the next attempt calls the next profile. A provider that is down is left at once, since retries would only cost time. A
    /// rate limit and a cut-off answer are retried first, since that usually helps. Errors that another provider would return as well never
    /// switch.
    /// </summary>
    /// <param name="wait">The delay before a retry on the same profile; null: no further retry.</param>
    public static bool Switches(ErrorCode code, TimeSpan? wait) =>
        code switch
        {
            ErrorCode.Unreachable or ErrorCode.ProviderError or ErrorCode.Timeout or ErrorCode.Quota or ErrorCode.ModelUnavailable => true,
            ErrorCode.RateLimited or ErrorCode.IncompleteStream => wait is null || wait > LongestWait,
            ErrorCode.Auth
            or ErrorCode.BadRequest
            or ErrorCode.ContextTooLong
            or ErrorCode.ContentFiltered
            or ErrorCode.InvalidOutput
            or ErrorCode.Budget
            or ErrorCode.Interrupted
            or ErrorCode.Cancelled
            or ErrorCode.Internal => false,
        };
}
