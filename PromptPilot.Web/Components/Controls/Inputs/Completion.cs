using System.Text.Json;
using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Components.Controls.Inputs;

/// <summary>
/// What js/complete.js needs to complete a field in the browser: attributes of the field, and words in attributes of an enclosing element
/// (<c>data-complete-keys</c>, <c>data-complete-filters</c>, <c>data-complete-parts</c>).
/// </summary>
internal static class Completion
{
    /// <summary>Attributes of an input for an expression.</summary>
    public static IReadOnlyDictionary<string, object> Expression { get; } =
        new Dictionary<string, object>
        {
            ["data-complete"] = "expression",
            ["role"] = "combobox",
            ["aria-autocomplete"] = "list",
            ["aria-expanded"] = "false",
            ["aria-controls"] = "completions",
            ["autocomplete"] = "off",
        };

    /// <summary>Attributes of a text area for a template.</summary>
    public static IReadOnlyDictionary<string, object> Template { get; } =
        new Dictionary<string, object>
        {
            ["data-complete"] = "template",
            ["aria-autocomplete"] = "list",
            ["aria-haspopup"] = "listbox",
            ["aria-controls"] = "completions",
        };

    public static string Filters { get; } = JsonSerializer.Serialize(LiquidFilters.Names, AppJson.Options);

    /// <summary>Keys or variables, each with the source of its value.</summary>
    public static string Keys(IEnumerable<(string Name, string Source)> keys) =>
        JsonSerializer.Serialize(keys.Select(key => new[] { key.Name, key.Source }), AppJson.Options);

    /// <summary>Names of prompts a template can include.</summary>
    public static string Parts(IEnumerable<string> names) => JsonSerializer.Serialize(names, AppJson.Options);
}
