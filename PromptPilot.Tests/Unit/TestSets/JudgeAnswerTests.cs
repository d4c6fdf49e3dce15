using PromptPilot.Core.Runs;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.TestSets;

public class JudgeAnswerTests
{
    private static readonly Check Judge = new() { Kind = CheckKind.Judge, Name = "Faithful" };

    [Theory]
    [InlineData("""{"pass": true, "score": 0.9, "reason": "All facts are there."}""", CheckOutcome.Passed, "All facts are there.")]
    [InlineData("""{"pass": false, "reason": "The date is missing."}""", CheckOutcome.Failed, "The date is missing.")]
    [InlineData("""{"pass": "true", "reason": "x"}""", CheckOutcome.Error, "no verdict")]
    [InlineData("""{"reason": "x"}""", CheckOutcome.Error, "no verdict")]
    [InlineData("""{"pass": true}""", CheckOutcome.Error, "no verdict")]
    [InlineData("Yes, I pass everything.", CheckOutcome.Error, "no verdict")]
    [InlineData("""[{"pass": true, "reason": "x"}]""", CheckOutcome.Error, "no verdict")]
    public void Verdict_OfAnAnswer_PassesOnlyAClearYes(string answer, CheckOutcome outcome, string reason)
    {
        var verdict = JudgeAnswer.Verdict(Judge, [TestLogs.Playground(answer)]);

        verdict.Outcome.Should().Be(outcome);
        verdict.Name.Should().Be("Faithful");
        verdict.Reason.Should().Contain(reason);
    }

    [Fact]
    public void Verdict_WithoutAnAnswer_SaysWhy()
    {
        var failed = TestLogs.Playground("", status: ExecutionStatus.Error);
        failed.ErrorMessage = "The day's budget of “Judge” is used up.";

        JudgeAnswer
            .Verdict(Judge, [failed])
            .Should()
            .Be(new CheckVerdict("Faithful", CheckOutcome.Error, "The judge gave no verdict: The day's budget of “Judge” is used up."));
        JudgeAnswer.Verdict(Judge, []).Outcome.Should().Be(CheckOutcome.Error);
    }
}
