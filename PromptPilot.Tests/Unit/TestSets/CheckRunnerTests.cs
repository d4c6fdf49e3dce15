using System.Diagnostics;
using System.Text.Json;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Tests.Unit.TestSets;

public class CheckRunnerTests
{
    private static readonly Dictionary<string, JsonElement> Inputs = new() { ["name"] = JsonSerializer.SerializeToElement("Ann") };

    [Theory]
    [InlineData(CheckKind.EqualTo, "Hello", "Hello", CheckOutcome.Passed)]
    [InlineData(CheckKind.EqualTo, "Hello", " Hello \r\n", CheckOutcome.Passed)]
    [InlineData(CheckKind.EqualTo, "a\nb", "a\r\nb", CheckOutcome.Passed)]
    [InlineData(CheckKind.EqualTo, "Hello", "hello", CheckOutcome.Failed)]
    [InlineData(CheckKind.EqualTo, "Hello", "", CheckOutcome.Failed)]
    [InlineData(CheckKind.Contains, "cat", "a cat sat", CheckOutcome.Passed)]
    [InlineData(CheckKind.Contains, "a\nb", "x a\r\nb y", CheckOutcome.Passed)]
    [InlineData(CheckKind.Contains, "Cat", "a cat sat", CheckOutcome.Failed)]
    [InlineData(CheckKind.NotContains, "dog", "a cat sat", CheckOutcome.Passed)]
    [InlineData(CheckKind.NotContains, "cat", "a cat sat", CheckOutcome.Failed)]
    [InlineData(CheckKind.Matches, "^- .+$", "List:\r\n- one\r\n- two", CheckOutcome.Passed)]
    [InlineData(CheckKind.Matches, "^- .+$", "No list", CheckOutcome.Failed)]
    [InlineData(CheckKind.Matches, "(?=x)", "x", CheckOutcome.Error)]
    [InlineData(CheckKind.Condition, "output contains inputs.name", "Ann ships it", CheckOutcome.Passed)]
    [InlineData(CheckKind.Condition, "output contains inputs.name", "Bob ships it", CheckOutcome.Failed)]
    [InlineData(CheckKind.Condition, "output.score > 3", "{\"score\": 4}", CheckOutcome.Passed)]
    [InlineData(CheckKind.Condition, "output.score > 3", "{\"score\": 2}", CheckOutcome.Failed)]
    [InlineData(CheckKind.Condition, "output.score > 3", "{\"score\": \"much\"}", CheckOutcome.Error)]
    public void Run_OfATextCheck_DecidesAndSaysWhy(CheckKind kind, string value, string output, CheckOutcome expected)
    {
        var verdict = Run(new Check { Kind = kind, Value = value }, output);

        verdict.Outcome.Should().Be(expected, verdict.Reason);
        verdict.Reason.Should().NotBeEmpty();
        verdict.Name.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(CheckKind.EqualTo, "Paris", "Paris", CheckOutcome.Passed)]
    [InlineData(CheckKind.Contains, "Paris", "It is Paris.", CheckOutcome.Passed)]
    [InlineData(CheckKind.Contains, "Paris", "It is Rome.", CheckOutcome.Failed)]
    [InlineData(CheckKind.Contains, null, "It is Rome.", CheckOutcome.Skipped)]
    public void Run_WithoutAText_UsesTheExpectedValue(CheckKind kind, string? expectedValue, string output, CheckOutcome outcome) =>
        Run(new Check { Kind = kind }, output, expectedValue).Outcome.Should().Be(outcome);

    [Fact]
    public void Run_IgnoringCase_TakesBothAsTheSame()
    {
        Run(
            new Check
            {
                Kind = CheckKind.Contains,
                Value = "CAT",
                IgnoreCase = true,
            },
            "a cat"
        )
            .Outcome.Should()
            .Be(CheckOutcome.Passed);
        Run(
            new Check
            {
                Kind = CheckKind.Matches,
                Value = "CAT",
                IgnoreCase = true,
            },
            "a cat"
        )
            .Outcome.Should()
            .Be(CheckOutcome.Passed);
        Run(
            new Check
            {
                Kind = CheckKind.EqualTo,
                Value = "CAT",
                IgnoreCase = true,
            },
            "cat"
        )
            .Outcome.Should()
            .Be(CheckOutcome.Passed);
    }

    [Theory]
    [InlineData("{\"a\": 1}", CheckOutcome.Passed)]
    [InlineData("```json\n{\"a\": 1}\n```", CheckOutcome.Passed)]
    [InlineData("{\"a\": \"1\"}", CheckOutcome.Failed)]
    [InlineData("no JSON", CheckOutcome.Failed)]
    public void Run_OfASchema_ReadsJsonAsStepsDo(string output, CheckOutcome expected)
    {
        var schema = JsonSerializer.Deserialize<JsonElement>(
            """{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"""
        );

        var verdict = Run(new Check { Kind = CheckKind.Schema, Schema = schema }, output);

        verdict.Outcome.Should().Be(expected, verdict.Reason);
    }

    [Fact]
    public void Run_OfLimits_NamesEachThatIsExceeded()
    {
        var within = new Check
        {
            Kind = CheckKind.Limit,
            MaxWords = 3,
            MaxTokens = 10,
            MaxCost = 0.001m,
            MaxMilliseconds = 500,
        };

        Run(within, "one two three").Outcome.Should().Be(CheckOutcome.Passed);
        var over = Run(within with { MaxWords = 2, MaxCost = 0.000001m }, "one two three");
        over.Outcome.Should().Be(CheckOutcome.Failed);
        over.Reason.Should().Contain("3 words, the limit is 2").And.Contain("$0.0005, the limit is $0.000001").And.NotContain("tokens");
    }

    [Fact]
    public void Run_OfAPatternThatBacktracks_TakesTimeInProportionToTheText()
    {
        var clock = Stopwatch.StartNew();

        var verdict = Run(new Check { Kind = CheckKind.Matches, Value = "^(a+)+$" }, new string('a', 30_000) + "!");

        verdict.Outcome.Should().Be(CheckOutcome.Failed);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10), "a backtracking engine would not end in a lifetime");
    }

    [Fact]
    public void Run_OfADifference_ShowsWhereItBegins() =>
        Run(new Check { Kind = CheckKind.EqualTo, Value = "first\nsecond 👋" }, "first\nsecond 👍")
            .Reason.Should()
            .Contain("line 2")
            .And.Contain("👋")
            .And.Contain("👍");

    [Fact]
    public void Errors_OfChecksThatCannotWork_AreAtTheirFields()
    {
        Check[] checks =
        [
            new() { Kind = CheckKind.Matches, Value = "(" },
            new() { Kind = CheckKind.Matches, Value = "(?<=a)b" },
            new() { Kind = CheckKind.Condition, Value = "outputs == 1" },
            new() { Kind = CheckKind.Schema },
            new() { Kind = CheckKind.Limit },
            new() { Kind = CheckKind.Contains, Value = "" },
            new() { Kind = CheckKind.Contains, Value = "fine" },
        ];

        CheckRules
            .Errors(checks, "checks")
            .Select(error => error.Field)
            .Should()
            .Equal("checks[0].value", "checks[1].value", "checks[2].value", "checks[3].schema", "checks[4].maxTokens", "checks[5].value");
    }

    private static CheckVerdict Run(Check check, string output, string? expected = null) =>
        CheckRunner.Run(
            check,
            new CheckSubject(output, expected, Inputs, OutputTokens: 9, Cost: 500_000, DurationMs: 400),
            TestContext.Current.CancellationToken
        );
}
