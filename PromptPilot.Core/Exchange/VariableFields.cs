using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Prompts;

namespace PromptPilot.Core.Exchange;

/// <summary>The fields that a variable of a prompt and an input of a workflow have in common in files.</summary>
internal static class VariableFields
{
    public static JsonObject Write(
        string name,
        string? description,
        VariableType type,
        bool required,
        IReadOnlyList<string> choices,
        JsonElement? byDefault
    )
    {
        var fields = new JsonObject { ["name"] = name };
        fields.Put("description", description);
        if (type != VariableType.Text)
        {
            fields["type"] = ExchangeText.Word(type);
        }

        if (!required)
        {
            fields["required"] = false;
        }

        fields.Put("choices", choices);
        fields.Put("default", byDefault);
        return fields;
    }
}
