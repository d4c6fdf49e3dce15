using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Checks;

namespace PromptPilot.Tests.Unit.Workflows;

public class StepOptionProblemsTests
{
    private static readonly WorkflowFacts Facts = new(
        new Dictionary<string, PromptFacts>
        {
            ["p"] = new("p", "Reply", "p1", new Dictionary<string, string> { ["1.0.0"] = "p1" }, new Dictionary<string, string>()),
        },
        new Dictionary<string, PromptVersionFacts> { ["p1"] = new("p1", "1.0.0", ["text"], []) },
        new Dictionary<string, ModelFacts>
        {
            ["m"] = new("m", "Fast", true, []),
            ["other"] = new("other", "New", true, []),
            ["off"] = new("off", "Slow", false, []),
            ["blind"] = new("blind", "Text only", true, [], TakesPictures: false),
        }
    );

    [Fact]
    public void Find_EverythingSet_IsSound() =>
        Find(
                new StepOptions
                {
                    When = "mood == 'bad' and opening contains 'sorry'",
                    ForEach = "tickets | concat: tickets",
                    MaxParallelItems = 32,
                    MaxAttempts = 5,
                    TimeoutSeconds = 86_400,
                    OnError = OnError.Default,
                    DefaultOutput = Json("{}"),
                    OutputFormat = OutputFormat.Json,
                    JsonSchema = Json("""{"type":"object"}"""),
                    Review = new ReviewOptions
                    {
                        Instructions = "Polite?",
                        TimeoutSeconds = 60,
                        OnTimeout = ReviewVerdict.Approve,
                    },
                    Parameters = new ParameterChanges(0, 1, 1),
                    Fallbacks = Json("""["other"]"""),
                }
            )
            .Should()
            .BeEmpty();

    [Theory]
    [InlineData("[]", null, false)]
    [InlineData("""["other","blind"]""", null, false)]
    [InlineData("""["other","other"]""", "each once", true)]
    [InlineData("""["a","b","c","d","e","f"]""", "at most 5", true)]
    [InlineData("\"other\"", "are a list", true)]
    [InlineData("[1]", "are a list", true)]
    [InlineData("""["m"]""", "own model profile cannot be its fallback", true)]
    [InlineData("""["gone"]""", "does not exist", true)]
    [InlineData("""["off"]""", "“Slow” is disabled", false)]
    public void Fallbacks_AreOtherProfiles(string list, string? message, bool blocksSaving)
    {
        var problems = Find(new StepOptions { Fallbacks = Json(list) });

        problems.All(problem => problem.Field == "steps[1].fallbacks").Should().BeTrue();
        problems
            .Any(problem => message is not null && problem.Message.Contains(message) && problem.BlocksSaving == blocksSaving)
            .Should()
            .Be(message is not null);
        (problems.Count > 0).Should().Be(message is not null);
    }

    [Fact]
    public void Picture_ToAModelThatTakesNone_IsAProblemOfTheProfile()
    {
        var options = new StepOptions
        {
            Arms = Json("""[{"version":"1.0.0","weight":1},{"version":"1.0.0","weight":1,"model":"blind"}]"""),
            Fallbacks = Json("""["other","blind"]"""),
        };
        WorkflowContent With(string mapping, string model) =>
            Content(options, mapping) with
            {
                Inputs = [new WorkflowInput { Name = "mood" }, new WorkflowInput { Name = "photo", Type = VariableType.Image }],
                Steps = [Step("opening", "mood"), Step("reply", mapping) with { Model = model, Options = options }],
            };

        WorkflowProblems.Find(With("photo.name", "m"), Facts).Should().BeEmpty("a name is a text");
        var problems = WorkflowProblems.Find(With("photo", "m"), Facts);
        problems.Select(problem => problem.Field).Should().Equal("steps[1].arms[1].model", "steps[1].fallbacks");
        problems.Should().OnlyContain(problem => !problem.BlocksSaving && problem.Message.Contains("picture “photo”"));
    }

    [Theory]
    [InlineData("""{"version":"1.1.0","weight":1}""", "steps[1].arms[1].version", "has no version 1.1.0")]
    [InlineData("""{"version":"1.0.0","weight":1,"model":"gone"}""", "steps[1].arms[1].model", "does not exist")]
    [InlineData("""{"version":"1.0.0","weight":1,"model":"off"}""", "steps[1].arms[1].model", "“Slow” is disabled")]
    [InlineData("""{"version":"1.0.0","weight":1,"model":"m"}""", "steps[1].arms[1].version", "Another arm has this version")]
    [InlineData("""{"version":"1.0.0","weight":"x","model":"m"}""", "steps[1].arms[1].weight", "whole number from 1 to 1,000")]
    [InlineData("""{"version":"1.0.0","weight":1,"model":"other"}""", "", null)]
    public void Arms_RunOnWhatIsThere(string second, string field, string? message)
    {
        var problems = Find(new StepOptions { Arms = Json($$"""[{"version":"1.0.0","weight":1},{{second}}]""") });

        problems.Select(problem => problem.Field).Should().Equal(message is null ? [] : [field]);
        problems.All(problem => problem.Message.Contains(message!, StringComparison.Ordinal)).Should().BeTrue();
    }

    [Theory]
    [InlineData("mood", null)]
    [InlineData("opening == nil", null)]
    [InlineData("run.id", null)]
    [InlineData("mood = 'bad'", "==")]
    [InlineData("mod == 'bad'", "Did you mean “mood”?")]
    [InlineData("reply == 'x'", "is the output of this step")]
    [InlineData("last == 'x'", "no key “last”")]
    [InlineData("later == 'x'", "is the output of step 3")]
    [InlineData("item == 'x'", "to the whole step")]
    [InlineData("index > 0", "to the whole step")]
    [InlineData("{% if mood %}", "without braces")]
    public void When_MayReadWhatIsThere(string when, string? message) =>
        Expect(Find(new StepOptions { When = when, ForEach = "tickets" }), "steps[1].when", message);

    [Theory]
    [InlineData("tickets", null)]
    [InlineData("opening | split: ','", null)]
    [InlineData("(1..3)", null)]
    [InlineData("tikets", "Did you mean “tickets”?")]
    [InlineData("item", "defines the list")]
    [InlineData("tickets | nope", "no filter “nope”")]
    public void ForEach_MayReadWhatIsThere(string forEach, string? message) =>
        Expect(Find(new StepOptions { ForEach = forEach }), "steps[1].forEach", message);

    [Fact]
    public void When_TooLong_IsRefused() =>
        Expect(Find(new StepOptions { When = $"mood == '{new string('x', 2000)}'" }), "steps[1].when", "at most 2000 characters");

    [Theory]
    [InlineData("item.title | append: index", "tickets", null)]
    [InlineData("item", null, "only in a step that runs for each item")]
    [InlineData("itm", "tickets", "Did you mean “item”?")]
    public void Mapping_ReadsItemAndIndex_OnlyWithForEach(string expression, string? forEach, string? message) =>
        Expect(Find(new StepOptions { ForEach = forEach }, expression), "steps[1].inputMapping.text", message);

    [Fact]
    public void Mapping_OfAnotherStep_CannotReadTheItem() =>
        Expect(
            WorkflowProblems.Find(Content(new StepOptions { ForEach = "tickets" }, "item", later: "item"), Facts),
            "steps[2].inputMapping.text",
            "only in a step that runs for each item"
        );

    [Theory]
    [InlineData("item")]
    [InlineData("index")]
    public void OutputKey_ItemOrIndex_StaysReserved(string key) =>
        Expect(
            WorkflowProblems.Find(Content(new StepOptions { ForEach = "tickets" }, "item", key: key), Facts),
            "steps[1].outputKey",
            "reserved word"
        );

    [Theory]
    [InlineData(null, false, false)]
    [InlineData("null", false, false)]
    [InlineData("null", true, false)]
    [InlineData("\"\"", false, null)]
    [InlineData("[]", true, null)]
    [InlineData("\"text\"", true, null)]
    [InlineData("[]", false, true)]
    [InlineData("\"\\ud800\"", false, true)]
    public void DefaultOutput_FitsTheFormat(string? output, bool isJson, bool? blocksSaving)
    {
        var problems = Find(
            new StepOptions
            {
                OnError = OnError.Default,
                DefaultOutput = output is null ? null : Json(output),
                OutputFormat = isJson ? OutputFormat.Json : OutputFormat.Text,
            }
        );

        problems
            .Select(p => (p.Field, p.BlocksSaving))
            .Should()
            .Equal(blocksSaving is { } blocks ? [("steps[1].defaultOutput", blocks)] : []);
    }

    [Fact]
    public void DefaultOutput_WithOnErrorFail_IsRefused() =>
        Expect(Find(new StepOptions { DefaultOutput = AppJson.Text("x") }), "steps[1].defaultOutput", "requires on failure “default”");

    [Theory]
    [InlineData("""{"type":"object"}""", true, null)]
    [InlineData("""{"type":"object"}""", false, "output format “json”")]
    [InlineData("""{"type":"objekt"}""", true, "$.type must be one of")]
    [InlineData("true", true, "must be an object")]
    [InlineData("[]", true, "must be an object")]
    [InlineData("null", true, null)]
    public void JsonSchema_IsAnObjectForAJsonOutput(string schema, bool isJson, string? message) =>
        Expect(
            Find(new StepOptions { JsonSchema = Json(schema), OutputFormat = isJson ? OutputFormat.Json : OutputFormat.Text }),
            "steps[1].jsonSchema",
            message
        );

    [Theory]
    [InlineData("""{"title":"none"}""", null)]
    [InlineData("""{"name":"none"}""", "title")]
    [InlineData("[]", "The default does not match the JSON Schema")]
    public void DefaultOutput_FitsTheSchema(string output, string? message) =>
        Expect(
            Find(
                new StepOptions
                {
                    OnError = OnError.Default,
                    DefaultOutput = Json(output),
                    OutputFormat = OutputFormat.Json,
                    JsonSchema = Json("""{"type":"object","required":["title"]}"""),
                }
            ),
            "steps[1].defaultOutput",
            message
        );

    [Fact]
    public void DefaultOutput_WithABrokenSchema_IsNotToldTwice() =>
        Expect(
            Find(
                new StepOptions
                {
                    OnError = OnError.Default,
                    DefaultOutput = Json("{}"),
                    OutputFormat = OutputFormat.Json,
                    JsonSchema = Json("""{"type":"objekt"}"""),
                }
            ),
            "steps[1].jsonSchema",
            "$.type must be one of"
        );

    [Fact]
    public void JsonSchema_TooLong_IsRefused() =>
        Expect(
            Find(
                new StepOptions
                {
                    JsonSchema = Json($$"""{"description":"{{new string('x', 70_000)}}"}"""),
                    OutputFormat = OutputFormat.Json,
                }
            ),
            "steps[1].jsonSchema",
            "at most 65,536 characters"
        );

    [Theory]
    [InlineData(null, ReviewVerdict.Reject, null)]
    [InlineData(60, ReviewVerdict.Approve, null)]
    [InlineData(30 * 86_400, ReviewVerdict.Reject, null)]
    [InlineData(59, ReviewVerdict.Reject, "timeoutSeconds")]
    [InlineData(30 * 86_400 + 1, ReviewVerdict.Reject, "timeoutSeconds")]
    [InlineData(null, ReviewVerdict.Edit, "onTimeout")]
    public void Review_HasItsRange(int? seconds, ReviewVerdict answer, string? field) =>
        Find(
                new StepOptions
                {
                    Review = new ReviewOptions { TimeoutSeconds = seconds, OnTimeout = answer },
                }
            )
            .Select(p => p.Field)
            .Should()
            .Equal(field is null ? [] : [$"steps[1].review.{field}"]);

    [Fact]
    public void Review_LongInstructions_AreRefused() =>
        Expect(
            Find(new StepOptions { Review = new ReviewOptions { Instructions = new string('x', 2001) } }),
            "steps[1].review.instructions",
            "at most 2,000"
        );

    [Fact]
    public void Numbers_OutOfRange_AreAtTheirFields()
    {
        Fields(
                new StepOptions
                {
                    MaxParallelItems = 0,
                    MaxAttempts = 0,
                    TimeoutSeconds = 0,
                    Parameters = new ParameterChanges(-0.1, 0, -0.1),
                }
            )
            .Should()
            .Equal(All);
        Fields(
                new StepOptions
                {
                    MaxParallelItems = 33,
                    MaxAttempts = 6,
                    TimeoutSeconds = 86_401,
                    Parameters = new ParameterChanges(2.1, 1_000_001, 1.1),
                }
            )
            .Should()
            .Equal(All);
    }

    [Fact]
    public void WorkflowNumbers_OutOfRange_AreAtTheirFields()
    {
        Fields(
                new WorkflowOptions
                {
                    Description = new string('x', 1001),
                    ChatInput = "moood",
                    TimeoutSeconds = 0,
                    MaxParallelSteps = 0,
                },
                new WorkflowLimits
                {
                    MaxConcurrentRuns = 0,
                    RunBudget = -1,
                    DayBudget = -1,
                    MonthBudget = -1,
                    KeepDays = 0,
                    KeepRuns = 0,
                }
            )
            .Should()
            .Equal(AllOfWorkflow);
        Fields(
                new WorkflowOptions
                {
                    Description = new string('x', 1001),
                    ChatInput = "Mood",
                    TimeoutSeconds = 604_801,
                    MaxParallelSteps = 65,
                },
                new WorkflowLimits
                {
                    MaxConcurrentRuns = 1001,
                    RunBudget = long.MaxValue,
                    DayBudget = long.MaxValue,
                    MonthBudget = long.MaxValue,
                    KeepDays = 3651,
                    KeepRuns = 1_000_001,
                }
            )
            .Should()
            .Equal(AllOfWorkflow);
        Fields(
                new WorkflowOptions
                {
                    Description = new string('x', 1000),
                    ChatInput = "mood",
                    TimeoutSeconds = 604_800,
                    MaxParallelSteps = 64,
                },
                new WorkflowLimits
                {
                    MaxConcurrentRuns = 1000,
                    RunBudget = 0,
                    DayBudget = 0,
                    MonthBudget = WorkflowLimits.MostBudget,
                    KeepDays = 3650,
                    KeepRuns = 1_000_000,
                }
            )
            .Should()
            .BeEmpty();
    }

    [Fact]
    public void Tidy_NothingSaid_IsNull() =>
        new StepOptions
        {
            When = " ",
            ForEach = "",
            DefaultOutput = Json("null"),
            JsonSchema = Json("null"),
            Parameters = new ParameterChanges(),
        }
            .Tidy()
            .Should()
            .Be(new StepOptions());

    private static readonly string[] All =
    [
        .. new[]
        {
            "maxParallelItems",
            "maxAttempts",
            "timeoutSeconds",
            "parameters.temperature",
            "parameters.maxTokens",
            "parameters.topP",
        }.Select(name => "steps[1]." + name),
    ];

    private static readonly string[] AllOfWorkflow =
    [
        "description",
        "chatInput",
        "timeoutSeconds",
        "maxParallelSteps",
        "limits.maxConcurrentRuns",
        "limits.runBudget",
        "limits.dayBudget",
        "limits.monthBudget",
        "limits.keepDays",
        "limits.keepRuns",
    ];

    private static void Expect(IReadOnlyList<WorkflowProblem> problems, string field, string? message)
    {
        if (message is null)
        {
            problems.Should().BeEmpty();
        }
        else
        {
            problems
                .Should()
                .ContainSingle()
                .Which.Should()
                .Match<WorkflowProblem>(p => p.Field == field && p.Message.Contains(message) && p.BlocksSaving);
        }
    }

    private static IEnumerable<string> Fields(StepOptions options) => Find(options).Select(p => p.Field);

    private static IEnumerable<string> Fields(WorkflowOptions options, WorkflowLimits limits) =>
        WorkflowProblems.Find(Content(new StepOptions(), "mood") with { Options = options, Limits = limits }, Facts).Select(p => p.Field);

    private static IReadOnlyList<WorkflowProblem> Find(StepOptions options, string mapping = "mood") =>
        WorkflowProblems.Find(Content(options, mapping), Facts);

    private static WorkflowContent Content(StepOptions options, string mapping, string key = "reply", string later = "mood") =>
        new WorkflowContent(
            "w",
            [],
            [new WorkflowInput { Name = "mood" }, new WorkflowInput { Name = "tickets" }],
            [Step("opening", "mood"), Step(key, mapping) with { Options = options }, Step("later", later)]
        ).Tidy();

    private static StepContent Step(string key, string mapping) =>
        new(null, "p", null, null, "m", new Dictionary<string, string> { ["text"] = mapping }, key);

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);
}
