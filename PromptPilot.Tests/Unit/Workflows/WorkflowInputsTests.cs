using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Tests.Unit.Workflows;

public class WorkflowInputsTests
{
    private static readonly WorkflowInput Notes = new() { Name = "notes" };
    private static readonly WorkflowInput Tone = new()
    {
        Name = "tone",
        Type = VariableType.Choice,
        Choices = ["formal", "warm"],
        Default = AppJson.Text("warm"),
    };
    private static readonly WorkflowInput Limit = new()
    {
        Name = "limit",
        Type = VariableType.Number,
        Required = false,
    };
    private static readonly WorkflowInput Flag = new()
    {
        Name = "flag",
        Type = VariableType.Boolean,
        Required = false,
    };
    private static readonly WorkflowInput Data = new()
    {
        Name = "data",
        Type = VariableType.Json,
        Required = false,
    };

    [Fact]
    public void Bind_WithEverythingGiven_KeepsTheValues()
    {
        var bound = Bind("""{"notes":"Grüße 👋","tone":"formal","limit":3,"flag":true,"data":{"a":[1]}}""");

        bound.IsOk.Should().BeTrue();
        bound.Value["notes"].GetString().Should().Be("Grüße 👋");
        bound.Value["tone"].GetString().Should().Be("formal");
        bound.Value["limit"].GetInt32().Should().Be(3);
        bound.Value["flag"].GetBoolean().Should().BeTrue();
        bound.Value["data"].GetProperty("a")[0].GetInt32().Should().Be(1);
    }

    [Fact]
    public void Bind_WithOnlyTheRequired_FillsDefaultsAndNulls()
    {
        var bound = Bind("""{"notes":"x"}""");

        bound.Value["tone"].GetString().Should().Be("warm");
        bound.Value["limit"].ValueKind.Should().Be(JsonValueKind.Null);
        bound.Value.Should().HaveCount(5);
    }

    [Theory]
    [InlineData("""{}""", "inputs.notes", "required")]
    [InlineData("""{"notes":null}""", "inputs.notes", "required")]
    [InlineData("""{"notes":"  "}""", "inputs.notes", "required")]
    [InlineData("""{"notes":7}""", "inputs.notes", "must be text, not a number")]
    [InlineData("""{"notes":"x","tone":"rude"}""", "inputs.tone", "one of “formal”, “warm”, not “rude”")]
    [InlineData("""{"notes":"x","limit":"3"}""", "inputs.limit", "must be a number, not text")]
    [InlineData("""{"notes":"x","flag":"yes"}""", "inputs.flag", "true or false")]
    [InlineData("""{"notes":"x","nots":"y"}""", "inputs.nots", "Did you mean “notes”?")]
    [InlineData("""{"notes":"half \ud83d"}""", "inputs.notes", "surrogate")]
    [InlineData("""{"notes":"x","data":{"deep":["\udc00"]}}""", "inputs.data", "surrogate")]
    public void Bind_WithAWrongValue_IsRefusedAtItsField(string given, string field, string message)
    {
        var bound = Bind(given);

        bound.IsOk.Should().BeFalse();
        bound.Problem!.Kind.Should().Be(ProblemKind.Invalid);
        bound
            .Problem.Errors.Should()
            .ContainSingle()
            .Which.Should()
            .Match<FieldError>(e => e.Field == field && e.Message.Contains(message));
    }

    [Fact]
    public void Bind_WithSeveralWrongValues_NamesThemAll() =>
        Bind("""{"limit":"3","flag":1}""")
            .Problem!.Errors.Select(e => e.Field)
            .Should()
            .BeEquivalentTo("inputs.notes", "inputs.limit", "inputs.flag");

    private static Result<Dictionary<string, JsonElement>> Bind(string given) =>
        WorkflowInputs.Bind([Notes, Tone, Limit, Flag, Data], JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(given)!);
}
