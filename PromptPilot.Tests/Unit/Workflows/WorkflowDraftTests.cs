using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Tests.Unit.Workflows;

public class WorkflowDraftTests
{
    private static readonly PromptDetails Summary = new(
        "p1",
        "Summarize notes!",
        [
            new PromptVersionChoice("2.0.0", [new VariableChoice("text", null, false), new VariableChoice("tone", "How it sounds", true)]),
            new PromptVersionChoice("1.0.0", [new VariableChoice("notes", null, false)]),
        ],
        [new PromptLabelChoice("production", "1.0.0")]
    );

    private static readonly PromptDetails Filter = new(
        "p2",
        "Upcase",
        [new PromptVersionChoice("1.0.0", [new VariableChoice("summarize_notes", null, false)])],
        []
    );

    [Fact]
    public void AddStep_MapsEqualNamesAndProposesAKey()
    {
        var draft = WorkflowDraft.New();

        var step = draft.AddStep(Summary, "model");

        step.Mapping.Should().BeEquivalentTo(new Dictionary<string, string> { ["text"] = "text" });
        step.OutputKey.Should().Be("summarize_notes");
        step.Model.Should().Be("model");
    }

    [Fact]
    public void AddStep_Twice_ProposesAFreeKey()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, null);

        draft.AddStep(Summary, null).OutputKey.Should().Be("summarize_notes_2");
    }

    [Fact]
    public void AddStep_AfterAStepThatWritesTheVariable_ReadsIt()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, null);

        var step = draft.AddStep(Filter, null);

        step.Mapping["summarize_notes"].Should().Be("summarize_notes");
        step.OutputKey.Should().Be("output_upcase", "a filter's name cannot be a key");
    }

    [Fact]
    public void KeysAt_KnowsInputsAndEarlierStepsOnly()
    {
        var draft = WorkflowDraft.New();
        var first = draft.AddStep(Summary, null);
        var second = draft.AddStep(Summary, null);

        draft.KeysAt(first).Select(key => key.Name).Should().Equal("text", "run.id", "trigger.payload");
        draft.KeysAt(second).Select(key => key.Name).Should().Equal("text", "summarize_notes", "run.id", "trigger.payload");
    }

    [Fact]
    public void KeysAt_AStepThatRunsForEachItem_StartWithTheItem()
    {
        var draft = WorkflowDraft.New();
        var step = draft.AddStep(Summary, null);
        step.Options.ForEach = "text | split: ','";

        draft.KeysAt(step).Select(key => key.Name).Should().Equal("item", "index", "text", "run.id", "trigger.payload");
        draft.KeysBefore(step).Select(key => key.Name).Should().Equal("text", "run.id", "trigger.payload");
    }

    [Fact]
    public void SkippedWith_FollowsSkippedStepsUpToADefault()
    {
        var draft = WorkflowDraft.New();
        var (first, second, third) = (draft.AddStep(Summary, null), draft.AddStep(Summary, null), draft.AddStep(Summary, null));
        (first.OutputKey, second.OutputKey, third.OutputKey) = ("a", "b", "c");
        second.Mapping["text"] = "a";
        draft.SkippedWith(third, "b").Should().BeEmpty("nothing has a condition");

        first.Options.When = "text != blank";

        draft.SkippedWith(second, "a").Should().Equal(1);
        draft.SkippedWith(third, "b").Should().Equal(2);
        draft.SkippedWith(third, "a | default: ''").Should().BeEmpty();
        draft.SkippedWith(third, "text").Should().BeEmpty();
        second.Mapping["text"] = "a | default: 'none'";
        draft.SkippedWith(third, "b").Should().BeEmpty("step 2 runs whatever happens to step 1");
        draft.SkippedWith(first, "a").Should().BeEmpty("it is not an earlier step");
    }

    [Fact]
    public void Unfold_OpensWhatIsAroundAField()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, null);
        draft.AddStep(Summary, null);

        draft.Unfold("steps[0].outputKey");
        draft.Unfold("steps[0].inputMapping.text");
        draft.Unfold("steps[1].review.timeoutSeconds");
        draft.Unfold("limits.keepDays");

        draft.Steps.Select(step => string.Join(" ", step.Options.Open)).Should().Equal("", "review");
        draft.Options.IsOpen.Should().BeTrue();
        draft.IsDirty.Should().BeTrue("steps were added");
    }

    [Fact]
    public void Options_ThatCannotBeRead_AreProblemsAndUnsaved()
    {
        var draft = WorkflowDraft.New();

        draft.Options.RunBudget = "much";

        draft.IsDirty.Should().BeTrue("what was typed would be lost");
        draft.FormProblems().Should().ContainSingle().Which.Field.Should().Be("limits.runBudget");
        draft.Options.RunBudget = "";
        draft.IsDirty.Should().BeFalse();
        draft.Options.IsOpen = true;
        draft.IsDirty.Should().BeFalse("looking is no change");
    }

    [Fact]
    public void Move_SwapsSteps_AndStaysAtTheEnds()
    {
        var draft = WorkflowDraft.New();
        var first = draft.AddStep(Summary, null);
        var second = draft.AddStep(Summary, null);

        draft.Move(second, -1);
        draft.Move(second, -1);
        draft.Move(first, 1);

        draft.Steps.Should().Equal(second, first);
    }

    [Fact]
    public void Rename_TakesPlainReadingsAlong()
    {
        var draft = WorkflowDraft.New();
        var first = draft.AddStep(Summary, null);
        var second = draft.AddStep(Summary, null);
        second.Mapping["text"] = "summarize_notes";
        second.Mapping["tone"] = "summarize_notes | truncate: 5";
        (second.Options.When, second.Options.ForEach) = ("summarize_notes == 'x'", "summarize_notes");

        draft.RenameInput(draft.Inputs[0], "letter");
        draft.RenameOutput(first, "summary");

        first.Mapping["text"].Should().Be("letter");
        second.Mapping["text"].Should().Be("summary");
        second.Mapping["tone"].Should().Be("summarize_notes | truncate: 5");
        second.Options.ForEach.Should().Be("summary");
        second.Options.When.Should().Be("summarize_notes == 'x'");
    }

    [Fact]
    public void Step_OnAnotherVersion_KnowsItsVariablesAndWhatIsLeftOver()
    {
        var step = WorkflowDraft.New().AddStep(Summary, null);

        step.FollowLabel("production");

        step.Variables().Select(v => v.Name).Should().Equal("notes");
        step.Leftovers().Should().Equal("text");
        step.ToContent().Should().Match<StepContent>(s => s.PromptLabel == "production" && s.PromptVersion == null);
    }

    [Fact]
    public void IsDirty_OnlyWhenSomethingDiffers()
    {
        var draft = WorkflowDraft.New();
        draft.IsDirty.Should().BeFalse();

        draft.Name = "x";
        draft.IsDirty.Should().BeTrue();

        draft.Name = "";
        draft.IsDirty.Should().BeFalse();
    }

    [Theory]
    [InlineData(VariableType.Text, "7", "\"7\"")]
    [InlineData(VariableType.Number, "7.50", "7.50")]
    [InlineData(VariableType.Number, "seven", "\"seven\"")]
    [InlineData(VariableType.Boolean, "true", "true")]
    [InlineData(VariableType.Json, "{\"a\":1}", "{\"a\":1}")]
    public void Input_DefaultBecomesAValueOfItsType(VariableType type, string typed, string json) =>
        new InputDraft
        {
            Name = "x",
            Type = type,
            Default = typed,
        }
            .ToInput()
            .Default!.Value.GetRawText()
            .Should()
            .Be(json);

    [Fact]
    public void TakeSaved_OfWhatWasSent_LeavesWhatWasTypedMeanwhileUnsaved()
    {
        var draft = WorkflowDraft.New();
        draft.Name = "Digest";
        draft.AddStep(Summary, "m");
        var sent = draft.Send();

        draft.AddStep(Filter, "m");
        draft.MoveTo(draft.Steps[1], 0);
        draft.TakeSaved(Saved(sent.Content, "id-1"), sent);

        draft.IsDirty.Should().BeTrue();
        draft
            .ToContent()
            .Steps.Select(step => (step.OutputKey, step.Id))
            .Should()
            .Equal(("output_upcase", null), ("summarize_notes", "id-1"));
    }

    [Fact]
    public void TakeContent_OfAnotherState_KeepsTheKeysOfStepsInBoth_AndCanBeUndone()
    {
        var draft = WorkflowDraft.New();
        var session = new DesignSession(draft, TimeProvider.System);
        var kept = session.Add(Summary, "m", 0);
        session.Add(Filter, "m", 1);
        draft.TakeSaved(Saved(draft.ToContent(), "id-1", "id-2"));
        var theirs = draft.ToContent() with { Name = "Theirs", Steps = [draft.ToContent().Steps[0] with { OutputKey = "renamed" }] };

        session.Replace(theirs, new Dictionary<string, PromptDetails> { ["p1"] = Summary }, "taking what Ann saved");

        draft.Steps.Should().ContainSingle().Which.Should().Match<StepDraft>(step => step.Key == kept.Key && step.OutputKey == "renamed");
        draft.ToContent().Steps.Single().Id.Should().Be("id-1");
        session.UndoWords.Should().Be("taking what Ann saved");
        session.Undo();
        draft.Name.Should().BeEmpty();
        draft.ToContent().Steps.Select(step => step.Id).Should().Equal("id-1", "id-2");
        draft.IsDirty.Should().BeFalse("that is what is saved");
    }

    [Fact]
    public void StandOn_TheirState_KeepsMine_AndMakesStepsTheyDeletedNewOnes()
    {
        var draft = WorkflowDraft.New();
        draft.AddStep(Summary, "m");
        draft.AddStep(Filter, "m");
        draft.TakeSaved(Saved(draft.ToContent(), "id-1", "id-2"));

        draft.RebaseOn(Saved(draft.ToContent() with { Steps = [draft.ToContent().Steps[0]] }, "id-1") with { Revision = 7 });

        draft.Revision.Should().Be(7);
        draft.IsDirty.Should().BeTrue();
        draft.ToContent().Steps.Select(step => step.Id).Should().Equal("id-1", null);
    }

    [Fact]
    public void Input_DefaultThatIsNoJson_IsAProblemOfTheForm()
    {
        var draft = WorkflowDraft.New();
        draft.Inputs.Add(
            new InputDraft
            {
                Name = "data",
                Type = VariableType.Json,
                Default = "{",
            }
        );

        draft.FormProblems().Should().ContainSingle().Which.Field.Should().Be("inputs[1].default");
    }

    [Theory]
    [InlineData("steps[1].inputMapping.notes", "Step 2, notes", "field-steps-1-inputMapping-notes")]
    [InlineData("steps[0].outputKey", "Step 1, output key", "field-steps-0-outputKey")]
    [InlineData("inputs[2].name", "Input 3, name", "field-inputs-2-name")]
    [InlineData("steps[1].when", "Step 2, condition", "field-steps-1-when")]
    [InlineData("steps[1].review.timeoutSeconds", "Step 2, review timeout", "field-steps-1-review-timeoutSeconds")]
    [InlineData("steps[1].parameters.topP", "Step 2, top-p", "field-steps-1-parameters-topP")]
    [InlineData("timeoutSeconds", "Timeout", "field-timeoutSeconds")]
    [InlineData("limits.keepDays", "Days to keep", "field-limits-keepDays")]
    [InlineData("steps", "Steps", "field-steps")]
    [InlineData("name", "Name", "field-name")]
    public void Field_HasWordsAndAnId(string field, string words, string id)
    {
        FieldIds.Words(field).Should().Be(words);
        FieldIds.Of(field).Should().Be(id);
    }

    private static WorkflowView Saved(WorkflowContent content, params string[] ids) =>
        new(
            "w",
            content.Name,
            content.Tags,
            content.Inputs,
            [
                .. content.Steps.Zip(
                    ids,
                    (step, id) =>
                        new StepView(
                            id,
                            step.PromptId,
                            "",
                            step.PromptVersion,
                            step.PromptLabel,
                            step.Model,
                            "",
                            step.InputMapping,
                            step.OutputKey,
                            1,
                            [],
                            1
                        )
                ),
            ],
            [],
            null,
            null,
            WorkflowStatus.Draft,
            null,
            false,
            DateTime.UnixEpoch,
            DateTime.UnixEpoch,
            1
        );

    [Fact]
    public void Keep_ReadBackFromABrowser_HasAllThatWasTyped_ReadableOrNot()
    {
        var draft = WorkflowDraft.New();
        draft.Name = "Kept „so“";
        draft.Tags = ["one", "two"];
        draft.Inputs[0].Type = VariableType.Json;
        draft.Inputs[0].Default = "{ not json";
        draft.Options.DayBudget = "three dollars";
        var step = draft.AddStep(Summary, "model");
        step.FollowLabel("production");
        step.Mapping["notes"] = "text | ";
        step.Options["parameters.temperature"] = "warm";

        var kept = KeptWorkflow.Read(JsonSerializer.Serialize(draft.Keep(), AppJson.Options));
        var other = WorkflowDraft.New();
        other.TakeKept(kept!, new Dictionary<string, PromptDetails> { ["p1"] = Summary });

        JsonSerializer.Serialize(other.Keep(), AppJson.Options).Should().Be(JsonSerializer.Serialize(draft.Keep(), AppJson.Options));
        other.FormProblems().Should().BeEquivalentTo(draft.FormProblems()).And.HaveCount(3);
        other.IsDirty.Should().BeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"name":"x"}""")]
    [InlineData("""{"name":"x","tags":[],"inputs":[null],"steps":[],"options":{}}""")]
    [InlineData("""{"name":"x","tags":[],"inputs":[],"steps":[{"promptId":"p1"}],"options":{}}""")]
    public void Read_OfWhatABrowserHasInsteadOfADraft_IsNothing(string? text) => KeptWorkflow.Read(text).Should().BeNull();
}
