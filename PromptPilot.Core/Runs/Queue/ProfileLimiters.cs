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
    /// <summary>Timers cut off fractions of a millisecond: who waits until a moment must not come before it.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, ProfileLimiter> _limiters = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    /// <summary>
    /// Signals that a call has ended after another one was refused. Read its count before you look at what is free, then wait for another
    /// count.
    /// </summary>
    internal ChangeSignal Freed { get; } = new();

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Acquires a permit for one call, to begin now. Give it back by <see cref="Release"/>.</summary>
    /// <returns>False when the profile takes no call at the moment; see <see cref="OpensAt"/> and <see cref="Freed"/>.</returns>
    internal ValueTask<bool> TryAcquireAsync(string profileId, CancellationToken cancellationToken)
    {
        // No state machine where the profile is in memory: this is on the way of every call.
        var finding = profiles.FindAsync(profileId, cancellationToken);
        return finding.IsCompletedSuccessfully
            ? ValueTask.FromResult(TryAcquire(profileId, finding.Result))
            : TakeWhenFoundAsync(profileId, finding);
    }

    /// <summary>Gives a call's permit back, whatever became of the call.</summary>
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
    /// <param name="retryAfter">What the provider asked for, at most an hour; without it a second, doubled each time up to a minute until a
    /// call succeeds.</param>
    internal void SlowDown(string profileId, TimeSpan? retryAfter) => LimiterOf(profileId).SlowDown(retryAfter, Now);

    /// <summary>A call succeeded: a slowed profile recovers by it.</summary>
    internal void Succeeded(string profileId) => LimiterOf(profileId).Succeeded(Now);

    /// <summary>When time alone lets the next call through (UTC); null when the profile is open, or when only a call's end helps.</summary>
    internal DateTime? OpensAt(string profileId)
    {
        var now = Now;
        return LimiterOf(profileId).OpensAt(profiles.FindLoaded(profileId)?.Limits, now) is { } at
            ? time.GetUtcNow().UtcDateTime + (at - now) + Tick
            : null;
    }

    /// <summary>Whether a call could begin now. Takes nothing.</summary>
    internal bool HasRoom(string profileId) => Free(profileId) > 0;

    /// <summary>How many calls could begin now, from what is in memory; <see cref="int.MaxValue"/> without limits.</summary>
    internal int Free(string profileId) => LimiterOf(profileId).Free(profiles.FindLoaded(profileId)?.Limits, Now);

    private async ValueTask<bool> TakeWhenFoundAsync(string profileId, ValueTask<ModelProfile?> finding) =>
        TryAcquire(profileId, await finding);

    private bool TryAcquire(string profileId, ModelProfile? profile) => LimiterOf(profileId).TryAcquire(profile?.Limits, Now);

    /// <summary>Calls are counted without limits too: a limit that is set later counts what is open by then.</summary>
    private ProfileLimiter LimiterOf(string profileId) => _limiters.GetOrAdd(profileId, static _ => new ProfileLimiter());
}
