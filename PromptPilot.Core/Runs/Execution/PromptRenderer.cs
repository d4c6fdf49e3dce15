using System.Text.Json;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Liquid;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Renders a prompt version with variable values: what the model is sent.</summary>
internal static class PromptRenderer
{
    public static Result<RenderedPrompt> Render(PromptVersion prompt, IReadOnlyDictionary<string, JsonElement> values, CancellationToken cancellationToken)
    {
        string[] optional = [.. prompt.VariableDefinitions.Where(definition => definition.IsOptional()).Select(definition => definition.Name)];
        var content = LiquidTemplate.Parse(prompt.Content).Render(values, optional, cancellationToken);
        if (!content.IsOk)
        {
            return content.Problem;
        }

        return prompt.SystemMessage is not { Length: > 0 } text
            ? new RenderedPrompt(null, content.Value)
            : LiquidTemplate.Parse(text).Render(values, optional, cancellationToken).Map(system => new RenderedPrompt(system, content.Value));
    }
}
