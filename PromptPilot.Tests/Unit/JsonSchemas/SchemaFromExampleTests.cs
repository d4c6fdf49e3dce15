using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.JsonSchemas;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Tests.Unit.JsonSchemas;

public class SchemaFromExampleTests
{
    [Theory]
    [InlineData(
        """{"name":"a","price":1.5,"count":2,"sold":true,"day":"2030-01-31","at":"2030-01-31T12:00:00Z"}""",
        """
            {"type":"object","properties":{"name":{"type":"string"},"price":{"type":"number"},"count":{"type":"integer"},
            "sold":{"type":"boolean"},"day":{"type":"string","format":"date"},"at":{"type":"string","format":"date-time"}},
            "required":["name","price","count","sold","day","at"],"additionalProperties":false}
            """
    )]
    [InlineData(
        """[{"a":1},{"a":2.5,"b":null},{"a":3,"b":"x"}]""",
        """
            {"type":"array","items":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":["null","string"]}},"required":["a"],
            "additionalProperties":false}}
            """
    )]
    [InlineData("""[1,"a",null]""", """{"type":"array","items":{"type":["integer","string","null"]}}""")]
    [InlineData("[]", """{"type":"array","items":{"type":"string"}}""")]
    [InlineData("null", """{"type":["string","null"]}""")]
    [InlineData("""[[1],"a"]""", """{"type":"array","items":{"anyOf":[{"type":"array","items":{"type":"integer"}},{"type":"string"}]}}""")]
    public void Schema_OfAnExample_FitsIt(string example, string schema)
    {
        var made = SchemaFromExample.Of(JsonElement.Parse(example));

        JsonNode.DeepEquals(made, JsonNode.Parse(schema)).Should().BeTrue(made.ToJsonString());
        var element = JsonSerializer.SerializeToElement(made);
        JsonOutput.SchemaProblem(element).Should().BeNull();
        JsonOutput.Read(example, element).IsOk.Should().BeTrue();
    }

    [Theory]
    [InlineData(
        "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"a\": {\n      \"minLenght\": 3\n    }\n  }\n}",
        "Line 5: $.properties.a.minLenght is not"
    )]
    [InlineData("{\n  \"anyOf\": [\n    {},\n    {\"type\": \"text\"}\n  ]\n}", "Line 4: $.anyOf[1].type must be one of")]
    [InlineData("{\n  \"type\": \n}", "This is not JSON: line 3")]
    [InlineData("{\"a\":1}", "$.a is not a keyword")]
    public void Check_OfATypedSchema_NamesTheLine(string text, string words) => SchemaCheck.Of(text).Problem.Should().StartWith(words);

    [Fact]
    public void Check_OfAFormatThatIsNotChecked_SaysSo()
    {
        var check = SchemaCheck.Of("""{"properties":{"file":{"type":"string","format":"path"}}}""");

        check.Problem.Should().BeNull();
        check.Unchecked.Should().Equal("format “path” at $.properties.file.format");
    }
}
