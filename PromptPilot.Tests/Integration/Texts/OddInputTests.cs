using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Texts;

/// <summary>What people and programs send is refused, at its field and in words, where it has a text that cannot be stored.</summary>
public sealed class OddInputTests(SharedPortal portal) : IClassFixture<SharedPortal>
{
    private const int Deepest = 6;

    private static readonly (string Escape, string Message)[] Faults = [("\\u0000", Unicode.Nul), ("\\ud83d", Unicode.HalfCharacter)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Body_WithATextThatCannotBeStored_IsRefusedAtEachFieldOfEachRoute()
    {
        using var client = portal.Host.CreateAdminClient();
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json", Cancellation))!;
        var fields = 0;
        var unread = new HashSet<string>();
        foreach (var (method, path, schema) in Bodies(document))
        {
            foreach (var (body, field) in Texts(document, schema, Deepest))
            {
                foreach (var (escape, message) in Faults)
                {
                    var (status, answer) = await SendAsync(
                        client,
                        method,
                        path,
                        body.Replace("$", $"a{escape}b", StringComparison.Ordinal)
                    );

                    if (status == HttpStatusCode.NotFound)
                    {
                        unread.Add($"{method} {path}");
                        continue;
                    }

                    status.Should().Be(HttpStatusCode.BadRequest, $"{method} {path} {body}: {answer}");
                    var errors = JsonElement.Parse(answer).GetProperty("errors");
                    errors.EnumerateObject().Single().Value[0].GetString().Should().Be(message, $"{method} {path} {body}: {answer}");
                    errors.EnumerateObject().Single().Name.Should().StartWith(field, $"{method} {path} {body}: {answer}");
                    fields++;
                }
            }
        }

        fields.Should().BeGreaterThan(200, "every text of every body is tried");
        unread.Should().Equal(["PUT /api/v1/workflows/x/integration-hooks/x"], "all others read the body before they look for x");
    }

    [Fact]
    public async Task Query_WithNul_IsRefusedAtEachParameterOfEachRoute()
    {
        using var client = portal.Host.CreateAdminClient();
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json", Cancellation))!;
        var tried = 0;
        foreach (var (path, operation) in Operations(document).Where(o => o.Method == "get").Select(o => (o.Path, o.Operation)))
        {
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            {
                if (parameter!["in"]!.GetValue<string>() == "query" && Is(document, parameter["schema"]!, "string"))
                {
                    var name = parameter["name"]!.GetValue<string>();
                    using var answer = await client.GetAsync(new Uri($"{path}?{name}=a%00b", UriKind.Relative), Cancellation);
                    var text = await answer.Content.ReadAsStringAsync(Cancellation);

                    answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, $"{path}, {name}: {text}");
                    tried++;
                }
            }
        }

        tried.Should().BeGreaterThan(20);
    }

    [Theory]
    [InlineData("/sign-in?returnUrl=%00")]
    [InlineData("/set-password?token=%00")]
    [InlineData("/prompts?q=a%00b")]
    [InlineData("/runs/a%00b")]
    public async Task Address_WithNul_IsRefused(string address)
    {
        using var client = portal.Host.CreateClient();
        using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("application/json", """{"a":{"b":["x\u0000y"]}}""", Unicode.Nul)]
    [InlineData("application/json", """{"a\u0000":1}""", Unicode.Nul)]
    [InlineData("application/json", """{"a":"\udc00"}""", Unicode.HalfCharacter)]
    [InlineData("text/plain", "x\0y", Unicode.Nul)]
    [InlineData("application/x-www-form-urlencoded", "a=x%00y", Unicode.Nul)]
    [InlineData("application/x-www-form-urlencoded", "a%00=x", Unicode.Nul)]
    public async Task Webhook_WithATextThatCannotBeStored_IsRefused(string type, string body, string message)
    {
        await using var bench = await RunBench.InAsync(portal);
        var workflow = await bench.AddWorkflowAsync(("one", ["text"]));
        var trigger = new { type = "webhook", webhook = new { verification = "none", inputMapping = new { text = "'x'" } } };
        var url = (await bench.Api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/triggers", trigger)).Text("url");

        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await bench.Http.PostAsync(new Uri(new Uri(url).PathAndQuery, UriKind.Relative), content, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain(message);
    }

    [Theory]
    [InlineData("p.md", "---\nname: odd\n---\na\0b\n")]
    [InlineData("p.md", "---\nname: odd\ncategory: \"a\\0b\"\n---\ntext\n")]
    [InlineData("p.md", "---\nname: odd\ncategory: \"a\\x00b\"\n---\ntext\n")]
    [InlineData("w.yaml", "name: \"a\\u0000b\"\nsteps: []\n")]
    public async Task Import_WithNul_IsRefusedInWords(string file, string text)
    {
        using var client = portal.Host.CreateAdminClient();
        using var content = new StringContent(
            text,
            Encoding.UTF8,
            file.EndsWith("md", StringComparison.Ordinal) ? "text/markdown" : "text/yaml"
        );
        using var answer = await client.PostAsync(new Uri($"/api/v1/import?fileName={file}", UriKind.Relative), content, Cancellation);

        (await answer.Content.ReadAsStringAsync(Cancellation)).Should().Contain("U+0000");
    }

    [Fact]
    public async Task Body_OfEveryOddText_IsKeptOrRefused()
    {
        await using var bench = await RunBench.InAsync(portal);
        bench.Model.Default = FakeAnswer.Of("done");
        var workflow = await bench.AddWorkflowAsync(("one", ["text"]));
        foreach (var odd in OddTexts.Take(Samples.Count(few: 12, many: 1_000)))
        {
            var json = OddTexts.Json(odd);
            var body = $$$"""{"inputs":{"text":{{{json}}}}}""";

            var (status, answer) = await SendAsync(bench.Http, HttpMethod.Post, $"/api/v1/workflows/{workflow}/runs?wait=60", body);

            if (Unicode.Fault(odd) is not null)
            {
                status.Should().Be(HttpStatusCode.BadRequest, json);
                JsonElement
                    .Parse(answer)
                    .GetProperty("errors")
                    .GetProperty("inputs.text")[0]
                    .GetString()
                    .Should()
                    .BeOneOf(Unicode.Nul, Unicode.HalfCharacter);
            }
            else
            {
                status.Should().Be(HttpStatusCode.OK, json);
                JsonElement.Parse(answer).GetProperty("inputs").Text("text").Should().Be(odd);
            }
        }
    }

    private static async Task<(HttpStatusCode Status, string Answer)> SendAsync(
        HttpClient client,
        HttpMethod method,
        string path,
        string body
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        using var answer = await client.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static IEnumerable<(string Method, string Path, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        where path.Key.StartsWith("/api/v1/", StringComparison.Ordinal)
        from operation in path.Value!.AsObject()
        select (operation.Key, System.Text.RegularExpressions.Regex.Replace(path.Key, @"\{[^}]+\}", "x"), operation.Value!);

    private static IEnumerable<(HttpMethod Method, string Path, JsonNode Schema)> Bodies(JsonNode document) =>
        Operations(document)
            .Select(o => (o.Method, o.Path, Schema: o.Operation["requestBody"]?["content"]?["application/json"]?["schema"]))
            .Where(o => o.Schema is not null)
            .Select(o => (new HttpMethod(o.Method.ToUpperInvariant()), o.Path, o.Schema!));

    /// <summary>Bodies with one text each, at <c>$</c>, and the field it is in as far as it is certain.</summary>
    private static IEnumerable<(string Body, string Field)> Texts(JsonNode document, JsonNode schema, int depth)
    {
        schema = Resolve(document, schema);
        if (depth == 0 || schema["enum"] is not null)
        {
            yield break;
        }

        if (Is(document, schema, "string") && schema["format"] is null)
        {
            yield return ("\"$\"", "");
        }
        else if (schema["items"] is { } items)
        {
            foreach (var (body, field) in Texts(document, items, depth - 1))
            {
                yield return ($"[{body}]", $"[0]{Dot(field)}");
            }
        }
        else if (schema["properties"] is JsonObject properties)
        {
            foreach (var (name, of) in properties)
            {
                foreach (var (body, field) in Texts(document, of!, depth - 1))
                {
                    yield return ($"{{\"{name}\":{body}}}", $"{name}{Dot(field)}");
                }
            }
        }
        else if (schema["additionalProperties"] is JsonObject values)
        {
            foreach (var (body, _) in Texts(document, values, depth - 1))
            {
                yield return ($"{{\"x\":{body}}}", "");
            }
        }
    }

    private static string Dot(string field) => field.Length == 0 || field[0] == '[' ? field : $".{field}";

    private static JsonNode Resolve(JsonNode document, JsonNode schema)
    {
        while ((schema["$ref"] ?? OneOf(schema)?["$ref"]) is { } reference)
        {
            schema = document["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]]!;
        }

        return OneOf(schema) ?? schema;
    }

    /// <summary>A value or null is said in two ways.</summary>
    private static JsonNode? OneOf(JsonNode schema) =>
        schema["oneOf"]?.AsArray().FirstOrDefault(one => one!["type"]?.ToJsonString() != "\"null\"");

    private static bool Is(JsonNode document, JsonNode schema, string type)
    {
        schema = Resolve(document, schema);
        return schema["enum"] is null
            && schema["format"] is null
            && (
                schema["type"] is JsonArray types
                    ? types.Any(t => t!.GetValue<string>() == type)
                    : schema["type"]?.GetValue<string>() == type
            );
    }
}
