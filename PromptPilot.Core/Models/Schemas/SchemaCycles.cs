using System.Globalization;
using System.Text.Json.Nodes;

namespace PromptPilot.Core.Models.Schemas;

/// <summary>Follows the references of a schema.</summary>
internal static class SchemaCycles
{
    /// <summary>The part that a reference names; null: there is none.</summary>
    public static JsonNode? Find(JsonNode root, string reference)
    {
        if (reference == "#")
        {
            return root;
        }

        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            return null;
        }

        JsonNode? at = root;
        foreach (var part in Uri.UnescapeDataString(reference[2..]).Split('/'))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                JsonObject parent => parent[name],
                JsonArray list when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < list.Count =>
                    list[i],
                _ => null,
            };
        }

        return at;
    }

    /// <summary>True if a part contains itself.</summary>
    public static bool Has(JsonObject root)
    {
        var state = new Dictionary<JsonNode, bool>(ReferenceEqualityComparer.Instance);
        return Visit(root);

        bool Visit(JsonNode? node)
        {
            if (node is not (JsonObject or JsonArray))
            {
                return false;
            }

            if (state.TryGetValue(node, out var isDone))
            {
                return !isDone;
            }

            state[node] = false;
            var isCyclic = node is JsonObject map ? map.Any(Leads) : node.AsArray().Any(Visit);
            state[node] = true;
            return isCyclic;
        }

        bool Leads(KeyValuePair<string, JsonNode?> keyword) =>
            keyword is { Key: "$ref", Value: JsonValue reference }
                ? Visit(Find(root, reference.ToString()))
                : keyword.Key is not ("enum" or "const" or "default" or "examples") && Visit(keyword.Value);
    }
}
