using System.Text.Json;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>A schema is refused when it is saved, or checks every answer; neither is ever a bug.</summary>
public class HostileSchemaTests
{
    /// <summary>Values that keywords do not expect.</summary>
    private static readonly string[] Odd =
    [
        "0",
        "-1",
        "0.5",
        "1e400",
        "-1e400",
        "1e-400",
        "99999999999",
        "123456789012345678901234567890123",
        "1.0",
        "true",
        "null",
        "\"x\"",
        "[]",
        "[1]",
        "[\"a\",\"a\"]",
        "{}",
        "{\"a\":1}",
        "\"(\"",
        "\"#\"",
        "\"#/nowhere\"",
        "\"(a+)+$\"",
    ];

    private static readonly string[] Keywords =
    [
        "multipleOf",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "uniqueItems",
        "required",
        "enum",
        "const",
        "format",
        "pattern",
        "type",
        "properties",
        "items",
        "additionalProperties",
        "additionalItems",
        "anyOf",
        "allOf",
        "oneOf",
        "not",
        "$ref",
        "$defs",
        "definitions",
        "default",
        "title",
        "$id",
    ];

    private static readonly string[] Answers =
    [
        "0",
        "-0",
        "3",
        "2.5",
        "1e400",
        "1e-400",
        "12345678901234567890123",
        "\"\"",
        "\"text\"",
        "\"2030-01-31\"",
        "true",
        "null",
        "[]",
        "[1,1e400,\"a\"]",
        "{}",
        "{\"a\":3}",
        "{\"a\":\"text\",\"b\":[{\"a\":1}]}",
    ];

    [Fact]
    public void Schema_WithAnyKeywordAndAnyValue_IsRefusedOrChecksAnyAnswer()
    {
        foreach (var keyword in Keywords)
        {
            foreach (var value in Odd)
            {
                Try($"{{\"{keyword}\":{value}}}");
                Try($"{{\"properties\":{{\"a\":{{\"{keyword}\":{value}}}}},\"items\":{{\"{keyword}\":{value}}}}}");
            }
        }
    }

    [Theory]
    [InlineData("""{"multipleOf":0}""", "$.multipleOf must be above 0")]
    [InlineData("""{"properties":{"a":{"multipleOf":-2}}}""", "$.properties.a.multipleOf must be above 0")]
    [InlineData("""{"minLength":99999999999}""", "$.minLength must be a whole number from 0 to")]
    [InlineData("""{"maxItems":-1}""", "$.maxItems must be a whole number from 0 to")]
    [InlineData("""{"minimum":1e400}""", "$.minimum must be a number between")]
    [InlineData("""{"required":"a"}""", "$.required must be a list of the names")]
    [InlineData("""{"enum":[]}""", "$.enum must be a list")]
    [InlineData("""{"uniqueItems":1}""", "$.uniqueItems must be true or false")]
    public void Schema_ThatNoAnswerCouldBeCheckedBy_IsRefusedAtItsPlace(string schema, string words) =>
        JsonOutput.SchemaProblem(JsonElement.Parse(schema)).Should().Contain(words);

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#/properties/a"}}}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#/properties/b"},"b":{"$ref":"#/properties/a"}}}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/none"}}}""")]
    [InlineData("""{"items":{"anyOf":[{"$ref":"#/items"}]}}""")]
    public void Schema_ThatRefersToItselfOrNothing_NeverBreaksACheck(string schema) => Try(schema);

    [Theory]
    [InlineData("""{"type":"number"}""", "12345678901234567890123", true)]
    [InlineData("""{"type":"number","maximum":5}""", "1e400", false)]
    [InlineData("""{"type":"number","minimum":5}""", "-1e400", false)]
    [InlineData("""{"type":"number","minimum":0}""", "1e-400", true)]
    [InlineData("""{"multipleOf":0.01}""", "1.10", true)]
    public void Check_OfUnusualNumbers_Judges(string schema, string answer, bool fits) =>
        JsonOutput.Read(answer, JsonElement.Parse(schema)).IsOk.Should().Be(fits);

    private static void Try(string schema)
    {
        var parsed = JsonElement.Parse(schema);
        if (JsonOutput.SchemaProblem(parsed) is { } problem)
        {
            problem.Should().NotBeNullOrWhiteSpace();
            return;
        }

        foreach (var answer in Answers)
        {
            var read = JsonOutput.Read(answer, parsed);
            (read.IsOk || read.Problem.Message.Length > 0).Should().BeTrue();
        }
    }
}
