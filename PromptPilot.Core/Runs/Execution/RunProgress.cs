using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>
/// A run in its executor: the row, the plan, the fold, and the events added since the last commit. Not thread-safe: one
/// executor has it.
/// </summary>
internal sealed class RunProgress(WorkflowRun run, RunPlan plan, RunState state, bool isNew, TimeProvider time)
{
    private static readonly ModelFault HostStopped = new(
        ErrorCode.Interrupted,
        "PromptPilot stopped during this attempt. The step was retried after the restart."
    );

    private readonly List<RunEvent> _events = [];
    private readonly List<ExecutionLog> _logs = [];
    private readonly List<long> _signals = [];
    private int _committedEpoch = run.LeaseEpoch;
    private int _committedSeq = isNew ? 0 : run.LastSeq;
    private object _committedRest = run.Rest();
    private bool _isNew = isNew;

    public WorkflowRun Run { get; } = run;

    public RunPlan Plan { get; } = plan;

    /// <summary>The fold, with what is not yet committed.</summary>
    public RunState State { get; private set; } = state;

    /// <summary>True when something was added, or the lease released, since the last commit.</summary>
    public bool HasNews => _events.Count > 0 || _signals.Count > 0 || !Run.Rest().Equals(_committedRest);

    /// <summary>True when this host has the run.</summary>
    public bool IsClaimed { get; private set; }

    /// <summary>Adds an event, to be committed with the next commit.</summary>
    /// <param name="log">The log of an ended attempt, which is committed with it, or the one that is reused, which is there
    /// already.</param>
    public void Add(
        RunEventType type,
        string? stepId = null,
        int? item = null,
        int? attempt = null,
        RunEventPayload? payload = null,
        ExecutionLog? log = null
    )
    {
        var runEvent = new RunEvent
        {
            RunId = Run.Id,
            Seq = State.LastSeq + 1,
            Type = type,
            StepId = stepId,
            ItemIndex = item ?? log?.ItemIndex,
            Attempt = attempt ?? log?.Attempt,
            Payload = payload,
            At = time.GetUtcNow().UtcDateTime,
        };
        _events.Add(runEvent);
        if (log is not null && type != RunEventType.Reused)
        {
            _logs.Add(log);
        }

        State = RunReducer.Apply(State, runEvent, log);
    }

    /// <summary>Claims the run for a host: its epoch rises, and an earlier owner can no longer write.</summary>
    public void Claim(string owner, DateTime until)
    {
        Run.LeaseOwner = owner;
        Run.LeaseUntil = until;
        Run.LeaseEpoch++;
        IsClaimed = true;
        Add(RunEventType.Claimed, payload: new RunEventPayload { Owner = owner, Epoch = Run.LeaseEpoch });
    }

    /// <summary>Ends the attempts that a host left open when it stopped or died, as <c>interrupted</c>.</summary>
    /// <param name="fault">The fault that ended them finally.</param>
    public void CloseOpenAttempts(ModelFault? fault = null)
    {
        foreach (var step in State.Steps.ToArray())
        {
            foreach (var attempt in step.Calls.Open)
            {
                var record = BrokenOff(Plan.Step(step.StepId), attempt, fault ?? HostStopped);
                Add(
                    RunEventType.AttemptEnded,
                    step.StepId,
                    payload: new RunEventPayload { LogId = record.Id, RetryAt = fault is null ? time.GetUtcNow().UtcDateTime : null },
                    log: record
                );
            }
        }
    }

    /// <summary>
    /// Reuses the results of another run's step: all of them, or the finished items of a list. Skips are decided again, with
    /// the same result.
    /// </summary>
    public void Reuse(StepState step)
    {
        var logs = step.Attempts.Where(attempt => attempt.Log is not null).ToDictionary(attempt => attempt.LogId!, attempt => attempt.Log!);
        foreach (var (key, outcome) in step.Outcomes.OrderBy(outcome => outcome.Key))
        {
            var item = key == StepState.WholeStep ? (int?)null : key;
            if (outcome.LogId is { } logId)
            {
                Add(
                    RunEventType.Reused,
                    step.StepId,
                    item,
                    payload: new RunEventPayload { LogId = logId, Items = step.ItemCount },
                    log: logs[logId]
                );
            }
            else
            {
                Add(
                    RunEventType.Defaulted,
                    step.StepId,
                    item,
                    payload: new RunEventPayload
                    {
                        Output = outcome.Value,
                        Items = step.ItemCount,
                        Reason = step.Reason,
                    }
                );
            }
        }

        if (step.Review is { Verdict: { } verdict } review)
        {
            Add(
                RunEventType.ReviewAnswered,
                step.StepId,
                payload: new RunEventPayload
                {
                    Verdict = verdict,
                    Output = verdict == ReviewVerdict.Edit ? step.Result : null,
                    Reason = review.Reason,
                    By = review.By,
                }
            );
        }
    }

    /// <summary>Pins or unpins the run, unless it already is.</summary>
    public void Pin(bool isPinned, string? by)
    {
        if (State.Pinned != isPinned)
        {
            Add(isPinned ? RunEventType.Pinned : RunEventType.Unpinned, payload: new RunEventPayload { By = by });
        }
    }

    /// <summary>Releases the run, to be claimed again.</summary>
    public void ReleaseLease()
    {
        Run.LeaseOwner = null;
        Run.LeaseUntil = null;
    }

    /// <summary>Deletes the row of a request from another host with the next commit.</summary>
    public void AddSignal(long id) => _signals.Add(id);

    /// <summary>Everything added since the last commit.</summary>
    internal JournalEntry Entry()
    {
        Run.Project(State);
        return new JournalEntry
        {
            Run = Run,
            IsNew = _isNew,
            IsInFlight = !_isNew && !State.IsFinished && Run.Rest().Equals(_committedRest),
            ExpectedEpoch = _committedEpoch,
            ExpectedSeq = _committedSeq,
            Events = [.. _events],
            Logs = [.. _logs],
            Signals = [.. _signals],
            State = State,
        };
    }

    /// <summary>Called after the commit.</summary>
    internal void Committed()
    {
        _isNew = false;
        _committedEpoch = Run.LeaseEpoch;
        _committedSeq = Run.LastSeq;
        _committedRest = Run.Rest();
        _events.Clear();
        _logs.Clear();
        _signals.Clear();
    }

    private ExecutionLog BrokenOff(PlannedStep step, AttemptState attempt, ModelFault fault)
    {
        var record = step.NewLog(Run, new AttemptKey(step.Id, attempt.ItemIndex, attempt.Attempt), attempt.StartedAt, attempt);
        record.Fail(fault);
        return record;
    }
}
