using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Markdown;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Trial;
using static PromptPilot.Tests.Support.RunStates;

namespace PromptPilot.Tests.Unit.Workflows;

public class TrialsTests
{
    private readonly Trials _trials = new();
    private readonly StepDraft _facts = Draft("facts");
    private readonly StepDraft _mood = Draft("mood");
    private int _told;

    public TrialsTests() => _trials.Changed += () => _told++;

    [Fact]
    public void Show_PutsEachStepBesideTheOneItWasMadeOf_WhateverItIsCalledNow()
    {
        _trials.Begin("run-1", [_facts, _mood], null);
        _facts.OutputKey = "renamed";
        Show("run-1", Step("facts", 1, StepStatus.Running, [], Open(0)), Step("mood", 2, StepStatus.Pending, []));

        _trials.Of(_facts.Key)!.Step.Step.OutputKey.Should().Be("facts");
        _trials.Of(_mood.Key)!.Step.Step.Status.Should().Be(StepStatus.Pending);
        _trials.States![_facts.Key].IsLive.Should().BeTrue();
        _trials.IsLive.Should().BeTrue();
        _told.Should().Be(2);
    }

    [Fact]
    public void Generation_IsAnotherOnlyWhenOtherStepsHaveSomethingToShow()
    {
        _trials.Begin("run-1", [_facts], null);
        Show("run-1", Step("facts", 1, StepStatus.Running, [], Open(0)));
        var drawn = _trials.Generation;

        Show("run-1", Step("facts", 1, StepStatus.Succeeded, [], Succeeded(0, 1)));

        _trials.Generation.Should().Be(drawn, "text that comes must not draw all cards");
    }

    [Fact]
    public void FirstWords_AreThePlainBeginningOfWhatWasWritten()
    {
        _trials.Begin("run-1", [_facts, _mood], null);
        Show(
            "run-1",
            RunStatus.Succeeded,
            Step("facts", 1, StepStatus.Succeeded, [], Succeeded(0, 1)),
            Step("mood", 2, StepStatus.Pending, [])
        );

        var text = _trials.Of(_facts.Key)!.Step.Outputs[0].Attempt.Text;
        _trials.FirstWords(_facts.Key, 200).Should().Be(text.Trim());
        _trials.FirstWords(_facts.Key, 4).Length.Should().BeLessThanOrEqualTo(4);
        _trials.FirstWords(_mood.Key, 200).Should().BeEmpty();
    }

    [Fact]
    public void StepAlone_ReplacesItsOwnOutputOnly()
    {
        _trials.Begin("run-1", [_facts, _mood], null);
        Show(
            "run-1",
            RunStatus.Succeeded,
            Step("facts", 1, StepStatus.Succeeded, [], Succeeded(0, 1)),
            Step("mood", 2, StepStatus.Succeeded, [], Succeeded(0, 1))
        );

        _trials.Begin("run-2", [_facts, _mood], _mood.Key);
        _trials.Has(_mood.Key).Should().BeFalse();
        Show("run-1", Step("facts", 1, StepStatus.Failed, []), Step("mood", 2, StepStatus.Failed, []));
        Show("run-2", Step("mood", 1, StepStatus.Succeeded, [], Succeeded(0, 1, "again")));

        _trials.Of(_facts.Key)!.Step.Step.Status.Should().Be(StepStatus.Succeeded, "what comes late of the older run is left out");
        _trials.Of(_mood.Key)!.Run.Id.Should().Be("run-2");
        _trials.Clear();
        _trials.Has(_facts.Key).Should().BeFalse();
        _trials.States.Should().BeNull();
        _trials.IsLive.Should().BeFalse();
    }

    [Fact]
    public void StepAlone_WhileAnotherTryGoesOn_TakesWhatIsNoLongerFollowedAway()
    {
        _trials.Begin("run-1", [_facts, _mood], null);
        Show("run-1", Step("facts", 1, StepStatus.Running, [], Open(0)), Step("mood", 2, StepStatus.Pending, []));

        _trials.Begin("run-2", [_facts, _mood], _mood.Key);

        _trials.Has(_facts.Key).Should().BeFalse("it would say “Streaming” for ever");
        _trials.States.Should().BeNull();
    }

    private void Show(string id, params IReadOnlyList<StepState> steps) => Show(id, RunStatus.Running, steps);

    private void Show(string id, RunStatus status, params IReadOnlyList<StepState> steps) =>
        _trials.Show(
            RunPageModel.Of(Run(status, steps) with { Id = id }, (_, attempt) => MarkdownStream.Of(attempt.Text), Start.AddSeconds(2))
        );

    private static StepDraft Draft(string key) => new() { Prompt = new PromptDetails(key, key, [], []), OutputKey = key };
}
