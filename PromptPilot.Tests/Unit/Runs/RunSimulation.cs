using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>
/// One random workflow, carried out in memory by the engine's own progress, decisions and fold, with a random model, random people and a
/// host that dies at random moments. What survives a death is what was committed. Each commit is checked; <see cref="CheckEnd"/> checks the
/// whole.
/// </summary>
internal sealed class RunSimulation
{
    private const string Profile = "profile";

    /// <summary>Half of the steps have them. The database does not know them, so they have no limits.</summary>
    private static readonly FallbackProfile[] Fallbacks = [new("second", "second"), new("third", "third")];

    private readonly Random _random;
    private readonly ModelProfiles _profiles;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RunPlan _plan;
    private readonly WorkflowRun _row;
    private readonly List<RunEvent> _events = [];

    /// <summary>The run's row as the journal leaves it: a commit of a run in flight writes few of its columns.</summary>
    private readonly Dictionary<string, object?> _stored = [];
    private readonly Dictionary<string, ExecutionLog> _logs = [];
    private readonly HashSet<AttemptKey> _inFlight = [];
    private readonly bool _mayCancel;
    private ProfileLimiters _limiters;
    private RunProgress? _progress;
    private RunAdvance? _advance;
    private bool _parkedForPeople;

    public RunSimulation(int steps, int seed, ModelProfiles profiles)
    {
        _random = new Random(seed);
        _profiles = profiles;
        _limiters = new ProfileLimiters(profiles, new LocalCallSlots(), _time);
        _mayCancel = Chance(0.15);
        _plan = RandomPlan(steps);
        _row = new WorkflowRun
        {
            WorkflowId = "w",
            WorkflowName = "w",
            Inputs = new Dictionary<string, JsonElement> { ["text"] = AppJson.Text(Chance(0.5) ? "go" : "stop") },
            QueuedAt = Now,
        };
    }

    public int Deaths { get; private set; }

    public RunState State => Fold();

    public IReadOnlyList<RunEvent> Events => _events;

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    /// <summary>Carries the run to its end.</summary>
    public async Task RunAsync()
    {
        _progress = new RunProgress(_row, _plan, RunReducer.Begin(_row, _plan, null), isNew: true, _time);
        _progress.Add(RunEventType.Queued);
        Commit();
        _progress = null;
        for (var turn = 0; _events[^1].Type != RunEventType.Finished; turn++)
        {
            turn.Should().BeLessThan(5000, "a run always ends");
            await TurnAsync();
        }
    }

    /// <summary>What must hold of the whole.</summary>
    public void CheckEnd()
    {
        var state = State;
        state.IsFinished.Should().BeTrue();
        _events.Count(e => e.Type == RunEventType.Finished).Should().Be(1);
        _logs
            .Values.Where(log => log.Status == ExecutionStatus.Success)
            .GroupBy(log => (log.StepId, log.ItemIndex))
            .Where(group => group.Count() > 1)
            .Should()
            .BeEmpty("no item succeeds twice");
        foreach (var step in state.Steps)
        {
            foreach (var tries in step.Attempts.GroupBy(attempt => attempt.ItemIndex))
            {
                tries
                    .Where(attempt => attempt.ErrorCode != ErrorCode.Interrupted)
                    .CountBy(attempt => attempt.ProfileId ?? "")
                    .Should()
                    .NotContain(profile => profile.Value > step.Options.Attempts, "each profile has attempts of its own");
                tries
                    .Select(attempt => Array.FindIndex(Fallbacks, other => other.Id == attempt.ProfileId))
                    .Should()
                    .BeInAscendingOrder("a step does not return to a profile that it has left");
                tries.Select(attempt => attempt.Attempt).Should().Equal(Enumerable.Range(1, tries.Count()));
            }
        }

        if (state.Status == RunStatus.Succeeded)
        {
            state.Steps.Should().OnlyContain(step => step.Status == StepStatus.Succeeded || step.Status == StepStatus.Skipped);
            foreach (var step in state.Steps)
            {
                CheckOutcome(state, step);
            }
        }
        else
        {
            state.Error.Should().NotBeNull();
        }
    }

    private void CheckOutcome(RunState state, StepState step)
    {
        var planned = _plan.Step(step.StepId);
        var context = RunContext.Of(state);
        var lacks = planned.Reads.Any(key => !context.ContainsKey(key) && planned.Needs(key));
        var isMet =
            lacks || planned.Options.When is not { } when || Core.Liquid.LiquidCondition.Parse(when).Evaluate(context, default).Value;
        (step.Status == StepStatus.Skipped)
            .Should()
            .Be(lacks || !isMet, $"{step.OutputKey} is skipped exactly when its guard or a key says so");
        if (step.Status == StepStatus.Skipped || planned.Options.ForEach is null || step.Review?.Verdict == ReviewVerdict.Edit)
        {
            return;
        }

        var items = RunDecision.ListOf(planned, context);
        if (items.Problem is null)
        {
            step.Result!.Value.GetArrayLength().Should().Be(items.Items.Count);
            for (var i = 0; i < items.Items.Count; i++)
            {
                var value = step.Result.Value[i].GetRawText();
                (value == Default.GetRawText() || value.Contains($"{step.OutputKey}/{i}", StringComparison.Ordinal))
                    .Should()
                    .BeTrue($"item {i} of {step.OutputKey} is in its place, not {value}");
            }
        }
    }

    private async Task TurnAsync()
    {
        if (_progress is null)
        {
            Restore();
        }
        else
        {
            Happen();
        }

        var lookedAt = Now;
        await _advance!.AdvanceAsync(lookedAt);
        Conclude(lookedAt);
        if (Chance(0.05))
        {
            Die();
            return;
        }

        if (_progress!.HasNews)
        {
            Commit();
        }

        _advance.HandOverPermits();
        Launch();
        if (_progress.Run.LeaseOwner is null)
        {
            _progress = null;
            if (State.Status == RunStatus.Waiting && State.ResumeAt is { } at)
            {
                _time.Advance(at - Now > TimeSpan.Zero ? at - Now : TimeSpan.Zero);
            }

            _parkedForPeople = State is { Status: RunStatus.Waiting, ResumeAt: null };
        }
        else if (Chance(0.05))
        {
            Die();
        }
    }

    private void Restore()
    {
        _progress = new RunProgress(_row, _plan, Fold(), isNew: false, _time);
        _advance = new RunAdvance(_progress, _limiters, TimeSpan.FromSeconds(1), _time);
        if (_parkedForPeople)
        {
            AnswerReview();
            _parkedForPeople = false;
            if (_progress.State.IsFinished)
            {
                return;
            }
        }

        _progress.Claim("host", Now.AddSeconds(30));
        _progress.CloseOpenAttempts();
    }

    /// <summary>The host dies: what was not committed never was, and its calls are lost.</summary>
    private void Die()
    {
        Deaths++;
        _progress = null;
        _inFlight.Clear();
        _limiters = new ProfileLimiters(_profiles, new LocalCallSlots(), _time);
        _row.LeaseOwner = null;
        _time.Advance(TimeSpan.FromSeconds(_random.Next(3)));
    }

    private void Happen()
    {
        if (Chance(0.05))
        {
            _progress!.Pin(!_progress.State.Pinned, by: "person");
        }

        if (_mayCancel && Chance(0.03) && !_progress!.State.CancelRequested)
        {
            _progress.Add(RunEventType.CancelRequested);
            foreach (var key in _inFlight.ToArray())
            {
                End(key, new ModelFault(ErrorCode.Cancelled, "cancelled"));
            }
        }
        else if (_progress!.State.OpenReviews > 0 && Chance(0.3))
        {
            AnswerReview();
        }
        else if (_inFlight.Count > 0 && Chance(0.8))
        {
            End(
                _inFlight
                    .OrderBy(key => key.StepId, StringComparer.Ordinal)
                    .ThenBy(key => key.ItemIndex)
                    .ElementAt(_random.Next(_inFlight.Count)),
                RandomFault()
            );
        }
        else
        {
            _time.Advance(TimeSpan.FromSeconds(_random.Next(1, 8)));
        }
    }

    private void AnswerReview()
    {
        if (_progress!.State.Steps.FirstOrDefault(step => step.Review is { IsOpen: true }) is { } asked)
        {
            var verdict =
                Chance(0.1) ? ReviewVerdict.Reject
                : Chance(0.5) ? ReviewVerdict.Approve
                : ReviewVerdict.Edit;
            _advance!.Answer(asked.StepId, verdict, verdict == ReviewVerdict.Edit ? asked.Result!.Value : null, "reason", "person");
        }
    }

    private void End(AttemptKey key, ModelFault? fault)
    {
        _inFlight.Remove(key);
        var planned = _plan.Step(key.StepId);
        var started = _progress!
            .State.Steps.Single(step => step.StepId == key.StepId)
            .Attempts.Single(attempt => (attempt.ItemIndex, attempt.Attempt) == (key.ItemIndex, key.Attempt));
        _limiters.Release(started.ProfileId ?? Profile);
        var record = planned.NewLog(_row, key, Now, started);
        record.Output =
            planned.Options.OutputFormat == OutputFormat.Json
                ? JsonSerializer.Serialize(
                    Enumerable
                        .Range(0, _random.Next(4) + (key.ItemIndex is null ? 0 : 1))
                        .Select(i => $"{planned.OutputKey}/{key.ItemIndex ?? -1}.{i}")
                )
                : $"{planned.OutputKey}/{key.ItemIndex}";
        if (fault is not null)
        {
            record.Fail(fault);
        }
        else
        {
            _limiters.Succeeded(record.ModelProfileId);
        }

        _advance!.End(record, Chance(0.2) ? TimeSpan.FromSeconds(_random.Next(20)) : null);
    }

    /// <summary>The calls of what was committed as started begin now, and see only what was committed.</summary>
    private void Launch()
    {
        var committed = Fold();
        foreach (var step in committed.Steps)
        {
            foreach (var attempt in step.Attempts.Where(attempt => attempt.IsOpen))
            {
                var key = new AttemptKey(step.StepId, attempt.ItemIndex, attempt.Attempt);
                if (_inFlight.Add(key))
                {
                    var context = _advance!.ContextOf(key);
                    foreach (var read in _plan.Step(step.StepId).Reads)
                    {
                        var producer = committed.Steps.Single(other => other.OutputKey == read);
                        producer
                            .Status.Should()
                            .BeOneOf([StepStatus.Succeeded, StepStatus.Skipped], "a step starts when what it reads is committed");
                        (context.TryGetValue(read, out var value) ? value.GetRawText() : null)
                            .Should()
                            .Be(producer.Value?.GetRawText(), "a step sees what was committed, and nothing else");
                    }
                }
            }
        }

        committed
            .Steps.Count(step => step.Attempts.Any(attempt => attempt.IsOpen))
            .Should()
            .BeLessThanOrEqualTo(_plan.Options.MaxParallelSteps!.Value);
        committed
            .Steps.Should()
            .OnlyContain(step =>
                step.Options.ForEach == null || step.Attempts.Count(attempt => attempt.EndedAt == null) <= step.Options.ParallelItems
            );
    }

    private void Conclude(DateTime lookedAt)
    {
        DateTime? opensAt = _advance!.Full.Count == 0 ? null : _limiters.OpensAt(Profile) ?? lookedAt.AddSeconds(5);
        switch (RunDecision.PhaseOf(_progress!.State, lookedAt, opensAt))
        {
            case RunPhase.InFlight:
                break;
            case RunPhase.Ended:
                _progress.ReleaseLease();
                _progress.Add(RunEventType.Finished, payload: RunDecision.End(_progress.State, lookedAt));
                break;
            case RunPhase.Waiting open:
                if (open.Until is not { } soon || soon - lookedAt > TimeSpan.FromSeconds(5))
                {
                    _progress.ReleaseLease();
                    _progress.Add(RunEventType.Parked, payload: new RunEventPayload { Until = open.Until });
                }

                break;
            case var stuck:
                throw new InvalidOperationException($"The run got {stuck}.");
        }
    }

    private void Commit()
    {
        var entry = _progress!.Entry();
        entry.ExpectedSeq.Should().Be(_events.Count);
        foreach (var column in entry.IsInFlight ? RunProjection.InFlight : RunProjection.Columns)
        {
            _stored[column] = typeof(WorkflowRun).GetProperty(column)!.GetValue(entry.Run);
        }

        RunProjection
            .Columns.Where(column => !Equals(_stored[column], typeof(WorkflowRun).GetProperty(column)!.GetValue(entry.Run)))
            .Should()
            .BeEmpty("the row has what changed");
        foreach (var log in entry.Logs)
        {
            _logs.Add(log.Id, log);
        }

        foreach (var runEvent in Stored(entry.Events))
        {
            runEvent.Seq.Should().Be(_events.Count + 1, "seqs have no gaps");
            (_events.Count == 0 || _events[^1].Type != RunEventType.Finished).Should().BeTrue("nothing comes after the end");
            _events.Add(runEvent);
        }

        _progress.Committed();
        JsonSerializer
            .Serialize(Fold(), AppJson.Options)
            .Should()
            .Be(JsonSerializer.Serialize(_progress.State, AppJson.Options), "the fold equals what happened");
    }

    /// <summary>The events as they are read again from their rows.</summary>
    private static IEnumerable<RunEvent> Stored(IReadOnlyList<RunEvent> events) =>
        EventRows.Unpack(
            JsonSerializer.Deserialize<List<RunEvent>>(JsonSerializer.Serialize(EventRows.Pack(events), AppJson.Options), AppJson.Options)!
        );

    private RunState Fold()
    {
        var state = RunReducer.Begin(_row, _plan, null);
        foreach (var runEvent in _events)
        {
            state = RunReducer.Apply(state, runEvent, runEvent.Payload?.LogId is { } id ? _logs[id] : null);
        }

        return state;
    }

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private ModelFault? RandomFault()
    {
        if (Chance(0.7))
        {
            return null;
        }

        var code = Chance(0.85)
            ? new[]
            {
                ErrorCode.RateLimited,
                ErrorCode.ProviderError,
                ErrorCode.Timeout,
                ErrorCode.IncompleteStream,
                ErrorCode.InvalidOutput,
                ErrorCode.Unreachable,
                ErrorCode.Quota,
            }[_random.Next(7)]
            : new[] { ErrorCode.Auth, ErrorCode.Budget, ErrorCode.ContentFiltered }[_random.Next(3)];
        return new ModelFault(code, "as it happens");
    }

    private static readonly JsonElement Default = JsonSerializer.SerializeToElement("default");

    private RunPlan RandomPlan(int count)
    {
        var steps = new List<StepDefinition>();
        var planned = new List<PlannedStep>();
        for (var i = 0; i < count; i++)
        {
            var earlier = steps.OrderBy(_ => _random.Next()).Take(_random.Next(3)).ToList();
            var reads = earlier.Select(step => step.OutputKey).ToList();
            var mapping = reads.ToDictionary(key => key, key => Chance(0.3) ? $"{key} | default: 'none'" : key);
            var list = earlier.FirstOrDefault(step => step.Options.OutputFormat == OutputFormat.Json || step.Options.ForEach is not null);
            var options = new StepOptions
            {
                When = Chance(0.2) ? "text == 'go'" : null,
                ForEach = list is not null && Chance(0.6) ? list.OutputKey : null,
                MaxParallelItems = _random.Next(1, 4),
                MaxAttempts = _random.Next(1, 4),
                OnError = Chance(0.5) ? OnError.Default : OnError.Fail,
                DefaultOutput = Default,
                OutputFormat = Chance(0.4) ? OutputFormat.Json : OutputFormat.Text,
                Review = Chance(0.15)
                    ? new ReviewOptions
                    {
                        TimeoutSeconds = Chance(0.5) ? 60 : null,
                        OnTimeout = Chance(0.5) ? ReviewVerdict.Approve : ReviewVerdict.Reject,
                    }
                    : null,
            };
            steps.Add(new StepDefinition($"s{i}", "prompt", "version", null, Profile, mapping, $"k{i}", i + 1) { Options = options });
        }

        var prompt = new PromptVersion
        {
            PromptId = "prompt",
            Number = 1,
            Version = "1.0.0",
            Name = "p",
            Content = "p",
        };
        foreach (var (step, node) in steps.Zip(StepGraph.Of(steps)))
        {
            planned.Add(
                new PlannedStep(step.Id, step.OutputKey, step.Order, prompt, Profile, Profile, node.Reads, step.InputMapping)
                {
                    Options = step.Options,
                    Fallbacks = Chance(0.5) ? Fallbacks : [],
                }
            );
        }

        return new RunPlan(
            planned,
            new WorkflowOptions { MaxParallelSteps = _random.Next(1, 4), TimeoutSeconds = Chance(0.2) ? _random.Next(5, 60) : null }
        );
    }
}
