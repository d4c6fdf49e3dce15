using System.Text.Json;
using System.Text.Json.Nodes;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Web.Features.Workflows.Editing.Options;

/// <summary>An arm of an A/B test while it is edited.</summary>
/// <param name="Weight">As typed, a number or not.</param>
/// <param name="Model">Id of a model profile; empty: the step's own.</param>
public sealed record ArmRow(string Version, string Weight, string Model = "");

/// <summary>The rows of an A/B test, made from the text of the option and written back into it.</summary>
internal static class ArmRows
{
    private const string EvenWeight = "50";

    /// <returns>Null for what is no list of arms: it is edited as text, so that nothing of it is lost.</returns>
    public static IReadOnlyList<ArmRow>? Read(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        try
        {
            var rows = (JsonNode.Parse(text) as JsonArray)?.Select(Row).ToList();
            return rows is null || rows.Contains(null) ? null : rows.OfType<ArmRow>().ToList();
        }
        catch (Exception notArms) when (notArms is JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The text of the option; empty without rows.</summary>
    public static string Write(IReadOnlyList<ArmRow> rows)
    {
        if (rows.Count == 0)
        {
            return "";
        }

        var list = new JsonArray();
        foreach (var row in rows)
        {
            var arm = new JsonObject
            {
                ["version"] = row.Version,
                ["weight"] = Number(row) is { } weight ? JsonValue.Create(weight) : JsonValue.Create(row.Weight),
            };
            if (row.Model != "")
            {
                arm["model"] = row.Model;
            }

            list.Add((JsonNode)arm);
        }

        return JsonSerializer.Serialize(list, StepOptionsDraft.Readable);
    }

    /// <summary>The first two arms of a test: what the step runs, and the newest other version.</summary>
    public static IReadOnlyList<ArmRow> First(PromptDetails prompt, string? own)
    {
        var first = own ?? (prompt.Versions.Count > 0 ? prompt.Versions[0].Version : "");
        var second = prompt.Versions.FirstOrDefault(version => version.Version != first)?.Version ?? first;
        return [new ArmRow(first, EvenWeight), new ArmRow(second, EvenWeight)];
    }

    /// <summary>With one more: the newest version that no arm has yet.</summary>
    public static IReadOnlyList<ArmRow> WithAnother(IReadOnlyList<ArmRow> rows, PromptDetails prompt)
    {
        var free = prompt.Versions.FirstOrDefault(version => rows.All(row => row.Version != version.Version))?.Version;
        return [.. rows, new ArmRow(free ?? rows[^1].Version, rows[^1].Weight)];
    }

    /// <summary>What a row gets of all runs, e.g. 33.3%; null while its weight cannot be read.</summary>
    public static string? Share(IReadOnlyList<ArmRow> rows, ArmRow row) =>
        Number(row) is > 0 and var weight ? StepArms.Percent(weight, rows.Sum(one => Math.Max(0, Number(one) ?? 0))) : null;

    private static int? Number(ArmRow row) =>
        int.TryParse(row.Weight, System.Globalization.CultureInfo.InvariantCulture, out var weight) && Math.Abs(weight) <= 1_000_000
            ? weight
            : null;

    private static ArmRow? Row(JsonNode? node) =>
        node is JsonObject arm
        && arm.All(field => field.Key is "version" or "weight" or "model")
        && arm.All(field => field.Value is JsonValue or null)
            ? new ArmRow(Text(arm["version"]), Text(arm["weight"]), Text(arm["model"]))
            : null;

    private static string Text(JsonNode? value) => value?.ToString() ?? "";
}
