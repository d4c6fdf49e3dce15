using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Tests.Unit.Workflows;

/// <summary>What drags on the canvas mean: each kind of drop on each shape of graph, and what is refused.</summary>
public class CanvasRulesTests
{
    private static readonly PromptDetails Facts = Prompt("Facts", "text");
    private static readonly PromptDetails Mood = Prompt("Mood", "text");
    private static readonly PromptDetails Digest = Prompt("Digest", "facts", "mood");
    private static readonly PromptDetails Translator = Prompt("Translator", "content", "language?");
    private static readonly PromptDetails Joke = Prompt("Joke");

    private readonly DesignSession _session = new(WorkflowDraft.New(), new FakeTimeProvider());

    private WorkflowDraft Draft => _session.Draft;

    private string State =>
        JsonSerializer.Serialize(Draft.Keep(), AppJson.Options) + string.Join(',', Draft.Steps.Select(step => step.Key));

    public static TheoryData<string> Shapes => ["none", "one", "chain", "fan", "diamond", "apart"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EachDrop_OnEachShape_IsValid_AndOneUndoGivesTheIdenticalDraft(string shape)
    {
        Build(shape);
        foreach (var target in Targets())
        {
            foreach (var prompt in new[] { Facts, Digest, Translator, Joke })
            {
                var (before, count) = (State, Draft.Steps.Count);
                var plan = _session.PlanDrop(prompt, target);
                State.Should().Be(before, "looking changes nothing");

                _session.Drop(prompt, "m1", target).Should().Be(plan.Refusal is null);

                if (plan.Refusal is not null)
                {
                    State.Should().Be(before);
                    prompt.Should().Be(Joke, plan.Refusal);
                    continue;
                }

                Draft.Steps.Should().HaveCount(count + 1);
                ReadsOnlyWhatIsThere();
                _session.Undo().Should().BeTrue();
                State.Should().Be(before);
                _session.Redo();
                ReadsOnlyWhatIsThere();
                _session.Undo();
            }
        }
    }

    [Fact]
    public void Drop_OnBlank_ReadsInputsOnly()
    {
        Build("one");
        _session.Drop(Digest, "m1", DropTarget.Blank);
        _session.Drop(Mood, "m1", DropTarget.Blank);
        _session.Drop(Translator, "m1", DropTarget.Blank);

        Step("digest").Mapping.Should().BeEmpty("it needs two things, and there is one input");
        Step("translator").Mapping.Should().Equal(new Dictionary<string, string> { ["content"] = "text" });
        Step("mood").Mapping.Should().Equal(new Dictionary<string, string> { ["text"] = "text" });
    }

    [Fact]
    public void Map_ToAStepThatComesLater_PutsItBefore()
    {
        _session.Drop(Facts, "m1", DropTarget.Blank);
        _session.Drop(Digest, "m1", new DropTarget(Draft.Steps[0].Key));
        _session.Drop(Mood, "m1", DropTarget.Blank);
        var rules = new ConnectionRules(Draft);
        rules.ReadableLater(Step("digest")).Should().Equal(Step("mood"));

        rules.Map(Step("digest"), "mood", "mood | upcase");

        Draft.Steps.Select(step => step.OutputKey).Should().Equal("facts", "mood", "digest");
        Step("digest").Mapping["mood"].Should().Be("mood | upcase");
        ReadsOnlyWhatIsThere();
    }

    [Fact]
    public void Map_ToAStepThatReadsThisOne_KeepsTheOrderForTheCheckToRefuse()
    {
        _session.Drop(Facts, "m1", DropTarget.Blank);
        _session.Drop(Translator, "m1", new DropTarget(Draft.Steps[0].Key));
        var rules = new ConnectionRules(Draft);
        rules.ReadableLater(Step("facts")).Should().BeEmpty();

        rules.Map(Step("facts"), "text", "translator");

        Draft.Steps.Select(step => step.OutputKey).Should().Equal("facts", "translator");
    }

    [Fact]
    public void ReadItems_WhenAListIsChosen_ReadsTheItemWhereTheListWasRead_AndOnlyThen()
    {
        _session.Drop(Facts, "m1", DropTarget.Blank);
        _session.Drop(Translator, "m1", new DropTarget(Draft.Steps[0].Key));
        var step = Step("translator");
        (step.Mapping["content"], step.Mapping["language"]) = ("facts", "facts | size");
        step.Options.ForEach = "facts | split: '.'";

        step.ReadItems(listBefore: "");

        step.Mapping.Should().Equal(new Dictionary<string, string> { ["content"] = "item", ["language"] = "facts | size" });
        step.Mapping["content"] = "facts";
        step.ReadItems(listBefore: "facts");
        step.Mapping["content"].Should().Be("facts", "the whole list can be read as well, once it is chosen");
    }

    [Fact]
    public void Drop_OnAStep_ReadsItsOutput_ByTheNameThatFits()
    {
        Build("fan");

        _session.Drop(Digest, "m1", new DropTarget(Step("mood").Key));
        _session.Drop(Translator, "m1", new DropTarget(Step("digest").Key));

        Step("digest").Mapping.Should().BeEquivalentTo(new Dictionary<string, string> { ["facts"] = "facts", ["mood"] = "mood" });
        Step("translator").Mapping.Should().Equal(new Dictionary<string, string> { ["content"] = "digest" });
        Draft.Steps[^1].OutputKey.Should().Be("translator");
    }

    [Fact]
    public void Drop_OnAStep_PrefersTheVariableWhoseNameIsPartOfItsOutput()
    {
        Build("diamond");
        Step("digest").OutputKey = "short_digest";

        _session.Drop(Prompt("Reply", "sender", "digest"), "m1", new DropTarget(Step("short_digest").Key));

        Step("reply").Mapping.Should().Contain("digest", "short_digest").And.NotContainKey("sender");
    }

    [Fact]
    public void Drop_OnALine_TakesOverWhatFlowed()
    {
        Build("diamond");
        Step("digest").Mapping["mood"] = "mood.overall | upcase";

        _session.Drop(Translator, "m1", new DropTarget(Step("digest").Key, Step("mood").Key)).Should().BeTrue();

        Step("translator").Mapping.Should().Equal(new Dictionary<string, string> { ["content"] = "mood.overall | upcase" });
        Step("digest").Mapping.Should().BeEquivalentTo(new Dictionary<string, string> { ["facts"] = "facts", ["mood"] = "translator" });
        Draft.Steps.Select(step => step.OutputKey).Should().Equal("facts", "mood", "translator", "digest");
        _session.Said.Should().Be("Translator is step 3. content ← mood.overall | upcase · digest.mood ← translator.");
    }

    [Fact]
    public void Drop_OnTheLineOfACondition_IsRefused()
    {
        Build("fan");
        Step("mood").Options.When = "facts != ''";

        var plan = _session.PlanDrop(Translator, new DropTarget(Step("mood").Key, Step("facts").Key));

        plan.Refusal.Should().Be("mood uses facts only in a condition or list. Nothing can go in between.");
        _session.Drop(Translator, "m1", new DropTarget(Step("mood").Key, Step("facts").Key)).Should().BeFalse();
        _session.Said.Should().StartWith("Not added:");
    }

    [Fact]
    public void Pick_WithALineSelected_GoesInBetween_AndWithAStepSelectedReadsIt()
    {
        Build("diamond");
        _session.SelectLine(Step("facts").Key, Step("digest").Key);
        _session.Pick(Translator, "m1");
        Step("digest").Mapping["facts"].Should().Be("translator");

        _session.Select(Step("digest").Key);
        _session.Pick(Translator, "m1");
        Step("translator_2").Mapping["content"].Should().Be("digest");

        _session.Select(null);
        _session.Pick(Facts, "m1");
        Step("facts_2").Mapping["text"].Should().Be("text", "a name that fits comes first");
    }

    [Fact]
    public void Connect_FindsTheVariable_OrAsksForOne()
    {
        Build("fan");
        _session.Drop(Prompt("Pair", "left", "right"), "m1", DropTarget.Blank);
        var pair = Step("pair");
        pair.Mapping.Clear();

        _session.Connect(Step("facts").Key, "facts", pair.Key, null).Should().BeFalse("either could be meant");
        _session.Connect(Step("facts").Key, "facts", pair.Key, "right").Should().BeTrue();
        _session.Connect(Step("mood").Key, "mood", pair.Key, null).Should().BeTrue("one is left");
        _session.Connect(FlowEdges.InputsKey, "text", Step("facts").Key, null).Should().BeTrue("it is the only one");

        pair.Mapping.Should().BeEquivalentTo(new Dictionary<string, string> { ["left"] = "mood", ["right"] = "facts" });
    }

    [Fact]
    public void Connect_ToAStepThatComesEarlierInTheList_MovesWhatIsReadBeforeIt()
    {
        Build("fan");
        _session.Drop(Translator, "m1", new DropTarget(Step("mood").Key));
        var before = State;

        _session.Connect(Step("translator").Key, "translator", Step("facts").Key, null).Should().BeTrue();

        Draft.Steps.Select(step => step.OutputKey).Should().Equal("mood", "translator", "facts");
        ReadsOnlyWhatIsThere();
        _session.Undo();
        State.Should().Be(before);
    }

    [Fact]
    public void Connect_WhatCannotBe_SaysWhyNot()
    {
        Build("diamond");
        _session.Drop(Translator, "m1", new DropTarget(Step("digest").Key));
        _session.Drop(Joke, "m1", DropTarget.Blank);
        string? Why(string from, string to) => new ConnectionRules(Draft).Plan(Step(from).Key, Step(from).OutputKey, Step(to)).Refusal;

        Why("translator", "facts").Should().Be("facts runs before translator, which reads it.");
        Why("digest", "digest").Should().Be("A step cannot read its own output.");
        Why("facts", "joke").Should().Be("Joke has no variables.");
        Why("facts", "translator").Should().BeNull();
        new ConnectionRules(Draft).Plan(FlowEdges.InputsKey, "gone", Step("facts")).Refusal.Should().Be("gone no longer exists.");
        _session.Connect(Step("translator").Key, "translator", Step("facts").Key, "text").Should().BeFalse();
        _session.Said.Should().Be("Not connected: facts runs before translator, which reads it.");
    }

    [Fact]
    public void DeleteSelected_OfALine_UnmapsWhatItStandsFor()
    {
        Build("diamond");
        Step("digest").Options.When = "mood != ''";
        _session.Typed();
        _session.SelectLine(Step("mood").Key, Step("digest").Key);
        _session.ReadingsOf(Step("mood").Key, Step("digest").Key).Select(reading => reading.Name).Should().Equal("mood", "when");
        var before = State;

        _session.DeleteSelected();

        Step("digest").Mapping.Should().Equal(new Dictionary<string, string> { ["facts"] = "facts" });
        Step("digest").Options.When.Should().BeEmpty();
        _session.Undo();
        State.Should().Be(before);
    }

    [Fact]
    public void SeveralSelected_AreDeletedAndDuplicatedTogether()
    {
        Build("diamond");
        var before = State;
        _session.SelectAll(Draft.Steps.Select(step => step.Key));

        _session.DuplicateSelected();

        Draft.Steps.Select(step => step.OutputKey).Should().Equal("facts", "mood", "digest", "facts_2", "mood_2", "digest_2");
        Step("digest_2").Mapping.Should().BeEquivalentTo(new Dictionary<string, string> { ["facts"] = "facts_2", ["mood"] = "mood_2" });
        _session.SelectedKeys.Should().HaveCount(3);
        _session.DeleteSelected();
        Draft.Steps.Should().HaveCount(3);
        _session.Undo();
        _session.Undo();
        State.Should().Be(before);
    }

    [Fact]
    public void Paste_IntoAnotherWorkflow_KeepsTheKeysThatAreFree()
    {
        Build("diamond");
        Step("digest").Mapping["facts"] = "facts | append: ' facts' | default: mood.facts";
        _session.SelectAll([Step("facts").Key, Step("digest").Key]);
        var copied = StepClipboard.Read(_session.Copy()!.Write())!;
        var other = new DesignSession(WorkflowDraft.New(), new FakeTimeProvider());
        other.Add(Facts, "m1", 0);

        other.Paste(copied, new[] { Facts, Digest }.ToDictionary(prompt => prompt.Id));

        other.Draft.Steps.Select(step => step.OutputKey).Should().Equal("facts", "facts_2", "digest");
        other.Draft.Steps[2].Mapping["facts"].Should().Be("facts_2 | append: ' facts' | default: mood.facts");
        other.UndoWords.Should().Be("pasting 2 steps");
        StepClipboard.Read("""{"steps":[]}""").Should().BeNull();
        StepClipboard.Read("{nonsense").Should().BeNull();
        StepClipboard.Read("""{"steps":[{}]}""").Should().BeNull();
        StepClipboard.Read(null).Should().BeNull();
    }

    [Theory]
    [InlineData("facts", "f2")]
    [InlineData("facts.facts | append: facts", "f2.facts | append: f2")]
    [InlineData("other | append: 'facts'", "other | append: 'facts'")]
    [InlineData("other | append: \"it's\" | append: facts", "other | append: \"it's\" | append: f2")]
    [InlineData("facts |", "facts |")]
    [InlineData("factsheet", "factsheet")]
    public void Rename_ChangesTheKeyAndNothingElse(string expression, string renamed) =>
        StepClipboard.Rename(expression, "facts", "f2").Should().Be(renamed);

    private void Build(string shape)
    {
        switch (shape)
        {
            case "one":
                _session.Drop(Facts, "m1", DropTarget.Blank);
                break;
            case "chain":
                _session.Drop(Facts, "m1", DropTarget.Blank);
                _session.Drop(Translator, "m1", new DropTarget(Draft.Steps[0].Key));
                _session.Drop(Mood, "m1", new DropTarget(Draft.Steps[1].Key));
                break;
            case "fan":
                _session.Drop(Facts, "m1", DropTarget.Blank);
                _session.Drop(Mood, "m1", DropTarget.Blank);
                break;
            case "diamond":
                Build("fan");
                _session.Drop(Digest, "m1", new DropTarget(Step("mood").Key));
                break;
            case "apart":
                Build("fan");
                Step("mood").Mapping.Clear();
                _session.Typed();
                break;
        }
    }

    private List<DropTarget> Targets()
    {
        var picture = DesignPicture.Of(Draft, new ModelChoices([], null), [], LastRunValues.None);
        var flow = FlowEdges.Of(picture.Inputs, picture.Steps);
        return
        [
            DropTarget.Blank,
            .. Draft.Steps.Select(step => new DropTarget(step.Key)),
            .. flow.Edges.Select(edge => new DropTarget(
                Draft.Steps[edge.To - 1].Key,
                edge.From == FlowEdges.Inputs ? FlowEdges.InputsKey : Draft.Steps[edge.From - 1].Key
            )),
        ];
    }

    private StepDraft Step(string key) => Draft.Steps.Single(step => step.OutputKey == key);

    private void ReadsOnlyWhatIsThere()
    {
        foreach (var step in Draft.Steps)
        {
            var readable = Draft.KeysAt(step).Select(key => key.Name).ToHashSet();
            FlowStep
                .ReadingsOf(step.Mapping, step.Options.When, step.Options.ForEach)
                .SelectMany(reading => reading.Keys)
                .Where(key => !readable.Contains(key))
                .Should()
                .BeEmpty($"{step.OutputKey} reads what comes before it");
        }
    }

    private static PromptDetails Prompt(string name, params string[] variables) =>
        new(
            name,
            name,
            [new PromptVersionChoice("1.0.0", [.. variables.Select(v => new VariableChoice(v.TrimEnd('?'), null, v.EndsWith('?')))])],
            []
        );
}
