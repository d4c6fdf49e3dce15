using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.State;

/// <summary>The values that expressions read: inputs, <c>trigger</c>, <c>run</c>, and the outputs of finished steps by key.</summary>
internal static class RunContext
{
    public const string Item = "item";
    public const string Index = "index";

    private static readonly JsonElement NoTrigger = JsonSerializer.SerializeToElement(new { }, AppJson.Options);

    /// <summary>The context of a fold, without the outputs of skipped steps.</summary>
    public static Dictionary<string, JsonElement> Of(RunState state)
    {
        var context = new Dictionary<string, JsonElement>(state.Inputs)
        {
            ["trigger"] = state.Trigger ?? NoTrigger,
            ["run"] = JsonSerializer.SerializeToElement(
                new { id = state.Id, startedAt = state.StartedAt ?? state.QueuedAt },
                AppJson.Options
            ),
        };
        foreach (var step in state.Steps)
        {
            if (step.Value is { } value)
            {
                context[step.OutputKey] = value;
            }
        }

        return context;
    }

    /// <summary>The context of one item of a fan-out.</summary>
    public static Dictionary<string, JsonElement> OfItem(IReadOnlyDictionary<string, JsonElement> context, JsonElement item, int index) =>
        new(context) { [Item] = item, [Index] = JsonSerializer.SerializeToElement(index) };
}
