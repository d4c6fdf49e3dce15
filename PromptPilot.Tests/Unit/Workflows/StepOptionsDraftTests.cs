using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Features.Workflows;
using PromptPilot.Web.Features.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Tests.Unit.Workflows;

public class StepOptionsDraftTests
{
    private static readonly StepOptions All = new()
    {
        When = "mood == 'bad'",
        ForEach = "tickets",
        MaxParallelItems = 8,
        MaxAttempts = 5,
        TimeoutSeconds = 90,
        OnError = OnError.Default,
        DefaultOutput = Json("""{"title":"none"}"""),
        OutputFormat = OutputFormat.Json,
        JsonSchema = Json("""{"type":"object","required":["title"]}"""),
        Review = new ReviewOptions
        {
            Instructions = "Polite?",
            TimeoutSeconds = 172_800,
            OnTimeout = ReviewVerdict.Approve,
        },
        Parameters = new ParameterChanges(0.1, 50, 0.9),
    };

    private static readonly StepOptions Shared = All with
    {
        Arms = Json("""[{"version":"1.0.0","weight":3},{"version":"1.1.0","weight":1,"model":"m1"}]"""),
        ArmsBy = "customer",
        Fallbacks = Json("""["m2","m3"]"""),
    };

    [Fact]
    public void Draft_OfOptions_GivesThemBack() => Text(StepOptionsDraft.From(Shared).ToOptions()).Should().Be(Text(Shared));

    [Fact]
    public void Draft_OfNothing_GivesNothing() => StepOptionsDraft.New().ToOptions().Tidy().Should().Be(new StepOptions());

    [Fact]
    public void Draft_OfATextDefault_ShowsTheTextItself() =>
        StepOptionsDraft
            .From(new StepOptions { OnError = OnError.Default, DefaultOutput = AppJson.Text("no \"answer\"") })["defaultOutput"]
            .Should()
            .Be("no \"answer\"");

    [Fact]
    public void Draft_WithWhatIsNotChosen_KeepsItTypedButLeavesItOut()
    {
        var draft = StepOptionsDraft.From(All);
        (draft["outputFormat"], draft["onError"], draft.ForEach) = ("Text", "Fail", "");
        draft.Set("review", false);

        draft
            .ToOptions()
            .Tidy()
            .Should()
            .Match<StepOptions>(o => o.JsonSchema == null && o.DefaultOutput == null && o.Review == null && o.MaxParallelItems == null);
        draft["jsonSchema"].Should().Contain("required");
        draft["review.instructions"].Should().Be("Polite?");
    }

    [Fact]
    public void Draft_WithWhatCannotBeRead_SaysWhereAndKeepsIt()
    {
        var draft = StepOptionsDraft.From(All);
        (draft["maxAttempts"], draft["timeoutSeconds"], draft["maxParallelItems"], draft["jsonSchema"], draft["defaultOutput"]) = (
            "many",
            "soon",
            "1.5",
            "{\n  \"type\": }",
            "{"
        );
        (draft["review.timeoutSeconds"], draft["parameters.temperature"]) = ("a while", "warm");
        (draft["parameters.maxTokens"], draft["parameters.topP"]) = ("lots", "1,,5");

        var problems = draft.Problems("steps[1].");

        problems
            .Select(p => p.Field)
            .Should()
            .BeEquivalentTo(
                "steps[1].maxAttempts",
                "steps[1].timeoutSeconds",
                "steps[1].maxParallelItems",
                "steps[1].jsonSchema",
                "steps[1].defaultOutput",
                "steps[1].review.timeoutSeconds",
                "steps[1].parameters.temperature",
                "steps[1].parameters.maxTokens",
                "steps[1].parameters.topP"
            );
        problems.Should().OnlyContain(p => p.BlocksSaving);
        problems.Single(p => p.Field == "steps[1].jsonSchema").Message.Should().Contain("line 2");
        draft["jsonSchema"].Should().Be("{\n  \"type\": }");
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData(" 90 s ", 90)]
    [InlineData("15 min", 900)]
    [InlineData("1.5 h", 5400)]
    [InlineData("2h", 7200)]
    [InlineData("3 Days", 259_200)]
    [InlineData("0", 0)]
    [InlineData("999999999999 d", int.MaxValue)]
    [InlineData("soon", null)]
    [InlineData("-5 s", null)]
    [InlineData("5 weeks", null)]
    [InlineData("", null)]
    public void Duration_IsReadAsPeopleTypeIt(string typed, int? seconds) => DurationText.Parse(typed).Should().Be(seconds);

    [Theory]
    [InlineData(0)]
    [InlineData(59)]
    [InlineData(90)]
    [InlineData(60)]
    [InlineData(3600)]
    [InlineData(5400)]
    [InlineData(86_400)]
    [InlineData(172_800)]
    [InlineData(2_592_000)]
    public void Duration_Written_IsReadBack(int seconds) => DurationText.Parse(DurationText.Of(seconds)).Should().Be(seconds);

    [Theory]
    [InlineData(90, "90 s")]
    [InlineData(900, "15 min")]
    [InlineData(86_400, "1 day")]
    [InlineData(172_800, "2 days")]
    public void Duration_IsWrittenInItsLargestUnit(int seconds, string words) => DurationText.Of(seconds).Should().Be(words);

    [Fact]
    public void WorkflowDraft_OfLimits_GivesThemBack()
    {
        var options = new WorkflowOptions
        {
            Description = "Sorts mail",
            ChatInput = "text",
            TimeoutSeconds = 1800,
            MaxParallelSteps = 8,
        };
        var limits = new WorkflowLimits
        {
            MaxConcurrentRuns = 2,
            RunBudget = 250_000_000,
            DayBudget = 1,
            MonthBudget = 100_500_000_000,
            KeepDays = 90,
            KeepRuns = 1000,
        };

        var draft = WorkflowOptionsDraft.From(options, limits);

        draft
            .Should()
            .Match<WorkflowOptionsDraft>(d =>
                d.TimeLimit == "30 min" && d.RunBudget == "0.25" && d.DayBudget == "0.000000001" && d.MonthBudget == "100.5"
            );
        draft.ToOptions().Should().Be(options);
        draft.ToLimits().Should().Be(limits);
        draft.Problems().Should().BeEmpty();
    }

    [Theory]
    [InlineData("1e5", true)]
    [InlineData("much", true)]
    [InlineData("$5", false)]
    [InlineData("1,000.50", false)]
    [InlineData("99999999999999999999999", false)]
    [InlineData("-1", false)]
    public void Budget_ThatCannotBeRead_IsAProblemOfTheForm(string typed, bool isProblem)
    {
        var draft = new WorkflowOptionsDraft { DayBudget = typed };

        draft.Problems().Select(p => p.Field).Should().Equal(isProblem ? ["limits.dayBudget"] : []);
        draft.ToLimits().DayBudget.HasValue.Should().Be(!isProblem);
    }

    [Fact]
    public void Marks_SayWhatIsSet_InOrder() =>
        OptionMarks
            .Of(All)
            .Select(mark => string.Join(" ", new[] { mark.Word, mark.Code, mark.More }.OfType<string>()))
            .Should()
            .Equal(
                "when mood == 'bad'",
                "for each of tickets 8 in parallel",
                "5 attempts",
                "90 s per attempt",
                "default on failure",
                "JSON with schema",
                "review approved after 2 days",
                "temperature 0.1",
                "max 50 tokens",
                "top-p 0.9"
            );

    [Fact]
    public void Rows_SayWhatIsSet_AndNothingOfTheUsual()
    {
        StepOptionSection
            .All.Select(row => row.WordsOf(Shared))
            .Should()
            .Equal(
                "mood == 'bad'",
                "tickets, 8 in parallel",
                "JSON with schema",
                "Required, approved after 2 days",
                "5 attempts · 90 s per attempt",
                "Use a default",
                "temperature 0.1 · max 50 tokens · top-p 0.9",
                "2 fallbacks",
                "A/B test, 1.0.0 (75%), 1.1.0 on another model (25%)"
            );
        StepOptionSection.All.Select(row => row.WordsOf(new StepOptions())).Should().OnlyContain(words => words == null);
    }

    [Fact]
    public void Figures_OfSeveralRuns_AreTheirMedian() =>
        StepFigures
            .Median([new StepFigures(900, 5), new StepFigures(100, 9), new StepFigures(200, 1)])
            .Should()
            .Be(new StepFigures(200, 5, Runs: 3));

    [Fact]
    public void Marks_OfNothing_AreNone()
    {
        OptionMarks.Of(new StepOptions()).Should().BeEmpty();
        OptionMarks.Of(new WorkflowOptions(), new WorkflowLimits()).Should().BeEmpty();
        OptionMarks.OfFlow(new StepOptions()).Should().BeEmpty();
        OptionMarks.OfFlow(All).Should().Equal("when", "each", "review");
    }

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    private static string Text(StepOptions options) => JsonSerializer.Serialize(options, AppJson.Options);
}
