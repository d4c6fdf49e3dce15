using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Liquid;

/// <summary>Short ways to render and evaluate in tests.</summary>
internal static class Liquids
{
    public static IReadOnlyDictionary<string, JsonElement> Values(string json = "{}") =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    public static Result<string> TryRender(string template, string json = "{}", params string[] optional) =>
        LiquidTemplate.Parse(template).Render(Values(json), optional, TestContext.Current.CancellationToken);

    public static string Render(string template, string json = "{}", params string[] optional)
    {
        var result = TryRender(template, json, optional);
        result.Problem.Should().BeNull();
        return result.Value;
    }

    public static Result<JsonElement> TryEvaluate(string expression, string json = "{}") =>
        LiquidExpression.Parse(expression).Evaluate(Values(json), TestContext.Current.CancellationToken);

    public static string Evaluate(string expression, string json = "{}")
    {
        var result = TryEvaluate(expression, json);
        result.Problem.Should().BeNull();
        return result.Value.GetRawText();
    }
}
