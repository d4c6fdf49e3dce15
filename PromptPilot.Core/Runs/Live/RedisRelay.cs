using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared.Work;
using StackExchange.Redis;

namespace PromptPilot.Core.Runs.Live;

/// <summary>
/// Sends the tokens of runs between hosts over Redis, which may lose any of them: each has its offset, and a viewer that finds a gap asks
/// again. Nothing is sent about a run that no other host watches.
/// No constructor here takes a type of the Redis library and no method awaits one: EF inspects all types of this assembly.
/// </summary>
public sealed class RedisRelay(
    RedisConnection connection,
    RunFeed feed,
    RunExecutions executions,
    ForeignRuns foreign,
    HostIdentity identity,
    HostState state,
    ILogger<RedisRelay> log
) : SteadyService
{
    private const string WatchChannel = "pp:watch";

    /// <summary>Interval at which collected text is sent.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Runs that other hosts watch, by id: those of this host, and those that it may execute next, since a viewer can come before the run
    /// starts.
    /// </summary>
    private readonly ConcurrentDictionary<string, RelayedRun> _relayed = new(StringComparer.Ordinal);

    /// <summary>Runs of other hosts that this one watches, and when it last asked for them.</summary>
    private readonly Dictionary<string, long> _watched = new(StringComparer.Ordinal);

    protected override ILogger Logger => log;

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        using var redis = ConnectionMultiplexer.Connect(connection.Options());
        redis.ConnectionRestored += (_, _) => AskAgain();
        // A connection before this one had its own subscriptions.
        AskAgain();
        var channels = redis.GetSubscriber();
        channels.Subscribe(RedisChannel.Literal(WatchChannel)).OnMessage(message => Asked((string?)message.Message ?? ""));
        using var timer = new PeriodicTimer(Beat);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            state.Redis = redis.IsConnected ? "connected" : "not connected";
            if (redis.IsConnected)
            {
                Watch(channels);
                Send(channels);
            }
        }
    }

    private static RedisChannel ChannelOf(string runId) => RedisChannel.Literal($"pp:run:{runId}");

    /// <summary>Asks for all watched runs again, after messages may have been lost.</summary>
    private void AskAgain()
    {
        lock (_watched)
        {
            _watched.Clear();
        }
    }

    /// <summary>Another host watches a run.</summary>
    private void Asked(string message)
    {
        // The asking host, the run, and whether everything is to be sent again.
        if (message.Split(' ') is [var host, var runId, var again] && host != identity.Id)
        {
            var relayed = _relayed.GetOrAdd(runId, _ => new RelayedRun());
            relayed.Until = Environment.TickCount64 + (long)KeepFor.TotalMilliseconds;
            if (again == "1")
            {
                relayed.Repeat();
            }
        }
    }

    /// <summary>Tells other hosts which of their runs are watched here.</summary>
    private void Watch(ISubscriber channels)
    {
        var now = Environment.TickCount64;
        var runs = foreign.Watched.Select(run => run.RunId).ToHashSet();
        lock (_watched)
        {
            foreach (var runId in runs)
            {
                var isNew = !_watched.TryGetValue(runId, out var asked);
                if (isNew)
                {
                    channels.Unsubscribe(ChannelOf(runId));
                    channels.Subscribe(ChannelOf(runId)).OnMessage(message => Heard(channels, runId, (string?)message.Message ?? ""));
                }

                if (isNew || now - asked > AskEvery.TotalMilliseconds)
                {
                    _watched[runId] = now;
                    Ask(channels, runId, again: isNew);
                }
            }

            foreach (var runId in _watched.Keys.Where(runId => !runs.Contains(runId)).ToList())
            {
                _watched.Remove(runId);
                channels.Unsubscribe(ChannelOf(runId), flags: CommandFlags.FireAndForget);
            }
        }
    }

    private void Ask(ISubscriber channels, string runId, bool again) =>
        channels.Publish(RedisChannel.Literal(WatchChannel), $"{identity.Id} {runId} {(again ? "1" : "0")}", CommandFlags.FireAndForget);

    /// <summary>Sends the new text of runs that others watch.</summary>
    private void Send(ISubscriber channels)
    {
        foreach (var (runId, relayed) in _relayed)
        {
            if (relayed.Until < Environment.TickCount64)
            {
                _relayed.TryRemove(runId, out _);
                continue;
            }

            var isExecuting = executions.IsExecuting(runId);
            // Once more after its end here.
            if ((isExecuting || relayed.IsSent) && feed.Find(runId) is { } run)
            {
                foreach (var message in relayed.Next(run))
                {
                    channels.Publish(ChannelOf(runId), message.ToString(), CommandFlags.FireAndForget);
                }
            }

            relayed.IsSent = isExecuting;
        }
    }

    /// <summary>Handles a message from the executor of a run that is watched here.</summary>
    private void Heard(ISubscriber channels, string runId, string text)
    {
        if (feed.Find(runId) is not { } run || executions.IsExecuting(runId) || RelayMessage.Read(text) is not { } message)
        {
            return;
        }

        if (message.Seq is { } seq)
        {
            if (run.State is not { } shown || shown.LastSeq < seq)
            {
                foreign.LookNow();
            }
        }
        else if (run.Open(message.Key).TryAppend(message.Offset, message.Text))
        {
            run.Changed.Raise();
        }
        else
        {
            Ask(channels, runId, again: true);
        }
    }
}
