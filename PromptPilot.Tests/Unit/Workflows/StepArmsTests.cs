using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Tests.Unit.Workflows;

/// <summary>How the runs of a step are shared between versions.</summary>
public class StepArmsTests
{
    private static readonly PinnedArm[] Arms = [new("1.2.0", "old", 80), new("1.3.0", "new", 20)];

    [Fact]
    public void Choose_OfManyRuns_KeepsTheWeights()
    {
        var chosen = Enumerable.Range(0, 10_000).Count(i => StepArms.Choose(Arms, "step", $"run {i}").PromptVersionId == "new");

        // Four standard deviations of a share of 20% among 10,000.
        chosen.Should().BeInRange(1840, 2160);
    }

    [Fact]
    public void Choose_OfTheSameKey_IsTheSame_AndAnotherForAnotherStep()
    {
        var keys = Enumerable.Range(0, 100).Select(i => $"customer {i}").ToList();

        keys.Select(key => StepArms.Choose(Arms, "a", key)).Should().Equal(keys.Select(key => StepArms.Choose(Arms, "a", key)));
        keys.Count(key => StepArms.Choose(Arms, "a", key) != StepArms.Choose(Arms, "b", key))
            .Should()
            .BePositive("two tests of a workflow do not always take the same side");
    }

    [Theory]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }]""", "")]
    [InlineData("""{ "version": "1.0.0", "weight": 1 }""", "")]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }, { "version": "1.1.0" }]""", "[1].weight")]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }, { "version": "1.1.0", "weight": 0 }]""", "[1].weight")]
    [InlineData("""[{ "version": "1.0.0", "weight": 1001 }, { "version": "1.1.0", "weight": "x" }]""", "[0].weight [1].weight")]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }, { "version": "1.1.0", "weight": 1.5 }]""", "[1].weight")]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }, { "version": 2, "weight": 0 }]""", "[1].version [1].weight")]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }, { "version": "1.0.0", "weight": 1 }]""", "[1].version")]
    [InlineData(
        """[{ "version": "1.0.0", "weight": 1, "model": "x" }, { "version": "1.0.0", "weight": 1, "model": "x" }]""",
        "[1].version"
    )]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }, { "version": "1.1.0", "weight": 1, "model": 3 }]""", "[1].model")]
    [InlineData("""[{ "version": "1.0.0", "weight": 1 }, { "version": "1.1.0", "weight": 1, "profile": "x" }]""", "[1]")]
    [InlineData("""["1.0.0", "1.1.0"]""", "[0] [1]")]
    public void Read_OfWhatIsNoTest_SaysWhere(string json, string places) =>
        StepArms
            .Read(JsonSerializer.Deserialize<JsonElement>(json))
            .Problem!.Errors.Select(error => error.Field)
            .Should()
            .Equal(places.Split(' '));

    [Fact]
    public void Models_OfATest_AreThoseOfItsArms_UnderOtherNames()
    {
        var json = JsonSerializer.Deserialize<JsonElement>(
            """[{ "version": "1.0.0", "weight": 3 }, { "version": "1.0.0", "weight": 1, "model": "m2" }]"""
        );

        StepArms.ModelsOf("m1", new StepOptions { Arms = json }).Should().Equal("m1", "m2");
        StepArms.ModelsOf("m1", new StepOptions()).Should().Equal("m1");
        var named = StepArms.WithModels(json, id => id == "m2" ? "Fast" : "wrong");
        named!.Value.GetRawText().Should().Be("""[{"version":"1.0.0","weight":3},{"version":"1.0.0","weight":1,"model":"Fast"}]""");
        StepArms.Text(StepArms.Read(named).Value, name => name).Should().Be("1.0.0 (75%), 1.0.0 on Fast (25%)");
        StepArms.WithModels(null, id => id).Should().BeNull();
    }

    [Fact]
    public void Read_OfATest_GivesItsVersions()
    {
        var json = JsonSerializer.Deserialize<JsonElement>(
            """[{ "version": "1.0.0", "weight": 3 }, { "version": "1.1.0", "weight": 1 }]"""
        );

        StepArms.Read(json).Value.Should().Equal(new StepArm("1.0.0", 3), new StepArm("1.1.0", 1));
        StepArms.Text(StepArms.Read(json).Value).Should().Be("1.0.0 (75%), 1.1.0 (25%)");
        StepArms.Read(null).Value.Should().BeEmpty();
    }

    [Fact]
    public void Key_WithoutTheInput_IsTheRun()
    {
        var step = new StepDefinition("s", "p", "v", null, "m", new Dictionary<string, string>(), "key", 1)
        {
            Options = new StepOptions { ArmsBy = "customer" },
        };

        Key(new() { ["customer"] = AppJson.Text("Ada") }).Should().Be("\"Ada\"");
        Key([]).Should().Be("run-1");
        Key(new() { ["customer"] = AppJson.Text("") }).Should().Be("run-1");
        new ArmChoice("run-1", new Dictionary<string, JsonElement> { ["customer"] = AppJson.Text("Ada") })
            .KeyOf(step with { Options = new StepOptions() })
            .Should()
            .Be("run-1");

        string Key(Dictionary<string, JsonElement> inputs) => new ArmChoice("run-1", inputs).KeyOf(step);
    }
}
