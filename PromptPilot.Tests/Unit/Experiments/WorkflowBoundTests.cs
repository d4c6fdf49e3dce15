using System.Text.Json;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Tests.Unit.Experiments;

public class WorkflowBoundTests
{
    private static readonly Dictionary<string, long> NoDocuments = [];

    private static readonly ModelPrices Prices = new() { InputPerMillion = 1_000_000_000, OutputPerMillion = 2_000_000_000 };

    [Fact]
    public void Bound_OfALaterStep_HasRoomForTheWholeOutputThatItReads()
    {
        var bound = new WorkflowBound([Step("a", ["text"]), Step("b", ["a", "a"])]);

        var (cost, calls) = bound.Of(Inputs("""{ "text": "12345678" }"""), NoDocuments);

        calls.Should().Be(2);
        cost.Should().Be(RunBudgets.UpperBound(Prices, 100 + 10, 50) + RunBudgets.UpperBound(Prices, 100 + (2 * 4 * 50), 50));
    }

    [Fact]
    public void Bound_OfAStepForEachItem_CountsTheItemsOfAnInput()
    {
        var bound = new WorkflowBound([Step("each", ["items"], "items"), Step("all", ["each"])]);

        var (cost, calls) = bound.Of(Inputs("""{ "items": [1, 2, 3] }"""), NoDocuments);

        calls.Should().Be(4);
        var item = RunBudgets.UpperBound(Prices, 100 + "[1, 2, 3]".Length, 50);
        cost.Should().Be((3 * item) + RunBudgets.UpperBound(Prices, 100 + (3 * 4 * 50), 50));
    }

    [Fact]
    public void Bound_OfAStepThatReadsAPicture_CountsItsTokens()
    {
        var picture = new FileReference(new string('a', 64), "a.png", "image/png", 1).ToJson();
        var bound = new WorkflowBound([
            Step("a", ["photo"]) with
            {
                PictureTokens = 5_000,
            },
            Step("b", ["a"]) with
            {
                PictureTokens = 5_000,
            },
        ]);

        var (cost, _) = bound.Of(new Dictionary<string, JsonElement> { ["photo"] = picture }, NoDocuments);

        var first = RunBudgets.UpperBound(Prices, 100 + picture.GetRawText().Length + 5_000, 50);
        cost.Should().Be(first + RunBudgets.UpperBound(Prices, 100 + (4 * 50), 50));
    }

    [Fact]
    public void Bound_OfAStepThatReadsADocument_CountsItsText()
    {
        var document = new FileReference(new string('b', 64), "a.pdf", "application/pdf", 1).ToJson();
        var bound = new WorkflowBound([Step("a", ["paper"])]);

        var (cost, _) = bound.Of(
            new Dictionary<string, JsonElement> { ["paper"] = document },
            new Dictionary<string, long> { [new string('b', 64)] = 700_000 }
        );

        cost.Should().Be(RunBudgets.UpperBound(Prices, 100 + 700_000, 50));
    }

    [Theory]
    [InlineData("text", "text", "a, b")]
    [InlineData("text", "a", "b")]
    public void FinalOutputs_AreThoseThatNoStepReads(string first, string second, string final) =>
        FinalOutput.KeysOf([Definition("a", 1, first), Definition("b", 2, second)]).Should().Equal(final.Split(", "));

    [Fact]
    public void FinalOutput_ThatIsAmbiguousOrUnknown_IsAProblem()
    {
        StepDefinition[] both = [Definition("a", 1, "text"), Definition("b", 2, "text")];

        FinalOutput.KeyOf(both, null).Problem!.Message.Should().Contain("2 final outputs: a, b");
        FinalOutput.KeyOf(both, "c").Problem!.Message.Should().Contain("no output “c”");
        FinalOutput.KeyOf(both, "a").Value.Should().Be("a");
    }

    private static StepBound Step(string key, string[] reads, string? forEach = null) => new(key, Prices, 100, 50, reads, forEach);

    private static StepDefinition Definition(string key, int order, string reads) =>
        new(key, "p", "v", null, "m", new Dictionary<string, string> { ["x"] = reads }, key, order);

    private static Dictionary<string, JsonElement> Inputs(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
}
