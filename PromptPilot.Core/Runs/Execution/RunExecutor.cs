using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// Executes one run in data-flow order: a step starts as soon as what it reads is committed, and steps that do not read each other run at the same time.
/// One loop decides; attempts run beside it and only report their end.
/// </summary>
internal sealed class RunExecutor(RunStory story, RunJournal journal, RunFeed feed, StepRunner steps, HostLease lease, ILogger<RunExecutor> log) : IDisposable
{
    private readonly Channel<ExecutionLog> _ended = Channel.CreateUnbounded<ExecutionLog>();
    private readonly CancellationTokenSource _cancel = new();
    private readonly CancellationTokenSource _interrupt = new();
    private readonly Dictionary<string, JsonElement> _context = [];
    private string? _cancelledBy;
    private volatile bool _stopping;

    public string RunId => story.Run.Id;

    /// <summary>Cancels the run: HTTP calls in flight are aborted at once.</summary>
    public void Cancel(string? by)
    {
        Interlocked.CompareExchange(ref _cancelledBy, by ?? "", null);
        CancelUnlessEnded(_cancel);
    }

    /// <summary>Starts nothing new; what is in flight may end.</summary>
    public void Stop() => _stopping = true;

    /// <summary>Ends what is in flight as <c>interrupted</c>.</summary>
    public void Interrupt() => CancelUnlessEnded(_interrupt);

    /// <summary>Runs until the run ends, the host stops or the lease is lost.</summary>
    public async Task ExecuteAsync()
    {
        var live = feed.Hold(RunId);
        try
        {
            live.Publish(story.View);
            FillContext();
            if (!story.IsClaimed)
            {
                Resume();
                if (!await CommitAsync())
                {
                    return;
                }
            }

            StartOpenAttempts(live);
            while (RunDecision.HasOpenAttempts(story.View))
            {
                await _ended.Reader.WaitToReadAsync(CancellationToken.None);
                while (_ended.Reader.TryRead(out var record))
                {
                    story.Add(RunEventType.AttemptEnded, record.StepId, payload: new RunEventPayload { LogId = record.Id }, log: record);
                    Remember(record);
                }

                Decide();
                if (!await CommitAsync())
                {
                    return;
                }

                StartOpenAttempts(live);
            }
        }
        finally
        {
            await _interrupt.CancelAsync();
            feed.Release(live);
        }
    }

    public void Dispose()
    {
        _cancel.Dispose();
        _interrupt.Dispose();
    }

    /// <summary>The run may end, and its sources go, while somebody cancels it.</summary>
    private static void CancelUnlessEnded(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended: there is nothing left to cancel.
        }
    }

    /// <summary>Takes over a run that was queued, or that another life of a host left behind.</summary>
    private void Resume()
    {
        story.Claim(lease.Owner, lease.Until());
        story.CloseOpenAttempts();
        Decide();
    }

    /// <summary>Adds what follows from the fold: new attempts, or the end.</summary>
    private void Decide()
    {
        if (_cancelledBy is { } by && !story.View.CancelRequested)
        {
            story.Add(RunEventType.CancelRequested, payload: new RunEventPayload { By = by.Length == 0 ? null : by });
        }

        var held = story.View.CancelRequested || RunDecision.HasFailed(story.View);
        if (!held && !_stopping)
        {
            foreach (var step in RunDecision.Ready(story.View).ToArray())
            {
                story.Add(RunEventType.AttemptStarted, step.StepId, attempt: step.Attempts.Count + 1);
            }
        }

        if (RunDecision.HasOpenAttempts(story.View))
        {
            return;
        }

        story.ReleaseLease();
        var goesOnLater = !held && RunDecision.Ready(story.View).Any();
        if (!goesOnLater)
        {
            story.Add(RunEventType.Finished, payload: RunDecision.End(story.View));
        }
    }

    private async Task<bool> CommitAsync()
    {
        if (story.Run.LeaseOwner is not null)
        {
            // Each commit renews the lease; an old time in it would undo the renewal in between.
            story.Run.LeaseUntil = lease.Until();
        }

        var result = await story.CommitAsync(journal, feed);
        if (result == AppendResult.Committed)
        {
            return true;
        }

        log.LogWarning("Run {Run} is left alone: {Result}", RunId, result);
        return false;
    }

    private void StartOpenAttempts(LiveRun live)
    {
        foreach (var step in story.View.Steps)
        {
            foreach (var attempt in step.Attempts)
            {
                var key = new AttemptKey(step.StepId, attempt.ItemIndex, attempt.Attempt);
                if (!attempt.IsOpen)
                {
                    live.TextOf(key)?.Complete();
                }
                else if (live.TextOf(key) is null)
                {
                    Start(live, story.Plan.Step(step.StepId), key);
                }
            }
        }

    }

    private void Start(LiveRun live, PlannedStep step, AttemptKey key)
    {
        var text = live.Open(key);
        var context = new Dictionary<string, JsonElement>(_context);
        _ = Task.Run(async () =>
        {
            var record = await steps.AttemptAsync(story.Run, step, key.Attempt, context, text, live.Pulse.Beat, _cancel.Token, _interrupt.Token);
            _ended.Writer.TryWrite(record);
        });
    }

    private void FillContext()
    {
        foreach (var (name, value) in story.View.Inputs)
        {
            _context[name] = value;
        }

        _context["trigger"] = JsonSerializer.SerializeToElement(new { }, AppJson.Options);
        _context["run"] = JsonSerializer.SerializeToElement(new { id = RunId, startedAt = story.View.StartedAt ?? story.Run.QueuedAt }, AppJson.Options);
        foreach (var step in story.View.Steps)
        {
            if (step.Output() is { } text)
            {
                _context[step.OutputKey] = AppJson.Text(text);
            }
        }
    }

    private void Remember(ExecutionLog record)
    {
        if (record.Status == ExecutionStatus.Success)
        {
            _context[record.OutputKey!] = AppJson.Text(record.Output);
        }
    }
}
