using System.Text.Json;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers.Webhooks;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Start;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>No number changes its value on its way through: each shape at each place that reads one.</summary>
public sealed class NumberTests
{
    private static readonly WorkflowInput Input = new() { Name = "n", Type = VariableType.Number };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways => [.. ByName.Keys];

    /// <summary>Each gives the text of the number behind it.</summary>
    private static Dictionary<string, Func<string, string>> ByName =>
        new()
        {
            ["template"] = text => LiquidTemplate.Parse("{{ n }}").Render(Values(text), [], default).Value,
            ["template of a list"] = text => LiquidTemplate.Parse("{{ n }}").Render(Values($"[{text}]"), [], default).Value.Trim('[', ']'),
            ["template of a path"] = text => LiquidTemplate.Parse("{{ n.a[0] }}").Render(Values($"{{\"a\":[{text}]}}"), [], default).Value,
            ["json filter"] = text => LiquidTemplate.Parse("{{ n | json }}").Render(Values(text), [], default).Value,
            ["loop"] = text => LiquidTemplate.Parse("{% for i in n %}{{ i }}{% endfor %}").Render(Values($"[{text}]"), [], default).Value,
            ["sorted list"] = text => LiquidExpression.Parse("n | sort | first").Evaluate(Values($"[{text}]"), default).Value.GetRawText(),
            ["distinct list"] = text => LiquidExpression.Parse("n | uniq | last").Evaluate(Values($"[{text}]"), default).Value.GetRawText(),
            ["mapping"] = text => LiquidExpression.Parse("n").Evaluate(Values(text), default).Value.GetRawText(),
            ["mapping of a path"] = text => LiquidExpression.Parse("n.a").Evaluate(Values($"{{\"a\":{text}}}"), default).Value.GetRawText(),
            ["default of a mapping"] = text => LiquidExpression.Parse("m | default: n").Evaluate(Values(text), default).Value.GetRawText(),
            ["answer"] = text => JsonOutput.Read(text, schema: null).Value.GetRawText(),
            ["answer with a schema"] = text => JsonOutput.Read(text, JsonElement.Parse("""{"type":"number"}""")).Value.GetRawText(),
            ["input"] = text => WorkflowInputs.Bind([Input], Values(text)).Value["n"].GetRawText(),
            ["typed text"] = text => JsonText.Read(text).Value.GetRawText(),
            ["typed number"] = text => JsonText.TryReadNumber($" {text} ", out var number) ? number.GetRawText() : "no number",
            ["webhook field"] = text =>
                WebhookMapping
                    .Map(
                        new Dictionary<string, string> { ["n"] = "trigger.payload.n" },
                        new Dictionary<string, JsonElement>(),
                        [Input],
                        JsonElement.Parse($"{{\"payload\":{{\"n\":\"{text}\"}}}}"),
                        default
                    )
                    .Value["n"]
                    .GetRawText(),
            ["YAML"] = text => ((YamlMap)YamlReader.Read($"n: {text}", 1).Value).ToJson().GetProperty("n").GetRawText(),
            ["YAML written"] = text =>
                YamlWriter
                    .Write(new System.Text.Json.Nodes.JsonObject { ["some"] = ExchangeText.Node(JsonElement.Parse(text)) })[
                        "some: ".Length..
                    ]
                    .Trim(),
            ["run form"] = text => FormOf(text),
            ["stored"] = text =>
                JsonSerializer
                    .Deserialize<Dictionary<string, JsonElement>>(
                        JsonSerializer.Serialize(Values(text), AppJson.Options),
                        AppJson.Options
                    )!["n"]
                    .GetRawText(),
        };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Number_OfEachShape_KeepsItsText(string name)
    {
        var way = ByName[name];

        foreach (var text in JsonShapes.Numbers)
        {
            way(text).Should().Be(text, name);
        }
    }

    [Theory]
    [InlineData("plus: 1")]
    [InlineData("minus: 1")]
    [InlineData("times: n")]
    [InlineData("divided_by: 3")]
    [InlineData("modulo: 3")]
    [InlineData("at_least: 5")]
    [InlineData("at_most: 5")]
    [InlineData("abs")]
    [InlineData("ceil")]
    [InlineData("floor")]
    [InlineData("round: 2")]
    public void Arithmetic_OfEachShape_IsANumberOrARefusalInWords(string filter)
    {
        foreach (var text in JsonShapes.Numbers)
        {
            var result = LiquidExpression.Parse($"n | {filter}").Evaluate(Values(text), Token);

            if (result.IsOk)
            {
                result.Value.ValueKind.Should().Be(JsonValueKind.Number, $"{text} | {filter}");
            }
            else
            {
                result.Problem.Message.Should().ContainAny("too large", "division by zero");
            }
        }
    }

    [Theory]
    [InlineData("1e400", "1e401")]
    [InlineData("5", "1e400")]
    [InlineData("-1e400", "-5")]
    [InlineData("0", "1e-400")]
    [InlineData("0.1", "0.1000000000000000055511151231257827")]
    [InlineData("12345678901234567890123", "12345678901234567890124")]
    public void Comparison_OfUnlikeNumbers_IsExact(string small, string large)
    {
        var values = new Dictionary<string, JsonElement> { ["a"] = JsonElement.Parse(small), ["b"] = JsonElement.Parse(large) };

        LiquidCondition.Parse("a < b").Evaluate(values, Token).Value.Should().BeTrue();
        LiquidCondition.Parse("a == b").Evaluate(values, Token).Value.Should().BeFalse();
        LiquidCondition.Parse("b <= a").Evaluate(values, Token).Value.Should().BeFalse();
    }

    [Theory]
    [InlineData("-0", "0")]
    [InlineData("1e400", "10E+399")]
    [InlineData("1.10", "1.1")]
    [InlineData("0.00", "0e-999")]
    public void Comparison_OfOneNumberWrittenTwice_IsEqual(string left, string right)
    {
        var values = new Dictionary<string, JsonElement>
        {
            ["a"] = JsonElement.Parse(left),
            ["b"] = JsonElement.Parse(right),
            ["x"] = JsonElement.Parse($"[{left},{right}]"),
        };

        LiquidCondition.Parse("a == b").Evaluate(values, Token).Value.Should().BeTrue();
        LiquidExpression.Parse("x | uniq | size").Evaluate(values, Token).Value.GetInt32().Should().Be(1);
    }

    [Fact]
    public void Literal_TooLargeForArithmetic_IsRefusedWhenSaved() =>
        LiquidExpression.Parse("1e400").Errors.Concat(LiquidTemplate.Parse("{{ 1e400 }}").Errors).Should().NotBeEmpty();

    private static Dictionary<string, JsonElement> Values(string json) => new() { ["n"] = JsonElement.Parse(json) };

    private static string FormOf(string text)
    {
        var form = new RunFormModel([Input]) { ["n"] = text };
        return form.Read().Value["n"].GetRawText();
    }
}
