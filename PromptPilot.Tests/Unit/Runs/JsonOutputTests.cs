using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Runs.State;

namespace PromptPilot.Tests.Unit.Runs;

public class JsonOutputTests
{
    private const string Order = """
        {"type":"object","properties":{"items":{"type":"array","minItems":1,"items":{"type":"object","required":["name","price"],"additionalProperties":false,
        "properties":{"name":{"type":"string"},"price":{"type":"number","minimum":0},"kind":{"enum":["book","pen"]}}}},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["items"]}
        """;

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData(" \n{\"a\":1}\r\n ")]
    [InlineData("\uFEFF{\"a\":1}")]
    [InlineData("```json\n{\"a\":1}\n```")]
    [InlineData("```\r\n{\"a\":1}\r\n```\r\n")]
    [InlineData("````JSON title\n{\n\"a\":1}\n````")]
    [InlineData("```json\n{\"a\":1}```")]
    [InlineData("```json {\"a\":1} ```")]
    [InlineData("```{\"a\":1}```")]
    [InlineData("~~~json5\n{\"a\":1}\n~~~")]
    [InlineData("```json\n{\"a\":1}")]
    [InlineData("{\"a\":1}\n```")]
    [InlineData("{\"a\":1}```")]
    [InlineData("`{\"a\":1}`")]
    [InlineData("```json\n{\"a\":1}\n```\nI hope this helps!")]
    [InlineData("Here you are: ```json\n{\"a\":1}\n```\nI hope {this} helps!")]
    [InlineData("Run `x`, then:\r\n\r\n   ```JSON\r\n   {\"a\":1}\r\n   ```\r\nDone.")]
    [InlineData("```python\nprint(1)\n```\ngives\n```\n{\"a\":1}\n```")]
    [InlineData("<think>Maybe {\"a\":2}?\n```json\n{\"a\":3}\n```</think>\n\n{\"a\":1}")]
    [InlineData("<THINKING>Hm.</THINKING>```json\n{\"a\":1}\n```")]
    [InlineData("It is {\"a\":2}, no.</think>{\"a\":1}")]
    [InlineData("<|channel|>analysis<|message|>Hm.<|end|>{\"a\":1}")]
    [InlineData("[THINK]Hm.[/THINK]{\"a\":1}")]
    [InlineData("<answer>{\"a\":1}</answer>")]
    [InlineData("{\"a\":1,\"code\":\"```js\\n1\\n```\",\"tag\":\"</think>\"}")]
    [InlineData("```json\n{\"a\":1,\"code\":\"```\"}\n```")]
    public void Read_TheOneJsonThatIsThere_IsTheAnswer(string text) => Read(text).Value.GetProperty("a").GetInt32().Should().Be(1);

    [Theory]
    [InlineData("5")]
    [InlineData("\"x\"")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Read_AnyJson_IsTakenWithoutASchema(string text) => Read(text).Value.GetRawText().Should().Be(text);

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("``````", "line 1: '`' is an invalid start of a value")]
    [InlineData("Here you are: {\"a\":1}", "line 1: 'H' is an invalid start")]
    [InlineData("{\"a\":1} {\"a\":2}", "line 1")]
    [InlineData("```json\n{\"a\":1}\n```\nor\n```json\n{\"a\":2}\n```", "more than one JSON value")]
    [InlineData("{\"a\":1}\n```json\n{\"a\":2}\n```", "more than one JSON value")]
    [InlineData("Here you are:\n```json\n{\"a\":1,\n\"b\":\n```", "line 2")]
    [InlineData("<think>Maybe {\"a\":1}?", "it is empty")]
    [InlineData("Use ```{}``` or ```[]```.", "line 1")]
    [InlineData("{\"a\":1,}", "trailing comma")]
    [InlineData("{\"a\":1,\n\"b\":", "line 2")]
    [InlineData("// no\n1", "line 1")]
    [InlineData("{\"a\":1,\"a\":2}", "uplicate")]
    [InlineData("{'a':1}", "line 1")]
    [InlineData("NaN", "line 1")]
    [InlineData("{\"a\":[\"\\ud83d\"]}", "a lone surrogate")]
    [InlineData("{\"\\uDC00\":1}", "a lone surrogate")]
    public void Read_AnythingElse_IsRefusedWithItsPlace(string text, string words)
    {
        var problem = Read(text).Problem!;

        problem.Message.Should().StartWith("The answer is not valid JSON: ").And.Contain(words);
    }

    [Fact]
    public void Read_RawLoneSurrogate_IsRefused() => Read("\"\ud83d\"").Problem!.Message.Should().Contain("a lone surrogate");

    [Fact]
    public void Read_FiftyDeep_IsTheLimit()
    {
        Read(new string('[', 50) + new string(']', 50)).IsOk.Should().BeTrue();
        Read(new string('[', 51) + new string(']', 51)).Problem!.Message.Should().Contain("more than 50 levels deep");
        Read(new string('[', 500_000)).IsOk.Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"items":[{"name":"a","price":1}]}""", null)]
    [InlineData("""{"items":[{"name":"a","price":1.5,"kind":"pen"}],"next":{"items":[{"name":"b","price":0}],"next":null}}""", null)]
    [InlineData("""{"items":[{"name":"a","price":1},{"name":"b","price":"2"}]}""", "items[1].price must be a number")]
    [InlineData("""{"items":[{"name":"a","price":-1}]}""", "items[0].price is below the minimum of 0")]
    [InlineData("""{"items":[{"price":1}]}""", "items[0].name is missing")]
    [InlineData("""{"items":[{"name":"a","price":1,"vat":2}]}""", "items[0].vat is not an allowed field")]
    [InlineData("""{"items":[{"name":"a","price":1,"kind":"cat"}]}""", "items[0].kind must be one of \"book\", \"pen\"")]
    [InlineData("""{"items":[]}""", "items must have at least 1 item")]
    [InlineData("""{"items":7}""", "items must be a list")]
    [InlineData("""[]""", "it must be an object")]
    [InlineData(
        """{"items":[{"name":"a","price":1}],"next":{"items":[{"name":"a","price":true}]}}""",
        "next.items[0].price must be a number"
    )]
    [InlineData("""{"items":[{"name":"a","price":1}],"next":4}""", "next matches none of the allowed schemas")]
    public void Read_WithSchema_SaysWhereItDoesNotFit(string text, string? words)
    {
        var result = Read(text, Order);

        if (words is null)
        {
            result.IsOk.Should().BeTrue(result.Problem?.Message);
        }
        else
        {
            result.Problem!.Message.Should().Be($"The answer does not match the JSON Schema: {words}.");
        }
    }

    [Fact]
    public void Read_ManyFaults_NamesAFew()
    {
        var problem = Read("""{"items":[{},{},{},{}]}""", Order).Problem!;

        problem.Message.Should().EndWith("items[1].name is missing; and more.");
        problem.Message.Length.Should().BeLessThan(300);
    }

    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0", true)]
    [InlineData("""{"type":"integer"}""", "1e3", true)]
    [InlineData("""{"type":"integer"}""", "1.5", false)]
    [InlineData("""{"type":"integer","maximum":5}""", "6", false)]
    [InlineData("""{"type":"number"}""", "1e300", true)]
    [InlineData("""{"type":"number","maximum":5}""", "1e300", false)]
    [InlineData("""{"type":"number","exclusiveMinimum":5}""", "5", false)]
    [InlineData("""{"type":"number","exclusiveMinimum":5}""", "5.1", true)]
    [InlineData("""{"multipleOf":0.01}""", "2.01", true)]
    [InlineData("""{"multipleOf":0.01}""", "2.015", false)]
    [InlineData("""{"const":"yes"}""", "\"yes\"", true)]
    [InlineData("""{"const":"yes"}""", "\"no\"", false)]
    [InlineData("""{"const":5}""", "5", true)]
    [InlineData("""{"enum":[1,null,{"a":1}]}""", "null", true)]
    [InlineData("""{"enum":[1,null,{"a":1}]}""", "2", false)]
    [InlineData("""{"properties":{"a":true,"b":false}}""", """{"a":1}""", true)]
    [InlineData("""{"properties":{"a":true,"b":false}}""", """{"b":1}""", false)]
    [InlineData("""{"type":["string","null"]}""", "null", true)]
    [InlineData("""{"type":["string","null"]}""", "1", false)]
    [InlineData("""{"oneOf":[{"type":"string"},{"minLength":3}]}""", "\"ab\"", true)]
    [InlineData("""{"oneOf":[{"type":"string"},{"minLength":1}]}""", "\"ab\"", false)]
    [InlineData("""{"allOf":[{"minLength":1},{"maxLength":2}]}""", "\"abc\"", false)]
    [InlineData("""{"not":{"type":"string"}}""", "\"a\"", false)]
    [InlineData("""{"pattern":"^[A-Z]{2}$"}""", "\"AB\"", true)]
    [InlineData("""{"pattern":"^[A-Z]{2}$"}""", "\"ab\"", false)]
    [InlineData("""{"pattern":"^[A-Z]{2}$"}""", "5", true)]
    [InlineData("""{"properties":{"x":{"$ref":"#/$defs/code"}},"$defs":{"code":{"pattern":"^a$"}}}""", """{"x":"b"}""", false)]
    [InlineData("""{"uniqueItems":true}""", "[1,1]", false)]
    [InlineData("""{"additionalProperties":{"type":"number"}}""", """{"a":"x"}""", false)]
    [InlineData("""{"format":"date"}""", "\"2030-01-31\"", true)]
    [InlineData("""{"format":"date"}""", "\"tomorrow\"", false)]
    [InlineData("""{"format":"email"}""", "\"ann at example\"", false)]
    [InlineData("""{"format":"email"}""", "\"ann@example.org\"", true)]
    [InlineData("""{"type":"string"}""", "\"2030-01-31T12:00:00Z\"", true)]
    [InlineData("""{"type":"string","maxLength":5}""", "\"Grüße\"", true)]
    [InlineData("""{"minProperties":2}""", """{"a":1}""", false)]
    [InlineData("{}", "[1,{\"a\":null}]", true)]
    public void Read_EachKeyword_IsChecked(string schema, string text, bool fits) => Read(text, schema).IsOk.Should().Be(fits);

    [Theory]
    [InlineData("5", "must be an object")]
    [InlineData("true", "must be an object")]
    [InlineData("""{"type":"text"}""", "$.type must be one of object")]
    [InlineData("""{"items":[{}],"prefixItems":[{}]}""", "$.items is a list")]
    [InlineData("""{"patternProperties":{"(":{}}}""", "$.patternProperties.( is not a regular expression")]
    [InlineData("""{"properties":{"a":{"$ref":"https://example.org/a.json"}}}""", "$.properties.a.$ref points outside this schema")]
    [InlineData("""{"$ref":"file:///etc/passwd"}""", "points outside this schema")]
    [InlineData("""{"$ref":"other.json#/a"}""", "points outside this schema")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "$.$ref “#/$defs/missing” points to nothing")]
    [InlineData("""{"$ref":"#"}""", "refers to itself endlessly")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"null"}]}""", "refers to itself endlessly")]
    [InlineData("""{"not":{"not":{"$ref":"#"}}}""", "refers to itself endlessly")]
    [InlineData("""{"anyOf":[{"$ref":"#"}]}""", "refers to itself endlessly")]
    [InlineData("""{"pattern":"("}""", "$.pattern is not a regular expression")]
    [InlineData("""{"pattern":"b(?=a)"}""", "lookaround")]
    [InlineData("""{"pattern":"(a)\\1"}""", "lookaround")]
    [InlineData("""{"required":"name"}""", "$.required must be a list")]
    [InlineData("""{"minLength":"x"}""", "$.minLength must be a whole number")]
    [InlineData("""{"minimum":1e300}""", "$.minimum must be a number between")]
    [InlineData("""{"properties":[]}""", "$.properties must be an object of schemas")]
    [InlineData("""{"type":"object","type":"string"}""", "uplicate")]
    public void SchemaProblem_OfWhatCannotBeChecked_SaysWhat(string schema, string words)
    {
        var problem = JsonOutput.SchemaProblem(Parse(schema));

        problem.Should().NotBeNull().And.Contain(words).And.NotContain("\n");
        Read("{}", schema).Problem!.Message.Should().StartWith("The step's JSON Schema cannot be used. ");
    }

    [Theory]
    [InlineData(Order)]
    [InlineData("{}")]
    [InlineData(
        """{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://example.org/x","title":"T","properties":{"if":{"type":"string"},"$ref":{"type":"string"},"pattern":{"type":"string"}},"x-own":{"if":1},"$defs":{},"definitions":{}}"""
    )]
    public void SchemaProblem_OfAGoodSchema_IsNull(string schema) => JsonOutput.SchemaProblem(Parse(schema)).Should().BeNull();

    [Fact]
    public void SchemaProblem_Over64KilobytesOrTooDeep_IsSaid()
    {
        JsonOutput.SchemaProblem(Parse($"{{\"description\":\"{new string('x', 64 * 1024)}\"}}")).Should().Contain("larger than 64 KB");
        var deep = string.Concat(Enumerable.Repeat("{\"not\":", 100)) + "{}" + new string('}', 100);
        JsonOutput.SchemaProblem(Parse(deep)).Should().Contain("depth");
    }

    [Fact]
    public async Task Schema_ThatNamesAServer_NeverConnects()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var url = $"http://{server.LocalEndpoint}/a.json";

        JsonOutput
            .SchemaProblem(Parse("""{"properties":{"a":{"$ref":"URL"}}}""".Replace("URL", url, StringComparison.Ordinal)))
            .Should()
            .Contain("points outside");
        JsonOutput
            .SchemaProblem(
                Parse(
                    """{"$schema":"URL","$id":"URL","properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{"b":{}}}""".Replace(
                        "URL",
                        url,
                        StringComparison.Ordinal
                    )
                )
            )
            .Should()
            .BeNull();
        Read(
            "1",
            """{"enum":[{"$ref":"URL"}],"default":{"$ref":"URL"},"x-own":{"$ref":"URL"}}""".Replace("URL", url, StringComparison.Ordinal)
        )
            .IsOk.Should()
            .BeFalse();
        Read("1", """{"const":{"$ref":"URL"},"$defs":{"a":{"$id":"URL"}}}""".Replace("URL", url, StringComparison.Ordinal))
            .IsOk.Should()
            .BeFalse();

        await Task.Yield();
        server.Pending().Should().BeFalse();
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|a)*$")]
    [InlineData("^(a|aa)+$")]
    [InlineData("(.*a){25}$")]
    [InlineData("^([a-zA-Z0-9])(([\\\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}$")]
    public void Pattern_ThatWouldBacktrackForEver_EndsSoon(string pattern)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var result = Read(
            $"[\"{new string('a', 50_000)}!\"]",
            """{"items":{"pattern":"PATTERN"}}""".Replace("PATTERN", pattern, StringComparison.Ordinal)
        );

        result.IsOk.Should().BeFalse();
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData("((a{1,1000}){1,1000}){1,1000}")]
    [InlineData("(((((a{100}){100}){100}){100}){100}){100}")]
    public void Pattern_WithHugeRepetitions_EndsSoon(string pattern)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Read($"\"{new string('a', 10_000)}\"", """{"pattern":"PATTERN"}""".Replace("PATTERN", pattern, StringComparison.Ordinal))
            .IsOk.Should()
            .BeFalse();

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void Schema_ThatMultiplies_EndsSoon()
    {
        var defs = string.Join(
            ",",
            Enumerable
                .Range(0, 40)
                .Select(i => $"\"d{i}\":{{\"allOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}")
        );
        var watch = System.Diagnostics.Stopwatch.StartNew();

        JsonOutput
            .SchemaProblem(
                Parse("""{"$ref":"#/$defs/d0","$defs":{DEFS,"d40":{"type":"string"}}}""".Replace("DEFS", defs, StringComparison.Ordinal))
            )
            .Should()
            .Contain("takes too long");
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60);
        Read(nested, """{"properties":{"a":{"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}},"type":"object"}""").IsOk.Should().BeFalse();

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public void Read_OneMegabyte_IsReadInReasonableTime()
    {
        var items = string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"{{\"name\":\"number {i} of a long list\",\"price\":{i}}}"));
        var text = new StringBuilder("{\"items\":[").Append(items).Append("]}").ToString();
        text.Length.Should().BeGreaterThan(900_000);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        Read(text, Order).IsOk.Should().BeTrue();
        Read(text.Replace("\"price\":19999}", "\"price\":null}", StringComparison.Ordinal), Order)
            .Problem!.Message.Should()
            .Contain("items[19999].price must be a number");

        watch
            .Elapsed.Should()
            .BeLessThan(TimeSpan.FromSeconds(60), "a second on an idle machine; looking at all items for each would take hours");
    }

    [Fact]
    public void Read_ManyAtOnceByOneSchema_AllAnswerAlike()
    {
        var fresh = Order.Replace("\"minItems\":1", "\"minItems\":2", StringComparison.Ordinal);
        var results = new bool[200];

        Parallel.For(
            0,
            results.Length,
            i =>
                results[i] = Read(
                    i % 2 == 0 ? """{"items":[{"name":"a","price":1},{"name":"a","price":2}]}""" : """{"items":[]}""",
                    fresh
                ).IsOk
        );

        results.Should().Equal(Enumerable.Range(0, results.Length).Select(i => i % 2 == 0));
    }

    private static PromptPilot.Core.Shared.Result<JsonElement> Read(string text, string? schema = null) =>
        JsonOutput.Read(text, schema is null ? null : Parse(schema));

    private static JsonElement Parse(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 300 });
}
