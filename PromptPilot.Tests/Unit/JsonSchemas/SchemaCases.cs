using System.Text.Json;

namespace PromptPilot.Tests.Unit.JsonSchemas;

/// <summary>A schema with values that match it and values that do not.</summary>
/// <param name="Name">Who writes such schemas, or what they are about.</param>
public sealed record SchemaCase(string Name, string Schema, string[] Fits, string[] Misfits)
{
    public override string ToString() => Name;

    public JsonElement Parsed => JsonElement.Parse(Schema);
}

/// <summary>Schemas as generators and people write them. The long tests compare the verdicts with Ajv's and Hyperjump's.</summary>
internal static class SchemaCases
{
    public static IReadOnlyList<SchemaCase> All { get; } =
    [
        new(
            "Pydantic: a model that contains itself",
            """
            {"$defs":{"Node":{"properties":{"name":{"title":"Name","type":"string"},"children":{"default":[],"items":{"$ref":"#/$defs/Node"},
            "title":"Children","type":"array"}},"required":["name"],"title":"Node","type":"object"}},"$ref":"#/$defs/Node"}
            """,
            ["""{"name":"a"}""", """{"name":"a","children":[{"name":"b","children":[{"name":"c"}]}]}"""],
            ["{}", "[]", """{"name":"a","children":[{"name":"b","children":[{}]}]}""", """{"name":"a","children":[1]}"""]
        ),
        new(
            "Pydantic: keywords beside a reference",
            """
            {"$defs":{"Money":{"type":"object","properties":{"amount":{"type":"number"}},"required":["amount"]}},"type":"object",
            "properties":{"price":{"$ref":"#/$defs/Money","description":"Net","required":["currency"]}},"required":["price"]}
            """,
            ["""{"price":{"amount":1,"currency":"EUR"}}"""],
            ["""{"price":{"amount":1}}""", """{"price":{"currency":"EUR"}}""", "{}"]
        ),
        new(
            "Pydantic: optional fields, dates and literals",
            """
            {"properties":{"at":{"format":"date-time","title":"At","type":"string"},"note":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null},
            "kind":{"const":"book","title":"Kind","type":"string"},"size":{"enum":["s","m"],"type":"string"}},"required":["at","kind"],"type":"object"}
            """,
            [
                """{"at":"2030-01-31T12:00:00Z","kind":"book"}""",
                """{"at":"2030-01-31T12:00:00.5+01:00","kind":"book","note":null,"size":"s"}""",
            ],
            [
                """{"at":"tomorrow","kind":"book"}""",
                """{"at":"2030-02-31T12:00:00Z","kind":"book"}""",
                """{"at":"2030-01-31T12:00:00Z","kind":"pen"}""",
                """{"at":"2030-01-31T12:00:00Z","kind":"book","note":1}""",
                """{"at":"2030-01-31T12:00:00Z","kind":"book","size":"l"}""",
            ]
        ),
        new(
            "Pydantic: a discriminated union",
            """
            {"$defs":{"Cat":{"properties":{"kind":{"const":"cat","type":"string"},"lives":{"type":"integer"}},"required":["kind","lives"],"type":"object"},
            "Dog":{"properties":{"kind":{"const":"dog","type":"string"},"tricks":{"items":{"type":"string"},"type":"array"}},
            "required":["kind","tricks"],"type":"object"}},"properties":{"pet":{"discriminator":{"mapping":{"cat":"#/$defs/Cat","dog":"#/$defs/Dog"},
            "propertyName":"kind"},"oneOf":[{"$ref":"#/$defs/Cat"},{"$ref":"#/$defs/Dog"}]}},"required":["pet"],"type":"object"}
            """,
            ["""{"pet":{"kind":"cat","lives":9}}""", """{"pet":{"kind":"dog","tricks":["sit"]}}"""],
            ["""{"pet":{"kind":"cat","tricks":[]}}""", """{"pet":{"kind":"cow"}}""", """{"pet":{"kind":"dog","tricks":[1]}}"""]
        ),
        new(
            "Pydantic: a decimal, with a look-ahead",
            """{"type":"string","pattern":"^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$"}""",
            ["\"12.50\"", "\"-3\"", "\"+.5\"", "\"007\""],
            ["\"\"", "\"-\"", "\"1,5\"", "\"a\"", "\"1.5\\n\""]
        ),
        new(
            "Pydantic: a tuple and a dictionary",
            """
            {"properties":{"pair":{"maxItems":2,"minItems":2,"prefixItems":[{"type":"string"},{"type":"integer"}],"type":"array"},
            "counts":{"additionalProperties":{"type":"integer"},"propertyNames":{"pattern":"^[a-z]+$"},"type":"object"}},"type":"object"}
            """,
            ["""{"pair":["a",1],"counts":{"x":1}}""", "{}"],
            ["""{"pair":["a"]}""", """{"pair":[1,"a"]}""", """{"pair":["a",1,2]}""", """{"counts":{"x":"1"}}""", """{"counts":{"X":1}}"""]
        ),
        new(
            "zod-to-json-schema: a named definition",
            """
            {"$ref":"#/definitions/Answer","definitions":{"Answer":{"type":"object","properties":{"mail":{"type":"string","format":"email"},
            "tags":{"type":"array","items":{"type":"string","minLength":1},"minItems":1,"maxItems":3}},"required":["mail","tags"],
            "additionalProperties":false}},"$schema":"http://json-schema.org/draft-07/schema#"}
            """,
            ["""{"mail":"ann@example.org","tags":["a"]}"""],
            [
                """{"mail":"ann","tags":["a"]}""",
                """{"mail":"ann@example.org","tags":[]}""",
                """{"mail":"ann@example.org","tags":["a","b","c","d"]}""",
                """{"mail":"ann@example.org","tags":[""]}""",
                """{"mail":"ann@example.org","tags":["a"],"more":1}""",
            ]
        ),
        new(
            "zod-to-json-schema: a reference to another field, a record and a tuple",
            """
            {"type":"object","properties":{"a":{"type":"object","properties":{"x":{"type":"number","exclusiveMinimum":0}},"required":["x"]},
            "b":{"$ref":"#/properties/a"},"c":{"type":"object","additionalProperties":{"$ref":"#/properties/a/properties/x"}},
            "d":{"type":"array","minItems":2,"maxItems":2,"items":[{"type":"string"},{"type":"number"}]}},"required":["a"]}
            """,
            ["""{"a":{"x":1},"b":{"x":2},"c":{"k":3},"d":["s",1]}"""],
            ["""{"a":{"x":0}}""", """{"a":{"x":1},"b":{}}""", """{"a":{"x":1},"c":{"k":-1}}""", """{"a":{"x":1},"d":[1,"s"]}"""]
        ),
        new(
            "zod-to-json-schema: an intersection",
            """
            {"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"b":{"type":"number"}},
            "required":["b"]}],"unevaluatedProperties":false}
            """,
            ["""{"a":"x","b":1}"""],
            ["""{"a":"x"}""", """{"a":"x","b":1,"c":2}""", "1"]
        ),
        new(
            "zod 4: safe integers and nullable unions",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"n":{"type":"integer",
            "minimum":-9007199254740991,"maximum":9007199254740991},"u":{"anyOf":[{"type":"string","const":"x"},{"type":"null"}]}},
            "required":["n","u"],"additionalProperties":false}
            """,
            ["""{"n":1.0,"u":null}""", """{"n":-5,"u":"x"}"""],
            ["""{"n":1.5,"u":null}""", """{"n":9007199254740992,"u":null}""", """{"n":1,"u":"y"}"""]
        ),
        new(
            "OpenAI strict mode: a linked list",
            """
            {"type":"object","properties":{"list":{"$ref":"#/$defs/node"}},"$defs":{"node":{"type":"object","properties":{"value":{"type":"number"},
            "next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"additionalProperties":false,"required":["next","value"]}},
            "additionalProperties":false,"required":["list"]}
            """,
            ["""{"list":{"value":1,"next":{"value":2,"next":null}}}"""],
            ["""{"list":{"value":1}}""", """{"list":{"value":1,"next":{"value":"2","next":null}}}""", """{"list":null}"""]
        ),
        new(
            "OpenAI strict mode: the whole schema inside itself",
            """
            {"type":"object","properties":{"text":{"type":"string"},"children":{"type":"array","items":{"$ref":"#"}}},
            "required":["text","children"],"additionalProperties":false}
            """,
            ["""{"text":"a","children":[{"text":"b","children":[]}]}"""],
            ["""{"text":"a","children":[{"text":"b"}]}""", """{"text":"a","children":[{"text":"b","children":[],"x":1}]}"""]
        ),
        new(
            "by hand: conditions",
            """
            {"type":"object","properties":{"country":{"enum":["US","NL"]}},"if":{"properties":{"country":{"const":"US"}},"required":["country"]},
            "then":{"required":["zip"]},"else":{"properties":{"zip":false}}}
            """,
            ["""{"country":"US","zip":"1"}""", """{"country":"NL"}""", "{}"],
            ["""{"country":"US"}""", """{"country":"NL","zip":"1"}""", """{"country":"DE"}"""]
        ),
        new(
            "by hand: fields that need others, and patterns of names",
            """
            {"dependentRequired":{"card":["address"]},"dependentSchemas":{"vat":{"properties":{"country":{"const":"NL"}},"required":["country"]}},
            "patternProperties":{"^n_":{"type":"number"}},"additionalProperties":{"type":"string"},"maxProperties":3}
            """,
            ["""{"card":"1","address":"x"}""", """{"n_a":1,"b":"x"}""", """{"vat":"1","country":"NL"}"""],
            ["""{"card":"1"}""", """{"n_a":"1"}""", """{"b":1}""", """{"vat":"1"}""", """{"a":"","b":"","c":"","d":""}"""]
        ),
        new(
            "by hand: what lists contain",
            """{"type":"array","contains":{"type":"integer"},"minContains":2,"maxContains":3,"uniqueItems":true}""",
            ["""[1,2,"a"]""", """[1,2,3]"""],
            ["""[1,"a"]""", "[1,2,3,4]", """[1,2,1.0]""", "[]", """[1,2,{"a":1,"b":2},{"b":2,"a":1}]"""]
        ),
        new(
            "by hand: draft 4",
            """
            {"$schema":"http://json-schema.org/draft-04/schema#","id":"http://example.org/x","type":"object","properties":{"n":{"type":"number",
            "minimum":0,"exclusiveMinimum":true,"maximum":10,"exclusiveMaximum":false}},"dependencies":{"a":["b"]}}
            """,
            ["""{"n":10}""", """{"a":1,"b":2}"""],
            ["""{"n":0}""", """{"n":11}""", """{"a":1}"""]
        ),
        new(
            "by hand: excluded and combined schemas",
            """{"allOf":[{"type":"integer"},{"not":{"multipleOf":3}}],"oneOf":[{"maximum":5},{"minimum":3}]}""",
            ["1", "2", "7"],
            ["3", "4", "5", "6", "1.5"]
        ),
        new(
            "by hand: an anchor, an escaped name and an address of its own",
            """
            {"$id":"https://example.org/order","$defs":{"a/b":{"$anchor":"code","type":"string","maxLength":2}},
            "properties":{"x":{"$ref":"#code"},"y":{"$ref":"#/$defs/a~1b"},"z":{"$ref":"https://example.org/order#/$defs/a~1b"}}}
            """,
            ["""{"x":"ab","y":"ab","z":"ab"}""", "{\"x\":\"\\ud83d\\ude00\\ud83d\\ude00\"}"],
            ["""{"x":"abc"}""", """{"y":"abc"}""", """{"z":"abc"}"""]
        ),
        new(
            "by hand: items that nothing else looked at",
            """{"prefixItems":[{"type":"string"}],"contains":{"type":"boolean"},"unevaluatedItems":{"type":"number"}}""",
            ["""["a",true,1]"""],
            ["""["a",true,"b"]""", """["a",1]"""]
        ),
        new(
            "by hand: ASCII digits, and the end of the text only",
            """{"pattern":"^[\\w-]+\\d$"}""",
            ["\"a-1\"", "\"ab2\""],
            ["\"a٣\"", "\"a1\\n\"", "\"é1\"", "\"a\""]
        ),
        new(
            "by hand: formats",
            """
            {"properties":{"date":{"format":"date"},"time":{"format":"time"},"duration":{"format":"duration"},"host":{"format":"hostname"},
            "v4":{"format":"ipv4"},"v6":{"format":"ipv6"},"uri":{"format":"uri"},"uuid":{"format":"uuid"}}}
            """,
            [
                """{"date":"2028-02-29","time":"23:59:59Z","duration":"P1Y2M3DT4H5M6S","host":"a.example.org"}""",
                """{"v4":"127.0.0.1","v6":"2001:db8::1","uri":"https://example.org/a?b#c","uuid":"123e4567-e89b-12d3-a456-426614174000"}""",
                """{"date":5,"uri":"urn:isbn:1"}""",
            ],
            [
                """{"date":"2029-02-29"}""",
                """{"time":"24:00:00Z"}""",
                """{"duration":"P"}""",
                """{"duration":"PT"}""",
                """{"host":"-a.org"}""",
                """{"v4":"256.0.0.1"}""",
                """{"v4":"1.2.3"}""",
                """{"v6":"::g"}""",
                """{"uri":"example"}""",
                """{"uuid":"123"}""",
            ]
        ),
    ];
}
