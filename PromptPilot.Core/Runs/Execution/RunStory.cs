using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>A run as its executor holds it: the row, the plan, the fold, and what has been added since the last commit. Not thread-safe: one executor tells it.</summary>
internal sealed class RunStory(WorkflowRun run, RunPlan plan, RunView view, bool isNew, TimeProvider time)
{
    private readonly List<RunEvent> _events = [];
    private readonly List<ExecutionLog> _logs = [];
    private int _committedEpoch = run.LeaseEpoch;
    private bool _isNew = isNew;

    public WorkflowRun Run { get; } = run;

    public RunPlan Plan { get; } = plan;

    /// <summary>The fold, with what is not yet committed.</summary>
    public RunView View { get; private set; } = view;

    /// <summary>Whether this host has the run.</summary>
    public bool IsClaimed { get; private set; }

    /// <summary>Adds an event, to be committed with the next <see cref="CommitAsync"/>.</summary>
    public void Add(RunEventType type, string? stepId = null, int? attempt = null, RunEventPayload? payload = null, ExecutionLog? log = null)
    {
        var runEvent = new RunEvent
        {
            RunId = Run.Id,
            Seq = View.LastSeq + 1,
            Type = type,
            StepId = stepId,
            ItemIndex = log?.ItemIndex,
            Attempt = attempt ?? log?.Attempt,
            Payload = payload,
            At = time.GetUtcNow().UtcDateTime,
        };
        _events.Add(runEvent);
        if (log is not null)
        {
            _logs.Add(log);
        }

        View = RunReducer.Apply(View, runEvent, log);
    }

    /// <summary>Claims the run for a host: its epoch rises, and whoever had it may write nothing more.</summary>
    public void Claim(string owner, DateTime until)
    {
        Run.LeaseOwner = owner;
        Run.LeaseUntil = until;
        Run.LeaseEpoch++;
        IsClaimed = true;
        Add(RunEventType.Claimed, payload: new RunEventPayload { Owner = owner, Epoch = Run.LeaseEpoch });
    }

    /// <summary>Ends the attempts that a host left open when it stopped or died, as <c>interrupted</c>.</summary>
    public void CloseOpenAttempts()
    {
        foreach (var step in View.Steps.ToArray())
        {
            foreach (var attempt in step.Attempts.Where(attempt => attempt.IsOpen))
            {
                var record = Interrupted(Plan.Step(step.StepId), attempt);
                Add(RunEventType.AttemptEnded, step.StepId, payload: new RunEventPayload { LogId = record.Id }, log: record);
            }
        }
    }

    /// <summary>Gives the run back, to be claimed again.</summary>
    public void ReleaseLease()
    {
        Run.LeaseOwner = null;
        Run.LeaseUntil = null;
    }

    /// <summary>Commits what was added, then shows it.</summary>
    public async Task<AppendResult> CommitAsync(RunJournal journal, RunFeed feed)
    {
        Run.Project(View);
        var result = await journal.AppendAsync(new JournalEntry
        {
            Run = Run,
            IsNew = _isNew,
            ExpectedEpoch = _committedEpoch,
            Events = [.. _events],
            Logs = [.. _logs],
        });
        if (result == AppendResult.Committed)
        {
            _isNew = false;
            _committedEpoch = Run.LeaseEpoch;
            _events.Clear();
            _logs.Clear();
            feed.Publish(View);
        }

        return result;
    }

    private ExecutionLog Interrupted(PlannedStep step, AttemptView attempt) => new()
    {
        RunId = Run.Id,
        WorkflowId = Run.WorkflowId,
        StepId = step.Id,
        OutputKey = step.OutputKey,
        PromptId = step.Prompt.PromptId,
        PromptVersionId = step.Prompt.Id,
        ModelProfileId = step.ProfileId,
        ItemIndex = attempt.ItemIndex,
        Attempt = attempt.Attempt,
        ModelUsed = "",
        Status = ExecutionStatus.Error,
        ErrorCode = ErrorCode.Interrupted,
        ErrorMessage = "The host stopped during this attempt. The step was tried again when it was back.",
        Timestamp = attempt.StartedAt,
        UserId = Run.StartedBy,
    };
}
