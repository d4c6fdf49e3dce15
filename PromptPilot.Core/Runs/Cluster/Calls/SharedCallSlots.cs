using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Runs.Cluster.Calls;

/// <summary>
/// Permits for calls as rows that all hosts count. Per profile, one transaction at a time writes all that has happened on this host since
/// the one before. When the profile is full, hosts wait in turns: the one that has waited longest gets the next call.
/// </summary>
public sealed class SharedCallSlots(
    IDbContextFactory<PromptPilotDbContext> contexts,
    HostLease hostLease,
    OpenCalls open,
    TimeProvider time,
    ILogger<SharedCallSlots> log
) : CallSlots
{
    /// <summary>When the host stops, its calls have just ended. Rows that are not written by then end with their lease.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(3);

    private readonly SharedLease _lease = (SharedLease)hostLease;
    private readonly ConcurrentDictionary<string, ProfileCalls> _profiles = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> _writers = [];
    private readonly long _start = time.GetTimestamp();

    internal override bool AreShared => true;

    /// <summary>Signals that another host may have slowed a profile down.</summary>
    internal ChangeSignal SlowDownsChanged { get; } = new();

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Waits until what has happened is written.</summary>
    internal async Task FinishAsync() =>
        await Task.WhenAll(_writers.Keys).WaitAsync(LongestEnd, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    internal override ValueTask<bool> TryAcquireAsync(string profileId, ModelLimits? limits)
    {
        var calls = CallsOf(profileId);
        var answer = calls.TryAcquire(limits, Now, out var mustWrite);
        Start(profileId, calls, mustWrite);
        return answer;
    }

    internal override void Release(string profileId, bool wasCalled)
    {
        var calls = CallsOf(profileId);
        Start(profileId, calls, calls.Release(wasCalled));
    }

    internal override void SlowDown(string profileId, TimeSpan? retryAfter)
    {
        var calls = CallsOf(profileId);
        Start(profileId, calls, calls.SlowDown(retryAfter, Now));
    }

    internal override void Succeeded(string profileId) => CallsOf(profileId).Succeeded(Now);

    internal override int Free(string profileId, ModelLimits? limits) => CallsOf(profileId).Free(limits, Now);

    internal override TimeSpan? OpensIn(string profileId) => CallsOf(profileId).OpensIn(Now);

    /// <summary>A notification of another host, or null when some may have been missed.</summary>
    internal void Hear(string? payload)
    {
        if (payload is null or "")
        {
            SlowDownsChanged.Raise();
        }

        var isUnused = payload?.EndsWith(CallSlotRows.UnusedSign, StringComparison.Ordinal) == true;
        var profileId = isUnused ? payload![..^CallSlotRows.UnusedSign.Length] : payload;
        foreach (var calls in _profiles.Where(one => profileId is null || profileId == one.Key).Select(one => one.Value))
        {
            if (calls.Ended(Now, wereCalled: payload is not null && !isUnused))
            {
                Freed.Raise();
            }
        }
    }

    /// <summary>Looks whether calls that wait may begin, and writes what could not be written before.</summary>
    /// <returns>Time until the next look; null when nothing waits.</returns>
    internal TimeSpan? Look()
    {
        TimeSpan? next = null;
        foreach (var (profileId, calls) in _profiles.Where(one => one.Value.IsWatched))
        {
            var opensIn = calls.OpensIn(Now);
            next = next < opensIn ? next : opensIn + ProfileLimiters.Tick ?? next;
            Start(profileId, calls, calls.Watch(Now));
        }

        return next;
    }

    /// <summary>Reads which profiles are slowed down, by any host.</summary>
    internal async Task ReadSlowDownsAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var row in await CallSlotRows.ReadSlowDownsAsync(db))
        {
            var calls = CallsOf(row.ProfileId);
            Start(row.ProfileId, calls, calls.ShowSlowDown(row.State(), CallSlotRows.TimeOf(row.Now), Now));
        }
    }

    private ProfileCalls CallsOf(string profileId) =>
        _profiles.TryGetValue(profileId, out var calls) ? calls : _profiles.GetOrAdd(profileId, new ProfileCalls(open));

    private CallSlotScope ScopeOf(string profileId, ProfileCalls calls) =>
        new(profileId, _lease.Owner, _lease.Duration.TotalSeconds, CallDecision.PerMinute(calls.Limits));

    private void Start(string profileId, ProfileCalls calls, bool mustWrite)
    {
        if (!mustWrite)
        {
            return;
        }

        // Not part of the call that started it: no user, trace or audit scope flows into it.
        using (ExecutionContext.SuppressFlow())
        {
            var writer = Task.Run(() => WriteAllAsync(profileId, calls));
            _writers[writer] = 0;
            _ = writer.ContinueWith(
                done => _writers.TryRemove(done, out _),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
    }

    private async Task WriteAllAsync(string profileId, ProfileCalls calls)
    {
        while (calls.NextWork(Now) is { } work)
        {
            try
            {
                await (work.Decides ? DecideAsync(profileId, calls, work) : EndAsync(profileId, calls, work));
            }
            catch (Exception exception)
            {
                if (exception is not ObjectDisposedException)
                {
                    log.LogWarning(exception, "Calls of model profile {Profile} could not be counted; retrying", profileId);
                }

                calls.Failed(work, Now);
                return;
            }
        }
    }

    private async Task EndAsync(string profileId, ProfileCalls calls, CallWork work)
    {
        await using var db = await contexts.CreateDbContextAsync();
        await CallSlotRows.EndAsync(db, ScopeOf(profileId, calls), [.. work.Ended], [.. work.Unused]);
        if (calls.Ended(Now, wereCalled: work.Unused.Count == 0))
        {
            Freed.Raise();
        }
    }

    private async Task DecideAsync(string profileId, ProfileCalls calls, CallWork work)
    {
        var (scope, limits) = (ScopeOf(profileId, calls), calls.Limits);
        await using var db = await contexts.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await CallSlotRows.LockAsync(db, scope, [.. work.Adopted], [.. work.Ended], [.. work.Unused]);
        var row = await CallSlotRows.ReadAsync(db, scope, scope.PerMinute, countsLost: !_lease.MayTakeOver);
        var decision = CallDecision.Of(row, limits, work.SlowDowns, work.Successes, work.Ended.Count);
        string[] begun = [.. Enumerable.Range(0, Math.Min(decision.Room, work.Requests.Count)).Select(_ => Ids.New())];
        var refused = work.Requests.Count - begun.Length;
        var waits = calls.Waits(refused);
        await CallSlotRows.WriteAsync(
            db,
            scope,
            begun,
            waits ? true
                : row.Since is null ? null
                : false,
            decision.Slow == row.SlowDown() ? null : decision.Slow,
            isSlowed: work.SlowDowns.Count > 0,
            leavesRoom: decision.Room > begun.Length
        );
        await transaction.CommitAsync();
        var mustTell = calls.Decided(decision, begun, refused, hasTicket: waits, work.Ends, Now);
        for (var i = 0; i < work.Requests.Count; i++)
        {
            work.Requests[i].TrySetResult(i < begun.Length);
        }

        if (mustTell)
        {
            Freed.Raise();
        }
    }
}
