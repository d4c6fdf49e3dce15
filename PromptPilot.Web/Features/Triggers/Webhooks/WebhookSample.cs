using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Web.Features.Triggers.Webhooks;

/// <summary>A place in what was received.</summary>
/// <param name="Expression">That reads it.</param>
/// <param name="Value">Short, to recognize it.</param>
internal sealed record SamplePath(string Expression, string Value);

/// <summary>The paths into the last received request, to pick from.</summary>
internal static class WebhookSample
{
    private const int Most = 80;
    private const int MostItems = 3;
    private const int Depth = 6;
    private const int Shown = 40;

    public static IReadOnlyList<SamplePath> PathsOf(JsonElement sample)
    {
        var paths = new List<SamplePath>();
        foreach (var part in new[] { "payload", "headers" })
        {
            if (sample.TryGetProperty(part, out var value))
            {
                Add(paths, $"trigger.{part}", value, Depth);
            }
        }

        return paths;
    }

    /// <summary>A body to send as an example: the sample's, or one with a field for each expression.</summary>
    public static string BodyOf(JsonElement? sample, IEnumerable<string> inputs)
    {
        if (
            sample is { } known
            && known.TryGetProperty("payload", out var payload)
            && payload.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            && payload.GetRawText().Length <= 2000
        )
        {
            return JsonSerializer.Serialize(payload, AppJson.Options);
        }

        return JsonSerializer.Serialize(inputs.ToDictionary(name => name, name => $"an example of {name}"), AppJson.Options);
    }

    private static void Add(List<SamplePath> paths, string path, JsonElement value, int depth)
    {
        if (paths.Count >= Most)
        {
            return;
        }

        paths.Add(new SamplePath(path, Short(value)));
        if (depth == 0)
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in value.EnumerateObject())
            {
                Add(paths, KeyNames.IsName(field.Name) ? $"{path}.{field.Name}" : $"{path}[{Quoted(field.Name)}]", field.Value, depth - 1);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var (item, index) in value.EnumerateArray().Take(MostItems).Select((item, index) => (item, index)))
            {
                Add(paths, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), item, depth - 1);
            }
        }
    }

    private static string Quoted(string name) =>
        name.Contains('\'', StringComparison.Ordinal) ? $"\"{name.Replace("\"", "", StringComparison.Ordinal)}\"" : $"'{name}'";

    private static string Short(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => $"a list of {value.GetArrayLength()}",
            JsonValueKind.String => value.GetString()!,
            _ => value.GetRawText(),
        };
        return Shorten.Text(text, Shown);
    }
}
