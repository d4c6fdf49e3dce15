using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>Bodies made from the OpenAPI document, with null at each place in turn: a list may hold it as well as a property.</summary>
public sealed class NullBodyTests(SharedPortal portal) : IClassFixture<SharedPortal>
{
    private const int MostNested = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Body_WithNullAtAnyPlace_IsTakenOrRefused_AndNeverAnInternalError()
    {
        using var client = portal.Host.CreateAdminClient();
        var ids = await AddAsync(new RunApi(client));
        var document = JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Cancellation))!;
        var sent = 0;
        var wrong = new List<string>();
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                if (operation!["requestBody"]?["content"]?["application/json"]?["schema"] is not { } schema)
                {
                    continue;
                }

                var body = Sample(schema, document, MostNested);
                foreach (var place in Places(body).ToList())
                {
                    var changed = body!.DeepClone();
                    Set(changed, place);
                    using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), AddressOf(path, ids))
                    {
                        Content = JsonContent.Create(changed),
                    };
                    using var answer = await client.SendAsync(request, Cancellation);
                    sent++;
                    if ((int)answer.StatusCode >= 500)
                    {
                        wrong.Add($"{method} {path} with null at {string.Join('.', place)}: {(int)answer.StatusCode}");
                    }
                }
            }
        }

        wrong.Should().BeEmpty();
        sent.Should().BeGreaterThan(300);
    }

    private static async Task<Dictionary<string, string>> AddAsync(RunApi api)
    {
        var profile = (
            await api.SendAsync(
                HttpMethod.Post,
                "model-profiles",
                new
                {
                    name = "Null",
                    provider = "offline",
                    model = "extractive",
                }
            )
        ).Text("id");
        var prompt = (await api.SendAsync(HttpMethod.Post, "prompts", new { name = "Null", content = "Sum up: {{ text }}" })).Text("id");
        var set = (await api.SendAsync(HttpMethod.Post, "test-sets", new { name = "Null", promptId = prompt })).Text("id");
        return new()
        {
            ["prompts"] = prompt,
            ["model-profiles"] = profile,
            ["workflows"] = await api.AddWorkflowAsync(profile, ("facts", ["text"])),
            ["test-sets"] = set,
        };
    }

    private static string AddressOf(string path, Dictionary<string, string> ids)
    {
        var parts = path.Split('/');
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i].StartsWith('{'))
            {
                parts[i] = ids.GetValueOrDefault(parts[i - 1], "01977d1e-0000-7000-8000-000000000000");
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>A value of the schema with all its properties, and one item in each list.</summary>
    private static JsonNode? Sample(JsonNode schema, JsonNode document, int nested)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
        {
            return nested == 0 ? null : Sample(document["components"]!["schemas"]![reference.Split('/')[^1]]!, document, nested - 1);
        }

        var choice = (schema["oneOf"] ?? schema["anyOf"] ?? schema["allOf"])
            ?.AsArray()
            .FirstOrDefault(one => one!["type"]?.ToString() != "null");
        if (choice is not null)
        {
            return Sample(choice, document, nested);
        }

        if (schema["enum"] is JsonArray { Count: > 0 } values)
        {
            return values[0]?.DeepClone();
        }

        var types = schema["type"] is JsonArray several
            ? several.Select(one => one!.ToString()).ToList()
            : [schema["type"]?.ToString() ?? ""];
        return types.FirstOrDefault(type => type != "null") switch
        {
            "array" => new JsonArray(schema["items"] is { } items ? Sample(items, document, nested) : null),
            "boolean" => false,
            "integer" or "number" => 1,
            "string" => "x",
            _ when schema["additionalProperties"] is JsonObject map => new JsonObject { ["x"] = Sample(map, document, nested) },
            _ when schema["properties"] is JsonObject properties => new JsonObject(
                properties.Select(one => KeyValuePair.Create(one.Key, Sample(one.Value!, document, nested)))
            ),
            _ => new JsonObject(),
        };
    }

    private static IEnumerable<object[]> Places(JsonNode? node) =>
        node switch
        {
            JsonObject map => map.SelectMany(one => Places(one.Value).Select(rest => (object[])[one.Key, .. rest]).Prepend([one.Key])),
            JsonArray list => list.SelectMany((one, index) => Places(one).Select(rest => (object[])[index, .. rest]).Prepend([index])),
            _ => [],
        };

    private static void Set(JsonNode node, object[] place)
    {
        foreach (var part in place[..^1])
        {
            node = part is int index ? node[index]! : node[(string)part]!;
        }

        if (place[^1] is int last)
        {
            node[last] = null;
        }
        else
        {
            node[(string)place[^1]] = null;
        }
    }
}
