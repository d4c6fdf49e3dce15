using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>How a run stands, and when the clock changes that.</summary>
public sealed class RunDecisionTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly WorkflowRun _run = new()
    {
        WorkflowId = "w",
        WorkflowName = "w",
        QueuedAt = Start,
        Inputs = new Dictionary<string, JsonElement> { ["text"] = AppJson.Text("hello") },
    };

    [Fact]
    public void Look_WithAnAttemptInFlight_WaitsForIt() =>
        State(Plan(), Claimed(0), Started(0)).Look(1).Should().BeOfType<RunPhase.InFlight>();

    [Fact]
    public void Look_WithARetryToCome_IsOpenUntilThen() =>
        State(Plan(), Claimed(0), Started(0), Failed(1, retryAt: 9)).Look(2).Should().Be(new RunPhase.Waiting(At(9)));

    [Fact]
    public void Look_WithAFullProfile_IsOpenUntilItOpens_OrTheRetryIfThatIsSooner()
    {
        var state = State(Plan(), Claimed(0), Started(0), Failed(1, retryAt: 9));

        RunDecision.PhaseOf(state, At(2), At(5)).Should().Be(new RunPhase.Waiting(At(5)));
        RunDecision.PhaseOf(state, At(2), At(50)).Should().Be(new RunPhase.Waiting(At(9)));
    }

    [Fact]
    public void Look_WithAnOpenReview_IsOpenUntilItsLimit_OrForEver()
    {
        State(Plan(reviewed: true), Claimed(0), Started(0), Succeeded(1), Asked(1, until: 60))
            .Look(2)
            .Should()
            .Be(new RunPhase.Waiting(At(60)));
        State(Plan(reviewed: true), Claimed(0), Started(0), Succeeded(1), Asked(1, until: null))
            .Look(2)
            .Should()
            .Be(new RunPhase.Waiting(null));
    }

    [Fact]
    public void Look_AfterTheLastStep_OrAFailureForGood_IsOver()
    {
        State(Plan(), Claimed(0), Started(0), Succeeded(1)).Look(2).Should().BeOfType<RunPhase.Ended>();
        State(Plan(), Claimed(0), Started(0), Failed(1, retryAt: null)).Look(2).Should().BeOfType<RunPhase.Ended>();
    }

    [Fact]
    public void NextDue_IsTheEarliestOfRetryAndTimeLimit_AndNeverInThePast()
    {
        var state = State(Plan(timeout: 30), Claimed(0), Started(0), Failed(1, retryAt: 9));

        state.NextDue(At(2)).Should().Be(At(9));
        state.NextDue(At(9)).Should().Be(At(30), "what is due already is not waited for");
        state.NextDue(At(30)).Should().BeNull();
    }

    [Fact]
    public void TimeLimit_DoesNotCountWaitingForPeople()
    {
        var plan = Plan(timeout: 30, reviewed: true);
        var asked = new[] { Claimed(0), Started(0), Succeeded(10), Asked(10, until: null), Parked(10) };

        var waiting = State(plan, asked);
        var answered = State(plan, [.. asked, Answered(1000), Claimed(1001)]);

        waiting.Deadline.Should().BeNull("the clock stands while a person is asked");
        waiting.IsPastDeadline(At(100_000)).Should().BeFalse();
        answered.Deadline.Should().Be(At(30 + 990));
    }

    [Fact]
    public void TimeLimit_CountsWaitingForARetry()
    {
        var state = State(Plan(timeout: 30), Claimed(0), Started(0), Failed(10, retryAt: 100), Parked(10));

        state.Deadline.Should().Be(At(30));
        RunDecision.End(state, At(31)).Status.Should().Be(RunStatus.TimedOut);
    }

    private static DateTime At(int second) => Start.AddSeconds(second);

    private static RunPlan Plan(int? timeout = null, bool reviewed = false)
    {
        var prompt = new PromptVersion
        {
            PromptId = "p",
            Number = 1,
            Version = "1.0.0",
            Name = "p",
            Content = "p",
        };
        var options = new StepOptions { Review = reviewed ? new ReviewOptions() : null };
        return new RunPlan(
            [new PlannedStep("s", "key", 1, prompt, "m", "m", [], new Dictionary<string, string>()) { Options = options }],
            new WorkflowOptions { TimeoutSeconds = timeout }
        );
    }

    private Folded State(RunPlan plan, params (RunEventType Type, int Second, RunEventPayload? Payload, ExecutionLog? Log)[] events)
    {
        var state = RunReducer.Begin(_run, plan, null);
        foreach (var (type, second, payload, log) in events)
        {
            state = RunReducer.Apply(
                state,
                new RunEvent
                {
                    RunId = _run.Id,
                    Seq = state.LastSeq + 1,
                    Type = type,
                    StepId = "s",
                    Attempt = 1,
                    Payload = payload,
                    At = At(second),
                },
                log
            );
        }

        return new Folded(state);
    }

    private static (RunEventType, int, RunEventPayload?, ExecutionLog?) Claimed(int second) => (RunEventType.Claimed, second, null, null);

    private static (RunEventType, int, RunEventPayload?, ExecutionLog?) Started(int second) =>
        (RunEventType.AttemptStarted, second, null, null);

    private static (RunEventType, int, RunEventPayload?, ExecutionLog?) Succeeded(int second) =>
        (RunEventType.AttemptEnded, second, null, Log());

    private static (RunEventType, int, RunEventPayload?, ExecutionLog?) Failed(int second, int? retryAt)
    {
        var log = Log();
        log.Fail(new ModelFault(ErrorCode.ProviderError, "busy"));
        return (RunEventType.AttemptEnded, second, new RunEventPayload { RetryAt = retryAt is { } at ? At(at) : null }, log);
    }

    private static (RunEventType, int, RunEventPayload?, ExecutionLog?) Asked(int second, int? until) =>
        (RunEventType.ReviewAsked, second, new RunEventPayload { Until = until is { } at ? At(at) : null }, null);

    private static (RunEventType, int, RunEventPayload?, ExecutionLog?) Answered(int second) =>
        (RunEventType.ReviewAnswered, second, new RunEventPayload { Verdict = ReviewVerdict.Approve }, null);

    private static (RunEventType, int, RunEventPayload?, ExecutionLog?) Parked(int second) =>
        (RunEventType.Parked, second, new RunEventPayload(), null);

    private static ExecutionLog Log() =>
        new()
        {
            PromptId = "p",
            PromptVersionId = "v",
            ModelProfileId = "m",
            ModelUsed = "m",
            StepId = "s",
            Output = "text",
        };

    private sealed record Folded(RunState State)
    {
        public DateTime? Deadline => State.Deadline;

        public RunPhase Look(int second) => RunDecision.PhaseOf(State, At(second), opensAt: null);

        public DateTime? NextDue(DateTime now) => State.NextDue(now);

        public bool IsPastDeadline(DateTime now) => State.IsPastDeadline(now);

        public static implicit operator RunState(Folded folded) => folded.State;
    }
}
