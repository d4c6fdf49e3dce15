using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Tests.Unit.Workflows;

public class DesignSessionTests
{
    private static readonly PromptDetails Summary = new(
        "p1",
        "Summary",
        [new PromptVersionChoice("1.0.0", [new VariableChoice("text", null, false)])],
        []
    );
    private static readonly PromptDetails Title = new(
        "p2",
        "Title",
        [new PromptVersionChoice("1.0.0", [new VariableChoice("summary", null, false)])],
        []
    );
    private static readonly ModelChoices Models = new([new ModelChoice("m1", "Fast", "openai", "gpt", true)], "m1");

    private readonly FakeTimeProvider _time = new();
    private readonly DesignSession _session;

    public DesignSessionTests() => _session = new DesignSession(WorkflowDraft.New(), _time);

    private WorkflowDraft Draft => _session.Draft;

    private IEnumerable<string> Keys => Draft.Steps.Select(step => step.OutputKey);

    [Fact]
    public void Add_AtAPlace_IsSelectedAndMappedByWhatIsReadableThere()
    {
        _session.Add(Title, "m1", 0);
        _session.Add(Summary, "m1", 0);
        var below = _session.Add(Title, "m1", 1);

        Keys.Should().Equal("summary", "title_2", "title");
        _session.Selected.Should().Be(below);
        below.Mapping.Should().Contain("summary", "summary");
        Draft.Steps[2].Mapping.Should().BeEmpty("nothing wrote a summary when it was added");
    }

    [Fact]
    public void MoveTo_ChangesOnlyTheOrder()
    {
        _session.Add(Summary, "m1", 0);
        var title = _session.Add(Title, "m1", 1);

        _session.MoveTo(title, 0);

        Keys.Should().Equal("title", "summary");
        title.Mapping.Should().Contain("summary", "summary", "what can no longer be read is a problem to show, not to rewrite");
        _session.Said.Should().Be("title is step 1 of 2.");
    }

    [Fact]
    public void Undo_TakesBackEachAct_AndRedoDoesItAgain()
    {
        _session.Add(Summary, "m1", 0);
        var title = _session.Add(Title, "m1", 1);
        _session.Duplicate(title);
        _session.Delete(Draft.Steps[0]);
        Keys.Should().Equal("title", "title_2");

        _session.UndoWords.Should().Be("deleting summary");
        _session.Undo();
        Keys.Should().Equal("summary", "title", "title_2");
        _session.Undo();
        _session.Undo();
        _session.Undo();
        Keys.Should().BeEmpty();
        _session.Undo().Should().BeFalse();

        while (_session.Redo()) { }

        Keys.Should().Equal("title", "title_2");
    }

    [Fact]
    public void Undo_OfTyping_TakesBackAWholeBurst_UpToAPause()
    {
        var step = _session.Add(Summary, "m1", 0);
        foreach (var text in new[] { "t", "te", "tex" })
        {
            Type(step, text);
        }

        _time.Advance(DesignHistory.Pause);
        Type(step, "tex | upcase");

        _session.UndoWords.Should().Be("text of step 1");
        _session.Undo();
        Draft.Steps[0].Mapping["text"].Should().Be("tex");
        _session.Undo();
        Draft.Steps[0].Mapping["text"].Should().Be("text");
    }

    [Fact]
    public void Undo_OfTypingInTwoFields_TakesBackOneAtATime()
    {
        var step = _session.Add(Summary, "m1", 0);
        Type(step, "x");
        Draft.Name = "Digest";
        _session.Typed();

        _session.Undo();

        Draft.Name.Should().BeEmpty();
        Draft.Steps[0].Mapping["text"].Should().Be("x");
    }

    [Fact]
    public void NewChange_AfterUndo_DropsWhatCouldBeRedone()
    {
        _session.Add(Summary, "m1", 0);
        _session.Undo();

        _session.Add(Title, "m1", 0);

        _session.RedoWords.Should().BeNull();
        Keys.Should().Equal("title");
    }

    [Fact]
    public void Typed_WithoutAChange_IsNoStepBack()
    {
        _session.Typed();

        _session.UndoWords.Should().BeNull();
    }

    [Fact]
    public void History_KeepsABoundedNumber()
    {
        for (var i = 0; i < DesignHistory.Most + 20; i++)
        {
            Draft.Name = $"name {i}";
            _session.Typed();
            _time.Advance(DesignHistory.Pause);
        }

        var undone = 0;
        while (_session.Undo())
        {
            undone++;
        }

        undone.Should().Be(DesignHistory.Most);
    }

    [Fact]
    public void Snapshots_ShareWhatDidNotChange()
    {
        var first = _session.Add(Summary, "m1", 0);
        _session.Add(Title, "m1", 1);
        var before = Draft.Snapshot();
        first.Mapping["text"] = "text | upcase";

        var after = Draft.Snapshot(before);

        after.Steps[0].Should().NotBeSameAs(before.Steps[0]);
        after.Steps[1].Should().BeSameAs(before.Steps[1]);
        after.Inputs[0].Should().BeSameAs(before.Inputs[0]);
    }

    [Fact]
    public void Select_OfAStepThatUndoTookAway_SelectsTheWorkflow()
    {
        _session.Add(Summary, "m1", 0);

        _session.Undo();

        _session.Selected.Should().BeNull();
        _session.SelectedKey.Should().BeNull();
    }

    [Fact]
    public void Cards_SayProblemsAndWhatRunsAtTheSameTime()
    {
        _session.Add(Summary, "m1", 0);
        _session.Add(Summary, "m1", 1);
        _session.Add(Title, "m1", 2);

        var cards = DesignCards.Of(
            _session,
            Models,
            [new WorkflowProblem("steps[2].model", "x", true), new WorkflowProblem("name", "x", true)],
            [new StepNode("", "summary", [], 1), new StepNode("", "summary_2", [], 1), new StepNode("", "title", ["summary"], 2)],
            LastRunValues.None
        );

        cards.Select(card => card.Beside).Should().Equal("in parallel with 2", "in parallel with 1", "");
        cards.Select(card => card.Problems).Should().Equal(0, 0, 1);
        cards.Select(card => card.IsSelected).Should().Equal(false, false, true);
    }

    private void Type(StepDraft step, string text)
    {
        step.Mapping["text"] = text;
        _session.Typed();
    }
}
