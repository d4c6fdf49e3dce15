using System.Collections.Concurrent;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Calls;

/// <summary>
/// Lets calls outside of runs wait for a model profile that is at its limit. Callers take turns: each API key, or person without one, has a
/// line of its own, and the next permit goes to the line after the one that got the last.
/// </summary>
public sealed class CallTurns(ProfileLimiters limiters, TimeProvider time)
{
    /// <summary>A permit that no signal announces, e.g. of another host, is found after this time.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, TurnQueue> _queues = new(StringComparer.Ordinal);

    /// <summary>Waits for the permit of one call. Return it with <see cref="Release"/>.</summary>
    /// <param name="patience">The longest wait.</param>
    /// <returns>False when the profile accepted no call of this caller in time.</returns>
    internal async ValueTask<bool> TakeAsync(string profileId, Actor actor, TimeSpan patience, CancellationToken cancellationToken)
    {
        var queue = _queues.GetOrAdd(profileId, static _ => new TurnQueue());
        if (!queue.IsServed && await limiters.TryAcquireAsync(profileId, cancellationToken))
        {
            return true;
        }

        var permit = queue.Add(CallerOf(actor), out var mustServe);
        if (mustServe)
        {
            // Not part of the call that starts it: no user, trace or audit scope flows into it.
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(() => ServeAsync(profileId, queue), CancellationToken.None);
            }
        }

        try
        {
            return await permit.Task.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return !permit.TrySetResult(false) && await permit.Task;
        }
        catch (OperationCanceledException)
        {
            if (!permit.TrySetResult(false) && await permit.Task)
            {
                limiters.Release(profileId, wasCalled: false);
            }

            throw;
        }
    }

    /// <summary>Returns the permit of a call, regardless of how it ended.</summary>
    /// <param name="wasCalled">False: nothing was sent to the provider.</param>
    internal void Release(string profileId, bool wasCalled) => limiters.Release(profileId, wasCalled);

    /// <summary>The outcome of a call: a 429 slows its profile down, a success lets it recover.</summary>
    internal void Report(string profileId, ModelFault? fault)
    {
        if (fault is null)
        {
            limiters.Succeeded(profileId);
        }
        else if (fault.Code == ErrorCode.RateLimited)
        {
            limiters.SlowDown(profileId, fault.RetryAfter);
        }
    }

    private static string CallerOf(Actor actor) =>
        actor switch
        {
            Actor.KeyHolder key => key.ApiKeyId,
            Actor.Person person => person.UserId,
            Actor.Firing firing => firing.OwnerId,
            _ => "",
        };

    /// <summary>Acquires permits for calls that wait, until none does.</summary>
    private async Task ServeAsync(string profileId, TurnQueue queue)
    {
        while (queue.NeedsPermit())
        {
            // Taken before the check, so that a call that ends during it is not missed.
            var freed = limiters.Freed.Count;
            try
            {
                if (!await limiters.TryAcquireAsync(profileId, CancellationToken.None))
                {
                    using var ended = new CancellationTokenSource();
                    await Task.WhenAny(limiters.Freed.WaitAsync(freed, ended.Token), Task.Delay(Look, time, ended.Token));
                    await ended.CancelAsync();
                }
                else if (!queue.TryGive())
                {
                    limiters.Release(profileId, wasCalled: false);
                }
            }
            catch (Exception exception)
            {
                queue.Fail(exception);
            }
        }
    }
}

/// <summary>Those who wait for the same permits, one line per caller. Thread-safe.</summary>
internal sealed class TurnQueue
{
    private readonly Lock _lock = new();

    /// <summary>The line that is next is first. None is empty.</summary>
    private readonly LinkedList<(string Caller, Queue<TaskCompletionSource<bool>> Waiting)> _lines = new();
    private readonly Dictionary<string, Queue<TaskCompletionSource<bool>>> _byCaller = new(StringComparer.Ordinal);
    private bool _isServed;

    /// <summary>True while calls wait, so that a newcomer has to wait too.</summary>
    public bool IsServed => Volatile.Read(ref _isServed);

    /// <summary>Adds a call at the end of its caller's line.</summary>
    /// <param name="mustServe">True: call <see cref="NeedsPermit"/> until it is false.</param>
    /// <returns>Completes with true when the call gets a permit. Complete it with false to leave.</returns>
    public TaskCompletionSource<bool> Add(string caller, out bool mustServe)
    {
        var permit = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_byCaller.TryGetValue(caller, out var line))
            {
                _byCaller[caller] = line = new Queue<TaskCompletionSource<bool>>();
                _lines.AddLast((caller, line));
            }

            line.Enqueue(permit);
            mustServe = !_isServed;
            _isServed = true;
        }

        return permit;
    }

    /// <summary>True while calls wait.</summary>
    public bool NeedsPermit()
    {
        lock (_lock)
        {
            while (_lines.First is { Value.Waiting: var line } && line.Peek().Task.IsCompleted)
            {
                _ = Next(keepsTurn: true);
            }

            return _isServed = _lines.Count > 0;
        }
    }

    /// <summary>Gives a permit to the next call.</summary>
    /// <returns>False: no call waits any longer.</returns>
    public bool TryGive()
    {
        lock (_lock)
        {
            while (_lines.Count > 0)
            {
                // A call that has given up does not use its caller's turn.
                var hasLeft = _lines.First!.Value.Waiting.Peek().Task.IsCompleted;
                if (Next(keepsTurn: hasLeft).TrySetResult(true))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Permits cannot be acquired: the next call fails.</summary>
    public void Fail(Exception exception)
    {
        lock (_lock)
        {
            if (_lines.Count > 0)
            {
                Next(keepsTurn: false).TrySetException(exception);
            }
        }
    }

    private TaskCompletionSource<bool> Next(bool keepsTurn)
    {
        var first = _lines.First!;
        var permit = first.Value.Waiting.Dequeue();
        if (first.Value.Waiting.Count == 0)
        {
            _lines.Remove(first);
            _byCaller.Remove(first.Value.Caller);
        }
        else if (!keepsTurn)
        {
            _lines.Remove(first);
            _lines.AddLast(first);
        }

        return permit;
    }
}
