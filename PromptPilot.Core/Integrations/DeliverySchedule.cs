namespace PromptPilot.Core.Integrations;

/// <summary>The outcome of an attempt.</summary>
/// <param name="Status">HTTP or SMTP status; null without a response.</param>
/// <param name="Detail">What happened and what to do, as text.</param>
/// <param name="Excerpt">The beginning of the receiver's answer.</param>
/// <param name="RetryAfter">The delay that the receiver requested.</param>
internal sealed record AttemptOutcome(
    AttemptVerdict Verdict,
    string Detail,
    int? Status = null,
    string Excerpt = "",
    TimeSpan? RetryAfter = null
);

/// <summary>The next state of a delivery.</summary>
/// <param name="NextAttemptAt">Null: it is done.</param>
/// <param name="DisablesHook">The receiver wants nothing more.</param>
internal sealed record DeliveryOutcome(DeliveryState State, DateTime? NextAttemptAt, bool DisablesHook = false);

/// <summary>
/// When a delivery that failed is tried again: the schedule of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks,
/// “Deliverability and reliability”).
/// </summary>
internal static class DeliverySchedule
{
    /// <summary>
    /// The waits after the first failure, the second, …. There are ten attempts in a little over three days.
    /// </summary>
    public static readonly IReadOnlyList<TimeSpan> Waits =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    /// <summary>No receiver makes a delivery wait longer.</summary>
    public static readonly TimeSpan MostWait = TimeSpan.FromDays(7);

    /// <summary>True when the same message may be accepted next time.</summary>
    public static bool IsTransient(AttemptVerdict verdict) =>
        verdict switch
        {
            AttemptVerdict.Timeout
            or AttemptVerdict.Unreachable
            or AttemptVerdict.RateLimited
            or AttemptVerdict.ServerError
            or AttemptVerdict.NotReady => true,
            AttemptVerdict.Delivered
            or AttemptVerdict.Rejected
            or AttemptVerdict.Redirected
            or AttemptVerdict.Gone
            or AttemptVerdict.AddressRefused => false,
        };

    /// <param name="failuresBefore">The number of failed attempts before this one.</param>
    /// <param name="now">When it ended.</param>
    public static DeliveryOutcome After(AttemptOutcome outcome, int failuresBefore, DateTime now)
    {
        if (outcome.Verdict == AttemptVerdict.Delivered)
        {
            return new DeliveryOutcome(DeliveryState.Delivered, null);
        }

        if (!IsTransient(outcome.Verdict) || failuresBefore >= Waits.Count)
        {
            return new DeliveryOutcome(DeliveryState.Failed, null, outcome.Verdict == AttemptVerdict.Gone);
        }

        var wait = Waits[failuresBefore];
        if (outcome.RetryAfter is { } asked && asked > wait)
        {
            wait = asked < MostWait ? asked : MostWait;
        }

        return new DeliveryOutcome(DeliveryState.Pending, now + wait);
    }
}
