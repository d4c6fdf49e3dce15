using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts;

/// <summary>The texts that go to the model, verbatim.</summary>
public sealed record PromptTexts(string? SystemMessage, string Content);

/// <summary>What the two texts of a prompt have together.</summary>
internal static class PromptText
{
    /// <summary>Free variables of both texts, in order of appearance.</summary>
    public static List<string> Variables(string content, string? systemMessage) =>
        [.. LiquidTemplate.Parse(content).Variables.Union(systemMessage is null ? [] : LiquidTemplate.Parse(systemMessage).Variables)];

    /// <summary>Variables that may stay without value.</summary>
    public static HashSet<string> Optional(IEnumerable<VariableDefinition> definitions) =>
        [.. definitions.Where(d => d.IsOptional()).Select(d => d.Name)];

    /// <summary>Renders both texts; a variable without value takes its default.</summary>
    /// <returns>The texts, or a problem that names the variable without value or the place where rendering failed.</returns>
    public static Result<PromptTexts> Render(
        string content,
        string? systemMessage,
        IReadOnlyCollection<VariableDefinition> definitions,
        IReadOnlyDictionary<string, JsonElement> values,
        CancellationToken cancellationToken
    )
    {
        var given = new Dictionary<string, JsonElement>(values, StringComparer.Ordinal);
        foreach (var definition in definitions)
        {
            if (definition.Default is { } value && !LiquidText.HasValue(given, definition.Name))
            {
                given[definition.Name] = value;
            }
        }

        var optional = Optional(definitions);
        var prompt = LiquidTemplate.Parse(content).Render(given, optional, cancellationToken);
        if (!prompt.IsOk)
        {
            return prompt.Problem;
        }

        if (string.IsNullOrEmpty(systemMessage))
        {
            return new PromptTexts(null, prompt.Value);
        }

        var system = LiquidTemplate.Parse(systemMessage).Render(given, optional, cancellationToken);
        return system.IsOk
            ? new PromptTexts(system.Value, prompt.Value)
            : system.Problem with
            {
                Message = $"System message: {system.Problem.Message}",
            };
    }
}
