using System.Text.Json.Nodes;
using PromptPilot.Web.Features.JsonSchemas;

namespace PromptPilot.Tests.Unit.JsonSchemas;

/// <summary>A schema that the form shows is written back as it was; one that it cannot show is left to JSON.</summary>
public class SchemaFormTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{},"required":[],"additionalProperties":false,"title":"Empty"}""")]
    [InlineData(
        """
            {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"name":{"type":"string","minLength":2,
            "description":"As printed."},"n":{"type":["integer","null"],"minimum":1},"price":{"type":"number"},"sold":{"type":"boolean"},
            "size":{"type":"string","enum":["s","m"]},"mood":{"type":["string","null"],"enum":["good",null]},
            "day":{"type":"string","format":"date"},"mail":{"type":"string","format":"email"},
            "items":{"type":"array","description":"All.","minItems":1,"items":{"type":"object","title":"Item","properties":{"a":{"type":"array",
            "items":{"type":"string","pattern":"^x"}}},"required":[]}}},"required":["name","items"]}
            """
    )]
    public void Schema_OfFields_IsWrittenBackAsItWas(string schema)
    {
        var form = SchemaForm.Read(schema);

        form.Should().NotBeNull();
        var written = form!.Fields.Count == 0 ? schema : form.Write();
        JsonNode.DeepEquals(JsonNode.Parse(written), JsonNode.Parse(schema)).Should().BeTrue(written);
    }

    [Theory]
    [InlineData("""{"type":"array","items":{"type":"string"}}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"object"}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{}}}""")]
    [InlineData("""{"type":"object","required":["a"]}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","enum":["x",null]}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","enum":[1,2]}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{"type":"array","items":{"type":"string"}}}}}""")]
    [InlineData("""{"type":"object","type":"object"}""")]
    [InlineData("""{"type":""")]
    [InlineData("5")]
    public void Schema_WithOtherParts_IsLeftToJson(string schema) => SchemaForm.Read(schema).Should().BeNull();

    [Fact]
    public void Form_WithoutNames_WritesTheFieldsThatHaveOne()
    {
        var form = SchemaForm.Read("")!;
        form.Write().Should().BeEmpty();
        form.Fields.AddRange([new SchemaField { Name = "a" }, new SchemaField { Name = "a" }, new SchemaField()]);

        JsonNode
            .DeepEquals(
                JsonNode.Parse(form.Write()),
                JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}""")
            )
            .Should()
            .BeTrue();
        form.Fields.Select(field => SchemaForm.NameProblem(form.Fields, field))
            .Should()
            .Equal(null, "Another field has this name. Change one of them.", "Enter a name. Until then, this field is left out.");
    }
}
