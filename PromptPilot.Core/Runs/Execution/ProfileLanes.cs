using System.Collections.Concurrent;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Feed;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Lets calls through to each profile as its limits allow: calls at the same time, requests a minute, and slower after its provider said
/// 429. Profiles do not hinder each other.
/// A profile's changed limits count from the next call on. Requests a minute count from when the limit is set.
/// </summary>
public sealed class ProfileLanes(ModelProfiles profiles, TimeProvider time)
{
    /// <summary>Timers cut off fractions of a millisecond: who waits until a moment must not come before it.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, ProfileLane> _lanes = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    /// <summary>
    /// Beats when a call has ended whose lane somebody else was refused. Remember its count before the look at what is free, then wait for
    /// another count.
    /// </summary>
    internal Pulse Freed { get; } = new();

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Takes a lane for one call, to begin now. Whoever gets one gives it back by <see cref="Release"/>.</summary>
    /// <returns>False when the profile takes no call at the moment; see <see cref="OpensAt"/> and <see cref="Freed"/>.</returns>
    internal ValueTask<bool> TryTakeAsync(string profileId, CancellationToken cancellationToken)
    {
        // No state machine where the profile is in memory: this is on the way of every call.
        var finding = profiles.FindAsync(profileId, cancellationToken);
        return finding.IsCompletedSuccessfully
            ? ValueTask.FromResult(TryTake(profileId, finding.Result))
            : TakeWhenFoundAsync(profileId, finding);
    }

    /// <summary>Gives a call's lane back, whatever became of the call.</summary>
    internal void Release(string profileId)
    {
        if (Lane(profileId).Release())
        {
            Freed.Beat();
        }
    }

    /// <summary>
    /// After a 429: closes the profile for all, then lets half as many calls through as there were, and one more with each round that
    /// succeeds.
    /// </summary>
    /// <param name="retryAfter">What the provider asked for, at most an hour; without it a second, doubled each time up to a minute until a
    /// call succeeds.</param>
    internal void SlowDown(string profileId, TimeSpan? retryAfter) => Lane(profileId).SlowDown(retryAfter, Now);

    /// <summary>A call succeeded: a slowed profile recovers by it.</summary>
    internal void Succeeded(string profileId) => Lane(profileId).Succeeded(Now);

    /// <summary>When time alone lets the next call through (UTC); null when the profile is open, or when only a call's end helps.</summary>
    internal DateTime? OpensAt(string profileId)
    {
        var now = Now;
        return Lane(profileId).OpensAt(profiles.FindLoaded(profileId)?.Limits, now) is { } at
            ? time.GetUtcNow().UtcDateTime + (at - now) + Tick
            : null;
    }

    /// <summary>Whether a call could begin now. Takes nothing.</summary>
    internal bool HasRoom(string profileId) => Free(profileId) > 0;

    /// <summary>How many calls could begin now, from what is in memory; <see cref="int.MaxValue"/> without limits.</summary>
    internal int Free(string profileId) => Lane(profileId).Free(profiles.FindLoaded(profileId)?.Limits, Now);

    private async ValueTask<bool> TakeWhenFoundAsync(string profileId, ValueTask<ModelProfile?> finding) =>
        TryTake(profileId, await finding);

    private bool TryTake(string profileId, ModelProfile? profile) => Lane(profileId).TryTake(profile?.Limits, Now);

    /// <summary>Calls are counted without limits too: a limit that is set later counts what is open by then.</summary>
    private ProfileLane Lane(string profileId) => _lanes.GetOrAdd(profileId, static _ => new ProfileLane());
}
