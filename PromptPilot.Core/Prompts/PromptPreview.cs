using System.Text.Json;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Prompts;

/// <summary>A preview of a draft before it is saved.</summary>
/// <param name="Variables">Derived from the texts.</param>
/// <param name="Errors">Errors that prevent saving.</param>
/// <param name="Texts">Rendered with the example values; null when it cannot be.</param>
/// <param name="RenderError">Why it cannot be rendered, although it can be saved.</param>
public sealed record PromptPreview(
    IReadOnlyList<string> Variables,
    IReadOnlyList<FieldError> Errors,
    PromptTexts? Texts,
    string? RenderError
)
{
    /// <summary>Warnings about text that can be saved but probably means something else, at their fields.</summary>
    public IReadOnlyList<FieldError> Warnings { get; init; } = [];

    /// <summary>Renders with the values given, then examples, then defaults, then stand-ins in angle quotes. Pure.</summary>
    public static PromptPreview Of(PromptDraft draft, IReadOnlyDictionary<string, JsonElement>? values, CancellationToken cancellationToken)
    {
        draft = draft.Normalized();
        var errors = PromptChecks.Check(draft);
        var source = PromptSource.Of(draft);
        var variables = source.Templates().Any(template => template.Text.Length > PromptChecks.MaxText) ? [] : source.Variables();
        if (errors.Exists(e => MessageChecks.IsText(e.Field)))
        {
            return new PromptPreview(variables, errors, null, null);
        }

        var shown = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var variable in variables)
        {
            var definition = draft.VariableDefinitions.FirstOrDefault(d => d.Name == variable);
            shown[variable] =
                values is not null && values.TryGetValue(variable, out var value)
                    ? value
                    : definition?.Example ?? definition?.Default ?? StandIn(variable, definition);
        }

        var texts = source.Render([.. draft.VariableDefinitions], shown, cancellationToken);
        return new PromptPreview(variables, errors, texts.IsOk ? texts.Value : null, texts.Problem?.Message)
        {
            Warnings =
            [
                .. source
                    .Templates()
                    .SelectMany(t =>
                        LiquidTemplate.Parse(t.Text).Warnings.Select(w => new FieldError(t.Field, w.Message, w.Line, w.Column))
                    ),
            ],
        };
    }

    private static JsonElement StandIn(string variable, VariableDefinition? definition) =>
        definition?.Type switch
        {
            VariableType.Number => JsonSerializer.SerializeToElement(1, AppJson.Options),
            VariableType.Boolean => JsonSerializer.SerializeToElement(true, AppJson.Options),
            VariableType.Json => JsonSerializer.SerializeToElement(Array.Empty<string>(), AppJson.Options),
            VariableType.Choice when definition.Choices.Count > 0 => AppJson.Text(definition.Choices[0]),
            _ => AppJson.Text($"‹{variable}›"),
        };
}
