using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Runs.State;
using PromptPilot.Tests.Integration.Calls;
using PromptPilot.Tests.Unit.JsonSchemas;

namespace PromptPilot.Tests.Integration.JsonSchemas;

/// <summary>The verdicts on answers are those of Ajv and Hyperjump, on schemas of generators and on random ones.</summary>
[Trait("Category", "Soak")]
public class AjvTests
{
    private const int Random = 4_000;

    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public async Task Check_OfKnownAndRandomSchemas_AgreesWithAjv()
    {
        var random = new Random(7);
        var cases = SchemaCases
            .All.Where(each => !each.Schema.Contains("draft-04", StringComparison.Ordinal))
            .Select(each =>
                (Schema: each.Parsed, Values: each.Fits.Concat(each.Misfits).Select(value => JsonElement.Parse(value)).ToList())
            )
            .Concat(
                Enumerable
                    .Range(0, Random)
                    .Select(_ =>
                        (
                            Schema: JsonSerializer.SerializeToElement(Schema(random, 3)),
                            Values: Enumerable.Range(0, 8).Select(_ => JsonSerializer.SerializeToElement(Value(random, 3))).ToList()
                        )
                    )
            )
            .ToList();

        var verdicts = await NodeClient.RunAsync(
            "ajv.mjs",
            new { cases = cases.Select(each => new { schema = each.Schema, values = each.Values }) }
        );

        verdicts.Should().HaveCount(cases.Count);
        var different = new List<string>();
        for (var i = 0; i < cases.Count; i++)
        {
            var (schema, values) = cases[i];
            JsonOutput.SchemaProblem(schema).Should().BeNull(schema.GetRawText());
            var theirs = verdicts[i].GetProperty("verdicts").EnumerateArray().Select(verdict => verdict.GetBoolean()).ToList();
            different.AddRange(
                values
                    .Select((value, at) => (Value: value, Ours: JsonOutput.Read(value.GetRawText(), schema).IsOk, Theirs: theirs[at]))
                    .Where(verdict => verdict.Theirs != verdict.Ours)
                    .Select(verdict => $"{schema.GetRawText()} with {verdict.Value.GetRawText()}: {verdict.Ours} here")
            );
        }

        string.Join('\n', different.OrderBy(each => each.Length).Take(30)).Should().BeEmpty();
    }

    private static JsonObject Schema(Random random, int depth)
    {
        var schema = new JsonObject();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var (name, value) = Keyword(random, depth);
            schema.TryAdd(name, value);
        }

        return schema;
    }

    private static (string Name, JsonNode? Value) Keyword(Random random, int depth)
    {
        var inner = depth - 1;
        return random.Next(depth > 0 ? 28 : 13) switch
        {
            0 => ("type", Type(random)),
            1 => ("type", new JsonArray("integer", "null")),
            2 => ("enum", new JsonArray(Value(random, 1), Value(random, 1))),
            3 => ("const", Value(random, 1)),
            4 => ("minimum", random.Next(-1, 3)),
            5 => ("exclusiveMaximum", random.Next(0, 4)),
            6 => ("multipleOf", random.Next(1, 3)),
            7 => ("minLength", random.Next(3)),
            8 => ("pattern", random.Next(2) == 0 ? "^a" : "\\d$"),
            9 => ("maxItems", random.Next(3)),
            10 => ("uniqueItems", true),
            11 => ("required", new JsonArray(Names[random.Next(3)])),
            12 => ("maxProperties", random.Next(3)),
            13 => ("properties", new JsonObject { ["a"] = Schema(random, inner), ["b"] = Schema(random, inner) }),
            14 => ("additionalProperties", random.Next(2) == 0 ? false : Schema(random, inner)),
            15 => ("patternProperties", new JsonObject { ["^[bc]$"] = Schema(random, inner) }),
            16 => ("propertyNames", new JsonObject { ["enum"] = new JsonArray("a", "b") }),
            17 => ("items", Schema(random, inner)),
            18 => ("prefixItems", new JsonArray(Schema(random, inner), Schema(random, inner))),
            19 => ("contains", Schema(random, inner)),
            20 => ("allOf", new JsonArray(Schema(random, inner), Schema(random, inner))),
            21 => ("anyOf", new JsonArray(Schema(random, inner), Schema(random, inner))),
            22 => ("oneOf", new JsonArray(Schema(random, inner), Schema(random, inner))),
            23 => ("not", Schema(random, inner)),
            24 => ("dependentRequired", new JsonObject { ["a"] = new JsonArray("b") }),
            25 => ("dependentSchemas", new JsonObject { ["b"] = Schema(random, inner) }),
            26 => ("unevaluatedProperties", false),
            _ => ("unevaluatedItems", false),
        };
    }

    private static string Type(Random random) =>
        new[] { "object", "array", "string", "number", "integer", "boolean", "null" }[random.Next(7)];

    private static JsonNode? Value(Random random, int depth)
    {
        switch (random.Next(depth > 0 ? 8 : 6))
        {
            case 0:
                return null;
            case 1:
                return random.Next(2) == 0;
            case 2:
                return random.Next(-2, 4);
            case 3:
                return random.Next(0, 8) / 2m;
            case 4 or 5:
                return new[] { "", "a", "ab", "b1", "abc" }[random.Next(5)];
            case 6:
                return new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]);
            default:
                var made = new JsonObject();
                foreach (var name in Names.Where(_ => random.Next(2) == 0))
                {
                    made[name] = Value(random, depth - 1);
                }

                return made;
        }
    }
}
