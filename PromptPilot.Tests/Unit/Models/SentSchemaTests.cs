using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Schemas;
using PromptPilot.Tests.Unit.JsonSchemas;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>What each provider gets for a schema: in a form that it takes, as a hint, or nothing.</summary>
public class SentSchemaTests
{
    private const string Node = """
        {"$defs":{"Node":{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/Node"}}},
        "required":["name","children"],"additionalProperties":false}},"$ref":"#/$defs/Node"}
        """;

    private const string Limits = """
        {"type":"object","properties":{"n":{"type":"integer","minimum":1,"description":"How many."},"s":{"type":"string","minLength":2,
        "format":"uri","default":"x"}},"required":["n","s"],"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}
        """;

    private const string Optional = """{"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}""";

    private const string Reference = """
        {"type":"object","properties":{"p":{"$ref":"#/$defs/c","description":"Net"},"q":{"allOf":[{"$ref":"#/$defs/c"}]},
        "r":{"oneOf":[{"type":"string"},{"type":"null"}]}},"required":["p","q","r"],"additionalProperties":false,
        "$defs":{"c":{"enum":["x","y"]}}}
        """;

    [Theory]
    [InlineData(
        Providers.OpenAI,
        Node,
        """
            {"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/Node"}}},
            "required":["name","children"],"additionalProperties":false,"$defs":{"Node":{"type":"object","properties":{"name":{"type":"string"},
            "children":{"type":"array","items":{"$ref":"#/$defs/Node"}}},"required":["name","children"],"additionalProperties":false}}}
            """
    )]
    [InlineData(
        Providers.OpenAI,
        Limits,
        """
            {"type":"object","properties":{"n":{"type":"integer","minimum":1,"description":"How many."},"s":{"type":"string",
            "description":"(minLength: 2, format: \"uri\")"}},"required":["n","s"],"additionalProperties":false}
            """
    )]
    [InlineData(
        Providers.AzureOpenAI,
        Limits,
        """
            {"type":"object","properties":{"n":{"type":"integer","description":"How many. (minimum: 1)"},"s":{"type":"string",
            "description":"(minLength: 2, format: \"uri\")"}},"required":["n","s"],"additionalProperties":false}
            """
    )]
    [InlineData(
        Providers.Anthropic,
        Limits,
        """
            {"type":"object","properties":{"n":{"type":"integer","description":"How many. (minimum: 1)"},"s":{"type":"string","format":"uri",
            "description":"(minLength: 2)"}},"required":["n","s"],"additionalProperties":false}
            """
    )]
    [InlineData(
        Providers.Gemini,
        Limits,
        """
            {"type":"object","properties":{"n":{"type":"integer","minimum":1,"description":"How many."},"s":{"type":"string","format":"uri",
            "description":"(minLength: 2)"}},"required":["n","s"],"additionalProperties":false}
            """
    )]
    [InlineData(
        Providers.OpenAI,
        Reference,
        """
            {"type":"object","properties":{"p":{"anyOf":[{"$ref":"#/$defs/c"}],"description":"Net"},"q":{"anyOf":[{"$ref":"#/$defs/c"}]},
            "r":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["p","q","r"],"additionalProperties":false,
            "$defs":{"c":{"type":"string","enum":["x","y"]}}}
            """
    )]
    [InlineData(Providers.Anthropic, Optional, Optional)]
    [InlineData(Providers.Gemini, """{"type":"array","items":{"const":true}}""", """{"type":"array","items":{"type":"boolean"}}""")]
    [InlineData(Providers.Ollama, Node, Node)]
    [InlineData(Providers.OpenAICompatible, Limits, Limits)]
    public void Schema_ThatAProviderCanKeepTo_IsSentInItsForm(string provider, string schema, string sent)
    {
        var form = Providers.Of(provider).Schemas.Of(JsonElement.Parse(schema));

        form.Misfit.Should().BeNull();
        JsonElement.DeepEquals(form.Schema!.Value, JsonElement.Parse(sent)).Should().BeTrue(form.Schema.Value.GetRawText());
    }

    [Theory]
    [InlineData(Providers.OpenAI, Optional, "$.properties.a is not required")]
    [InlineData(Providers.OpenAI, """{"type":"object","properties":{}}""", "$ allows other fields")]
    [InlineData(
        Providers.OpenAI,
        """{"type":"object","properties":{"a":{"type":"array"}},"required":["a"],"additionalProperties":false}""",
        "$.properties.a does not define its items"
    )]
    [InlineData(
        Providers.AzureOpenAI,
        """{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}""",
        "$.properties.a has no type"
    )]
    public void Schema_ThatCannotBeStrict_IsAHint(string provider, string schema, string because)
    {
        var form = Providers.Of(provider).Schemas.Of(JsonElement.Parse(schema));

        form.IsStrict.Should().BeFalse();
        form.Misfit.Should().StartWith(because);
        JsonElement.DeepEquals(form.Schema!.Value, JsonElement.Parse(schema)).Should().BeTrue();
    }

    [Theory]
    [InlineData(Providers.OpenAI, """{"type":"array","items":{"type":"string"}}""", "its top level is not an object")]
    [InlineData(Providers.Anthropic, """{"type":"object"}""", "$ allows other fields")]
    [InlineData(Providers.Anthropic, Node, "it refers to itself")]
    [InlineData(Providers.Gemini, Node, "it refers to itself")]
    public void Schema_ThatAProviderRefuses_IsNotSent(string provider, string schema, string because)
    {
        var form = Providers.Of(provider).Schemas.Of(JsonElement.Parse(schema));

        form.Schema.Should().BeNull();
        form.Misfit.Should().StartWith(because);
    }

    /// <summary>Written for a provider, a schema never forbids what it allows.</summary>
    [Fact]
    public void Schema_WrittenForAProvider_AllowsAllThatFits()
    {
        foreach (var each in SchemaCases.All)
        {
            foreach (var provider in Providers.All)
            {
                if (provider.Schemas.Of(each.Parsed).Schema is { } sent)
                {
                    PromptPilot.Core.Runs.State.JsonOutput.SchemaProblem(sent).Should().BeNull($"{each.Name}, {provider.Key}");
                    foreach (var value in each.Fits)
                    {
                        PromptPilot
                            .Core.Runs.State.JsonOutput.Read(value, sent)
                            .Problem?.Message.Should()
                            .BeNull($"{provider.Key}: {value}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(Providers.OpenAI, Node, "OpenAI enforces this schema.")]
    [InlineData(Providers.OpenAI, Limits, "OpenAI enforces this schema, except $.properties.s.minLength, $.properties.s.format. ")]
    [InlineData(Providers.OpenAI, Optional, "OpenAI gets this schema as a hint only, because $.properties.a is not required. ")]
    [InlineData(Providers.Anthropic, Node, "Anthropic does not get this schema, because it refers to itself. ")]
    [InlineData(Providers.Offline, Node, "Offline ignores schemas. ")]
    [InlineData(Providers.Ollama, Node, "Ollama gets the schema as written. ")]
    public void Form_SaysWhatTheProviderDoesWithASchema(string provider, string schema, string words) =>
        SchemaDelivery.Of(provider, JsonElement.Parse(schema)).Should().StartWith(words);
}
