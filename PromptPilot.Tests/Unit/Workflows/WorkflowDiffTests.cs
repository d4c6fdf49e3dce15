using System.Reflection;
using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Tests.Unit.Workflows;

public class WorkflowDiffTests
{
    private static readonly SketchStep Facts = Step("1", "facts");
    private static readonly SketchStep Mood = Step("2", "mood");
    private static readonly SketchStep Digest = Step("3", "digest");
    private static readonly WorkflowSketch Base = new(
        "Weekly",
        [new WorkflowInput { Name = "notes" }],
        [Facts, Mood, Digest],
        new WorkflowOptions()
    );

    /// <summary>Each option of a step: set, changed, taken away; and the sentence about it.</summary>
    public static TheoryData<string, StepOptions, StepOptions, string> Options =>
        new()
        {
            {
                nameof(StepOptions.When),
                new(),
                new() { When = "a > 1" },
                "Step “mood” has a condition: a > 1."
            },
            {
                nameof(StepOptions.When),
                new() { When = "a > 1" },
                new() { When = "a > 2" },
                "Step “mood” has a different condition: a > 2 instead of a > 1."
            },
            {
                nameof(StepOptions.When),
                new() { When = "a > 1" },
                new(),
                "Step “mood” no longer has a condition."
            },
            {
                nameof(StepOptions.ForEach),
                new(),
                new() { ForEach = "tickets" },
                "Step “mood” has a list to iterate: tickets."
            },
            {
                nameof(StepOptions.MaxParallelItems),
                new() { MaxParallelItems = 2 },
                new() { MaxParallelItems = 8 },
                "Step “mood” has a different limit of parallel items: 8 instead of 2."
            },
            {
                nameof(StepOptions.MaxAttempts),
                new(),
                new() { MaxAttempts = 1 },
                "Step “mood” has a number of attempts: 1."
            },
            {
                nameof(StepOptions.TimeoutSeconds),
                new() { TimeoutSeconds = 60 },
                new() { TimeoutSeconds = 3600 },
                "Step “mood” has a different timeout per attempt: 3,600 s instead of 60 s."
            },
            {
                nameof(StepOptions.OnError),
                new(),
                new() { OnError = OnError.Default },
                "Step “mood” now continues with a default when it fails."
            },
            {
                nameof(StepOptions.OnError),
                new() { OnError = OnError.Default },
                new(),
                "Step “mood” now fails the run when it fails."
            },
            {
                nameof(StepOptions.DefaultOutput),
                new(),
                new() { DefaultOutput = AppJson.Text("none") },
                "Step “mood” has a default output: \"none\"."
            },
            {
                nameof(StepOptions.OutputFormat),
                new(),
                new() { OutputFormat = OutputFormat.Json },
                "Step “mood” now returns JSON."
            },
            {
                nameof(StepOptions.OutputFormat),
                new() { OutputFormat = OutputFormat.Json },
                new(),
                "Step “mood” now returns text."
            },
            {
                nameof(StepOptions.JsonSchema),
                new(),
                new() { JsonSchema = Json("""{ "type": "object" }""") },
                "Step “mood” has a JSON Schema: {\"type\":\"object\"}."
            },
            {
                nameof(StepOptions.Review),
                new(),
                new() { Review = new() },
                "Step “mood” now waits for a review."
            },
            {
                nameof(StepOptions.Review),
                new() { Review = new() { Instructions = "Look." } },
                new(),
                "Step “mood” no longer waits for a review."
            },
            {
                nameof(StepOptions.Review),
                new() { Review = new() },
                new() { Review = new() { Instructions = "Is it polite?" } },
                "Step “mood” has a review instruction: Is it polite?"
            },
            {
                nameof(StepOptions.Review),
                new() { Review = new() },
                new() { Review = new() { TimeoutSeconds = 7200 } },
                "Step “mood” has a review timeout: 7,200 s."
            },
            {
                nameof(StepOptions.Review),
                new() { Review = new() },
                new() { Review = new() { OnTimeout = ReviewVerdict.Approve } },
                "Step “mood” is now approved if it is not reviewed in time."
            },
            {
                nameof(StepOptions.Parameters),
                new(),
                new() { Parameters = new(Temperature: 0.1) },
                "Step “mood” has a temperature: 0.1."
            },
            {
                nameof(StepOptions.Parameters),
                new() { Parameters = new(MaxTokens: 100) },
                new() { Parameters = new(MaxTokens: 2000) },
                "Step “mood” has a different max tokens: 2,000 instead of 100."
            },
            {
                nameof(StepOptions.Parameters),
                new() { Parameters = new(TopP: 0.5) },
                new(),
                "Step “mood” no longer has a top-p."
            },
            {
                nameof(StepOptions.Arms),
                new(),
                new() { Arms = Json("""[{"version":"1.0.0","weight":3},{"version":"1.1.0","weight":1,"model":"Fast"}]""") },
                "Step “mood” has a version split: 1.0.0 (weight 3, 75%), 1.1.0 on Fast (weight 1, 25%)."
            },
            {
                nameof(StepOptions.Fallbacks),
                new() { Fallbacks = Json("[]") },
                new() { Fallbacks = Json("""["Fast","Slow"]""") },
                "Step “mood” has a different list of fallbacks: Fast, Slow instead of none."
            },
            {
                nameof(StepOptions.ArmsBy),
                new() { ArmsBy = "customer" },
                new() { ArmsBy = "country" },
                "Step “mood” has a different split key: country instead of customer."
            },
        };

    [Theory]
    [MemberData(nameof(Options))]
    public void Between_AnOptionOfAStep_IsSaid(string option, StepOptions before, StepOptions now, string words)
    {
        option.Should().NotBeEmpty();
        Words(With(Mood with { Options = before }), With(Mood with { Options = now })).Should().Equal(words);
    }

    [Fact]
    public void Options_HasACaseForEachOptionOfAStep() =>
        Options
            .Select(row => row.Data.Item1)
            .Distinct()
            .Should()
            .BeEquivalentTo(
                typeof(StepOptions).GetProperties().Where(property => property.SetMethod is not null).Select(property => property.Name),
                "a new option that nobody says is a change that nobody sees"
            );

    [Fact]
    public void Between_TheSame_SaysNothing()
    {
        Words(Base, Base).Should().BeEmpty();
        Words(
                With(Mood with { Options = new() { JsonSchema = Json("""{"a":1}""") } }),
                With(Mood with { Options = new() { JsonSchema = Json("""{ "a" : 1 }""") } })
            )
            .Should()
            .BeEmpty("blanks in JSON are no change");
        Words(
                Base with
                {
                    Tags = ["a"],
                    Limits = new() { KeepDays = 5 },
                },
                Base
            )
            .Should()
            .BeEmpty("a version has neither tags nor limits");
    }

    [Fact]
    public void Between_PromptModelAndMapping_IsSaid()
    {
        Words(Base, With(Mood with { Version = "2.1.0" })).Should().Equal("Step “mood” now uses prompt 2.1.0 instead of 1.0.0.");
        Words(Base, With(Mood with { Version = "the label production" }))
            .Should()
            .Equal("Step “mood” now uses the label production instead of 1.0.0.");
        Words(Base, With(Mood with { PromptId = "other", Prompt = "Tone", Version = "3.0.0" }))
            .Should()
            .Equal("Step “mood” now uses the prompt Tone, 3.0.0, instead of Prompt mood, 1.0.0.");
        Words(Base, With(Mood with { Model = "Large" })).Should().Equal("Step “mood” now runs on Large instead of Fast.");
        Words(Base, With(Mood with { OutputKey = "tone" })).Should().Equal("Step “mood” is now called “tone”.");
        Words(
                Base,
                With(
                    Mood with
                    {
                        Mapping = new Dictionary<string, string> { ["text"] = "notes | upcase", ["style"] = "'warm'" },
                    }
                )
            )
            .Should()
            .Equal("Step “mood” fills “text” with notes | upcase instead of notes.", "Step “mood” fills “style” with 'warm'.");
        Words(Base, With(Mood with { Mapping = new Dictionary<string, string>() })).Should().Equal("Step “mood” no longer fills “text”.");
    }

    [Fact]
    public void Between_StepsAddedAndRemoved_IsSaid()
    {
        Words(Base, Base with { Steps = [Facts, Digest] }).Should().Equal("Step “mood” (Prompt mood) is removed.");
        Words(Base with { Steps = [Facts, Digest] }, Base).Should().Equal("Step “mood” is new: Prompt mood, 1.0.0, on Fast.");
        Words(Base, Base with { Steps = [Facts, Mood with { Id = "" }, Digest] })
            .Should()
            .BeEmpty("without an id it is the step of the same key");
        Words(Base, Base with { Steps = [Facts, Mood with { Id = "9", OutputKey = "tone" }, Digest] })
            .Should()
            .HaveCount(2, "another id and another key is another step");
    }

    [Fact]
    public void Between_AnotherOrder_SaysAsFewMovesAsExplainIt()
    {
        Words(Base, Base with { Steps = [Digest, Facts, Mood] }).Should().Equal("Step “digest” now comes first.");
        Words(Base, Base with { Steps = [Mood, Facts, Digest] }).Should().ContainSingle();
        Words(Base, Base with { Steps = [Facts, Digest] }).Should().ContainSingle("what closes a gap has not moved");
    }

    [Fact]
    public void Between_HeadInputsAndLimits_IsSaid()
    {
        Words(Base, Base with { Name = "Daily" }).Should().Equal("The workflow is now called “Daily” instead of “Weekly”.");
        Words(Base with { Tags = ["a"] }, Base with { Tags = ["a", "b"] }).Should().Equal("The tags are now a, b instead of a.");
        Words(
                Base,
                Base with
                {
                    Options = new()
                    {
                        Description = "Sorts mail",
                        ChatInput = "notes",
                        TimeoutSeconds = 60,
                        MaxParallelSteps = 2,
                    },
                }
            )
            .Should()
            .Equal(
                "The workflow has a description: Sorts mail.",
                "The workflow has a chat input: notes.",
                "A run has a timeout: 60 s.",
                "A run has a limit of parallel steps: 2."
            );
        Words(
                Base with
                {
                    Limits = new(),
                },
                Base with
                {
                    Limits = new()
                    {
                        MaxConcurrentRuns = 1,
                        RunBudget = 250_000_000,
                        DayBudget = 1,
                        MonthBudget = 2_000_000_000,
                        KeepDays = 3,
                        KeepRuns = 1000,
                    },
                }
            )
            .Should()
            .Equal(
                "The workflow has a limit of concurrent runs: 1.",
                "The workflow has a budget per run: $0.25.",
                "The workflow has a budget per day: $0.000000001.",
                "The workflow has a budget per month: $2.",
                "The workflow has a number of days to keep runs: 3.",
                "The workflow has a number of runs to keep: 1,000."
            );
        Words(Base, Base with { Inputs = [] }).Should().Equal("Input “notes” is removed.");
        Words(
                Base,
                Base with
                {
                    Inputs =
                    [
                        new()
                        {
                            Name = "notes",
                            Type = VariableType.Choice,
                            Choices = ["a", "b"],
                            Required = false,
                            Default = AppJson.Text("a"),
                            Description = "Which?",
                        },
                    ],
                }
            )
            .Should()
            .Equal(
                "Input “notes” is now an optional choice instead of a required text.",
                "Input “notes” has a default: \"a\".",
                "Input “notes” has a description: Which?",
                "Input “notes” has a list of choices: a, b."
            );
        var two = Base with { Inputs = [new() { Name = "a" }, new() { Name = "b" }] };
        Words(two, two with { Inputs = [two.Inputs[1], two.Inputs[0]] }).Should().Equal("The inputs have a new order: b, a.");
        Words(Base, Base with { Inputs = [.. Base.Inputs, new() { Name = "size", Type = VariableType.Number }] })
            .Should()
            .Equal("Input “size” is new: a required number.");
    }

    [Fact]
    public void Between_LongTexts_StandBesideTheSentence()
    {
        var schema = Json(JsonSerializer.Serialize(new { description = new string('x', 200) }));

        var difference = WorkflowDiff
            .Between(Base, With(Mood with { Options = new() { JsonSchema = schema } }))
            .Should()
            .ContainSingle()
            .Subject;

        difference.Words.Should().Be("Step “mood” has a JSON Schema.");
        difference.Before.Should().BeNull();
        difference.After.Should().Contain("xxx");
    }

    private static WorkflowSketch With(SketchStep mood) => Base with { Steps = [Facts, mood, Digest] };

    private static IEnumerable<string> Words(WorkflowSketch from, WorkflowSketch to) =>
        WorkflowDiff.Between(from, to).Select(difference => difference.Words);

    [Fact]
    public void Steps_OfTwoStates_SayWhatBecameOfEach()
    {
        var renamed = Mood with { OutputKey = "tone" };
        var to = Base with { Steps = [Facts, renamed, Step("9", "title")] };

        var steps = WorkflowComparison.Of(Base, to).Steps;

        steps
            .Select(step => (step.OutputKey, step.Change))
            .Should()
            .Equal(("facts", StepChange.Same), ("tone", StepChange.Changed), ("title", StepChange.Added), ("digest", StepChange.Removed));
    }

    private static SketchStep Step(string id, string key) =>
        new(
            id,
            $"p-{key}",
            $"Prompt {key}",
            "1.0.0",
            "Fast",
            new Dictionary<string, string> { ["text"] = "notes" },
            key,
            new StepOptions()
        );

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
