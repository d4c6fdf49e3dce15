using System.Text.Json;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Tests.Unit.JsonSchemas;

/// <summary>Schemas of generators are accepted, applied word by word, and explained in the answer's own places.</summary>
public class SchemaCasesTests
{
    public static TheoryData<string> Names => [.. SchemaCases.All.Select(each => each.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Check_BySchemaOfAGenerator_KnowsWhatFits(string name)
    {
        var each = SchemaCases.All.Single(one => one.Name == name);

        JsonOutput.SchemaProblem(each.Parsed).Should().BeNull();
        foreach (var value in each.Fits)
        {
            JsonOutput.Read(value, each.Parsed).Problem?.Message.Should().BeNull(value);
        }

        foreach (var value in each.Misfits)
        {
            JsonOutput.Read(value, each.Parsed).IsOk.Should().BeFalse(value);
        }
    }

    [Theory]
    [InlineData("Pydantic: a model that contains itself", """{"name":"a","children":[{}]}""", "children[0].name is missing")]
    [InlineData("Pydantic: keywords beside a reference", """{"price":{"amount":1}}""", "price.currency is missing")]
    [InlineData("Pydantic: a discriminated union", """{"pet":{"kind":"cat","tricks":[]}}""", "pet.lives is missing")]
    [InlineData("Pydantic: a discriminated union", """{"pet":{"kind":"cow"}}""", "pet matches none of the allowed schemas")]
    [InlineData("zod-to-json-schema: an intersection", """{"a":"x","b":1,"c":2}""", "c is not an allowed field")]
    [InlineData("by hand: conditions", """{"country":"US"}""", "zip is missing")]
    [InlineData("by hand: what lists contain", """[1,2,1.0]""", "[2] is the same as item 0, and every item must be different")]
    public void Check_OfAMisfit_NamesThePlaceInTheAnswer(string name, string value, string words) =>
        JsonOutput
            .Read(value, SchemaCases.All.Single(one => one.Name == name).Parsed)
            .Problem!.Message.Should()
            .Be($"The answer does not match the JSON Schema: {words}.");

    [Theory]
    [InlineData("""{"odd name":"x"}""", """{"properties":{"odd name":{"type":"number"}}}""", "[“odd name”] must be a number")]
    [InlineData(
        """{"a":{"b c":[1]}}""",
        """{"properties":{"a":{"additionalProperties":{"items":{"const":2}}}}}""",
        "a[“b c”][0] must be 2"
    )]
    [InlineData("1", """{"type":["string","null"]}""", "it must be a string or null")]
    [InlineData("5", """{"exclusiveMaximum":5}""", "it must be below 5")]
    public void Check_OfOddPlaces_NamesThemReadably(string value, string schema, string words) =>
        JsonOutput.Read(value, JsonElement.Parse(schema)).Problem!.Message.Should().EndWith($": {words}.");

    [Theory]
    [InlineData("""{"properties":{"a":{"minLenght":3}}}""", "$.properties.a.minLenght is not a keyword of JSON Schema", "“minLength”")]
    [InlineData("""{"optional":true}""", "$.optional is not a keyword", "Remove it")]
    [InlineData("""{"type":"string","nullable":true}""", "$.nullable is a keyword of OpenAPI", "\"null\"]")]
    [InlineData("""{"format":"datetime"}""", "$.format “datetime” is not a known format", "date-time")]
    [InlineData("""{"then":{}}""", "$.then has no effect without “if”", "Remove it")]
    [InlineData("""{"minContains":1}""", "$.minContains has no effect without “contains”", "Remove it")]
    [InlineData("""{"additionalItems":false}""", "$.additionalItems has no effect", "Remove it")]
    [InlineData("""{"exclusiveMinimum":true}""", "$.exclusiveMinimum has no effect without “minimum”", "limit")]
    [InlineData("""{"$defs":{"a":{"$id":"x"}}}""", "$.$defs.a.$id is supported only at the top level", "#/$defs/")]
    [InlineData("""{"$dynamicRef":"#a"}""", "$.$dynamicRef is not supported", "$ref")]
    public void SchemaProblem_OfAKeywordWithoutEffect_NamesItAndWhatToDo(string schema, string what, string advice) =>
        JsonOutput.SchemaProblem(JsonElement.Parse(schema)).Should().StartWith(what).And.Contain(advice);

    [Fact]
    public void Check_BySchemaThatWasAcceptedEarlier_IsStillDone()
    {
        var schema = JsonElement.Parse("""{"type":"object","required":["a"],"minLenght":3}""");

        JsonOutput.Read("""{"a":1}""", schema).IsOk.Should().BeTrue();
        JsonOutput.Read("{}", schema).Problem!.Message.Should().Contain("a is missing");
    }
}
