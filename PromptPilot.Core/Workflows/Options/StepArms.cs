using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>One of the prompt versions that share the runs of a step.</summary>
/// <param name="Version">An exact version, e.g. 1.2.0.</param>
/// <param name="Weight">Its share of the runs, relative to the other weights.</param>
public sealed record StepArm(string Version, int Weight);

/// <summary>A published arm, with the id of its version.</summary>
public sealed record PinnedArm(string Version, string PromptVersionId, int Weight);

/// <summary>
/// An A/B test of a step. A hash picks the version of a run, so the choice needs no storage and is repeatable.
/// </summary>
public static class StepArms
{
    public const int MostArms = 10;
    public const int MostWeight = 1000;

    private const string Wanted =
        "Use a list such as [{ \"version\": \"1.2.0\", \"weight\": 80 }, { \"version\": \"1.3.0\", \"weight\": 20 }].";

    /// <summary>Parses the value of the option.</summary>
    /// <returns>No arms for null.</returns>
    public static Result<IReadOnlyList<StepArm>> Read(JsonElement? json)
    {
        if (json is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } list)
        {
            return Array.Empty<StepArm>();
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is < 2 or > MostArms)
        {
            return Problem.Invalid($"An A/B test has 2 to {MostArms} versions. {Wanted}");
        }

        var arms = new List<StepArm>();
        foreach (var item in list.EnumerateArray())
        {
            if (
                item.ValueKind != JsonValueKind.Object
                || !item.TryGetProperty("version", out var version)
                || version.ValueKind != JsonValueKind.String
                || !item.TryGetProperty("weight", out var weight)
                || weight.ValueKind != JsonValueKind.Number
                || !weight.TryGetInt32(out var share)
                || item.EnumerateObject().Count() != 2
            )
            {
                return Problem.Invalid($"Each item of an A/B test must have exactly a version and a weight. {Wanted}");
            }

            if (share is < 1 or > MostWeight)
            {
                return Problem.Invalid($"A weight must be a whole number from 1 to {MostWeight:N0}.");
            }

            arms.Add(new StepArm(version.GetString()!, share));
        }

        return arms.DistinctBy(arm => arm.Version).Count() == arms.Count
            ? arms
            : Problem.Invalid("A version can be in an A/B test only once.");
    }

    /// <summary>The arm of a run, always the same for the same step and key.</summary>
    /// <param name="key">The run's id, or the input value that must always get the same arm.</param>
    internal static PinnedArm Choose(IReadOnlyList<PinnedArm> arms, string stepId, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{stepId}\n{key}"));
        var place = (long)(BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)arms.Sum(arm => (long)arm.Weight));
        foreach (var arm in arms)
        {
            place -= arm.Weight;
            if (place < 0)
            {
                return arm;
            }
        }

        throw new InvalidOperationException("The place is below the sum of all weights.");
    }

    /// <summary>For summaries: 1.2.0 (80 %), 1.3.0 (20 %).</summary>
    internal static string Text(IReadOnlyList<StepArm> arms)
    {
        var all = arms.Sum(arm => arm.Weight);
        return string.Join(
            ", ",
            arms.Select(arm => $"{arm.Version} ({(100.0 * arm.Weight / all).ToString("0.#", CultureInfo.InvariantCulture)} %)")
        );
    }
}

/// <summary>What decides the arm of a new run.</summary>
internal sealed record ArmChoice(string RunId, IReadOnlyDictionary<string, JsonElement> Inputs)
{
    /// <summary>Without a value for the input, the run's id decides.</summary>
    public string KeyOf(StepDefinition step) =>
        step.Options.ArmsBy is { } name
        && Inputs.TryGetValue(name, out var value)
        && value is not { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }
        && value.GetRawText() is { } text and not "\"\""
            ? text
            : RunId;
}
