using System.Text.Json.Nodes;
using Bunit;
using MudBlazor.Services;
using PromptPilot.Core.Models;
using PromptPilot.Web.Features.JsonSchemas;

namespace PromptPilot.Tests.Components.JsonSchemas;

/// <summary>A schema is made by fields, as JSON, or from an example.</summary>
public sealed class SchemaEditorTests : IAsyncLifetime
{
    private readonly BunitContext _context = new();
    private string _text = "";

    public ValueTask InitializeAsync()
    {
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.Services.AddMudServices();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    [Fact]
    public void Fields_Added_AreWrittenAsASchema()
    {
        var editor = Render("");

        editor.Find("[data-testid=schema-add]").Click();
        editor.Find("input[data-testid=schema-name]").Change("orders");
        editor.Find("[data-testid=schema-kind]").Change("Group");
        editor.FindAll("[data-testid=schema-list]")[0].Change(true);
        editor.FindAll("[data-testid=schema-add]")[0].Click();
        editor.FindAll("input[data-testid=schema-name]")[1].Change("size");
        editor.FindAll("[data-testid=schema-kind]")[1].Change("Choice");
        editor.Find("[data-testid=schema-choices]").Change("small\n large \n");
        editor.FindAll("[data-testid=schema-required]")[1].Change(false);

        Schema(
            """
            {"type":"object","properties":{"orders":{"type":"array","items":{"type":"object","properties":{"size":{"type":"string",
            "enum":["small","large"]}},"required":[],"additionalProperties":false}}},"required":["orders"],"additionalProperties":false}
            """
        );
        editor.FindAll("[data-testid=schema-remove]")[0].Click();
        _text.Should().BeEmpty();
    }

    [Fact]
    public void Json_WithAMistake_NamesTheLine_AndOpensAsAFormOnceItIsRight()
    {
        var editor = Render("");
        editor.Find("[data-testid=schema-as-json]").Click();

        editor.Find("[data-testid=schema-json]").Change("{\n  \"type\": \"objekt\"\n}");
        editor.Find(".field-error").TextContent.Should().StartWith("Line 2: $.type must be one of");
        editor.Find("[data-testid=schema-as-form]").HasAttribute("disabled").Should().BeTrue();

        editor.Find("[data-testid=schema-json]").Change("""{"type":"object","properties":{"a":{"type":"integer"}}}""");
        editor.FindAll(".field-error").Should().BeEmpty();
        editor.Find("[data-testid=schema-as-form]").Click();
        editor.Find("input[data-testid=schema-name]").GetAttribute("value").Should().Be("a");
    }

    [Fact]
    public void Example_Pasted_BecomesTheSchema()
    {
        var editor = Render("");
        editor.Find("[data-testid=schema-from-example]").Click();
        editor.Find("[data-testid=schema-example]").Change("{a: 1}");
        editor.Find("[data-testid=schema-take-example]").Click();
        editor.Find(".field-error").TextContent.Should().StartWith("This is not JSON");

        editor.Find("[data-testid=schema-example]").Change("""{"a":1,"b":["x"]}""");
        editor.Find("[data-testid=schema-take-example]").Click();

        Schema(
            """
            {"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"array","items":{"type":"string"}}},"required":["a","b"],
            "additionalProperties":false}
            """
        );
        editor.FindAll("input[data-testid=schema-name]").Should().HaveCount(2);
        editor.FindAll("[data-testid=schema-example]").Should().BeEmpty();
    }

    [Fact]
    public void Schema_ThatTheProviderDoesNotTake_SaysWhy()
    {
        var editor = Render("""{"type":"object","properties":{"a":{"type":"string","format":"path"}}}""", Providers.Anthropic);

        editor
            .FindAll("[data-testid=schema-note]")
            .Select(note => note.TextContent)
            .Should()
            .SatisfyRespectively(
                note => note.Should().StartWith("Anthropic does not get this schema, because $ allows other fields."),
                note => note.Should().Be("Not checked: format “path” at $.properties.a.format.")
            );
    }

    private void Schema(string schema) => JsonNode.DeepEquals(JsonNode.Parse(_text), JsonNode.Parse(schema)).Should().BeTrue(_text);

    private IRenderedComponent<SchemaEditor> Render(string text, params string[] providers)
    {
        _text = text;
        IRenderedComponent<SchemaEditor>? editor = null;
        editor = _context.Render<SchemaEditor>(parameters =>
            parameters
                .Add(e => e.Value, _text)
                .Add(e => e.Providers, providers)
                .Add(
                    e => e.ValueChanged,
                    changed =>
                    {
                        _text = changed;
                        editor!.Render(again => again.Add(e => e.Value, changed));
                    }
                )
        );
        return editor;
    }
}
