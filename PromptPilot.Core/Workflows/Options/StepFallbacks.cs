using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>The fallbacks of a step, which replace those of its model profile: a list of ids of profiles, in order.</summary>
public static class StepFallbacks
{
    /// <summary>The same as of a profile.</summary>
    public const int Most = FallbackRules.Most;

    /// <returns>Null if the value is not set or not a list of texts: the profile's own fallbacks apply.</returns>
    public static IReadOnlyList<string>? Read(JsonElement? json) =>
        json is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
            : null;

    public static JsonElement Write(IEnumerable<string> ids) => JsonSerializer.SerializeToElement(ids, AppJson.Options);

    /// <summary>Replaces the model profiles in the value of the option: ids by names, or names by ids.</summary>
    internal static JsonElement? WithModels(JsonElement? json, Func<string, string> replace) =>
        Read(json) is { Count: > 0 } ids ? Write(ids.Select(replace)) : json;
}
