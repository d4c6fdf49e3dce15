using System.Collections.Concurrent;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Queue;

/// <summary>
/// Limits the calls to each profile: calls at the same time, requests per minute, and fewer after its provider answered 429. Profiles do
/// not delay each other. Changed limits of a profile apply from the next call on; requests per minute are counted from when the limit is
/// set.
/// </summary>
public sealed class ProfileLimiters(ModelProfiles profiles, TimeProvider time)
{
    /// <summary>Timers truncate fractions of a millisecond; this keeps a waiter from waking too early.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, ProfileLimiter> _limiters = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    /// <summary>
    /// Signals that a call has ended after another one was refused. Read its count before checking for free permits, then wait for a
    /// different count.
    /// </summary>
    internal ChangeSignal Freed { get; } = new();

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Acquires a permit for one call that begins now. Return it with <see cref="Release"/>.</summary>
    /// <returns>False when the profile accepts no calls right now; see <see cref="OpensAt"/> and <see cref="Freed"/>.</returns>
    internal ValueTask<bool> TryAcquireAsync(string profileId, CancellationToken cancellationToken)
    {
        // No state machine when the profile is in memory: every call passes here.
        var finding = profiles.FindAsync(profileId, cancellationToken);
        return finding.IsCompletedSuccessfully
            ? ValueTask.FromResult(TryAcquire(profileId, finding.Result))
            : TakeWhenFoundAsync(profileId, finding);
    }

    /// <summary>Returns a call's permit, regardless of how the call ended.</summary>
    internal void Release(string profileId)
    {
        if (LimiterOf(profileId).Release())
        {
            Freed.Raise();
        }
    }

    /// <summary>
    /// After a 429: closes the profile for all, then lets half as many calls through as there were, and one more with each round that
    /// succeeds.
    /// </summary>
    /// <param name="retryAfter">The delay the provider asked for, at most an hour; otherwise a second, doubled each time up to a minute
    /// until a call succeeds.</param>
    internal void SlowDown(string profileId, TimeSpan? retryAfter) => LimiterOf(profileId).SlowDown(retryAfter, Now);

    /// <summary>A call succeeded: lets a slowed profile recover a little.</summary>
    internal void Succeeded(string profileId) => LimiterOf(profileId).Succeeded(Now);

    /// <summary>
    /// Records that a step left the profile for a fallback. Steps with a fallback do not call it until one call a minute later succeeds.
    /// </summary>
    /// <param name="retryAfter">The delay its provider asked for, at most an hour.</param>
    internal void TakeOut(string profileId, ErrorCode code, TimeSpan? retryAfter) =>
        LimiterOf(profileId).TakeOut(new ProfileOutage(profileId, time.GetUtcNow().UtcDateTime, code), retryAfter, Now);

    /// <summary>The outage of a profile; null while it works, as far as calls have shown.</summary>
    internal ProfileOutage? OutageOf(string profileId) => LimiterOf(profileId).Outage;

    /// <summary>True for the one caller a minute that checks if a failed profile works again.</summary>
    internal bool MayTry(string profileId) => LimiterOf(profileId).MayTry(Now);

    /// <summary>The profiles that steps have left for a fallback.</summary>
    internal IEnumerable<ProfileOutage> Outages => _limiters.Values.Select(limiter => limiter.Outage).OfType<ProfileOutage>();

    /// <summary>The time of the next permitted call (UTC); null if the profile is open, or if a call has to end first.</summary>
    internal DateTime? OpensAt(string profileId)
    {
        var now = Now;
        return LimiterOf(profileId).OpensAt(profiles.FindLoaded(profileId)?.Limits, now) is { } at
            ? time.GetUtcNow().UtcDateTime + (at - now) + Tick
            : null;
    }

    /// <summary>True when a call could begin now. Acquires nothing.</summary>
    internal bool HasRoom(string profileId) => Free(profileId) > 0;

    /// <summary>
    /// Number of calls that could begin now, from what is in memory; <see cref="int.MaxValue"/> without limits. While a profile fails, its
    /// fallbacks are counted.
    /// </summary>
    internal int Free(string profileId)
    {
        var profile = profiles.FindLoaded(profileId);
        return profile is { Fallbacks.Count: > 0 } && OutageOf(profileId) is not null
            ? profile.Fallbacks.Append(profileId).Max(FreeOf)
            : FreeOf(profileId);
    }

    private int FreeOf(string profileId) => LimiterOf(profileId).Free(profiles.FindLoaded(profileId)?.Limits, Now);

    private async ValueTask<bool> TakeWhenFoundAsync(string profileId, ValueTask<ModelProfile?> finding) =>
        TryAcquire(profileId, await finding);

    private bool TryAcquire(string profileId, ModelProfile? profile) => LimiterOf(profileId).TryAcquire(profile?.Limits, Now);

    /// <summary>Calls are counted without limits too, so that a limit that is set later includes the calls in progress.</summary>
    private ProfileLimiter LimiterOf(string profileId) => _limiters.GetOrAdd(profileId, static _ => new ProfileLimiter());
}
