using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>One of the arms that share the runs of a step.</summary>
/// <param name="Version">An exact version, e.g. 1.2.0.</param>
/// <param name="Weight">Its share of the runs, relative to the other weights.</param>
/// <param name="Model">Id of the ModelProfile; null: the step's own.</param>
public sealed record StepArm(string Version, int Weight, string? Model = null);

/// <summary>A published arm, with the id of its version.</summary>
public sealed record PinnedArm(string Version, string PromptVersionId, int Weight, string? Model = null);

/// <summary>
/// An A/B test of a step. A hash picks the arm of a run, so the choice needs no storage and is repeatable.
/// </summary>
public static class StepArms
{
    public const int MostArms = 10;
    public const int MostWeight = 1000;

    private const string Wanted =
        "Use a list such as [{ \"version\": \"1.2.0\", \"weight\": 80 }, { \"version\": \"1.3.0\", \"weight\": 20 }].";

    private static readonly string[] Fields = ["version", "weight", "model"];

    /// <summary>Parses the value of the option.</summary>
    /// <returns>No arms for null. Errors have their place in the list as field, e.g. <c>[1].weight</c>.</returns>
    public static Result<IReadOnlyList<StepArm>> Read(JsonElement? json)
    {
        if (json is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } list)
        {
            return Array.Empty<StepArm>();
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is < 2 or > MostArms)
        {
            return Problem.AtField(
                "",
                $"An A/B test has 2 to {MostArms} arms. {(list.ValueKind == JsonValueKind.Array ? "Add or remove some." : Wanted)}"
            );
        }

        var arms = new List<StepArm>();
        var errors = new List<FieldError>();
        foreach (var item in list.EnumerateArray())
        {
            arms.Add(ReadArm(item, $"[{arms.Count}]", errors));
        }

        for (var i = 0; i < arms.Count && errors.Count == 0; i++)
        {
            if (arms.Take(i).Any(arm => (arm.Version, arm.Model) == (arms[i].Version, arms[i].Model)))
            {
                errors.Add(new FieldError($"[{i}].version", Twice));
            }
        }

        return errors.Count == 0 ? arms : Problem.Invalid(errors[0].Message, errors);
    }

    internal const string Twice = "Another arm has this version and model profile. Choose another one.";

    /// <summary>The model profiles that runs of a step can use, its own first, its own fallbacks last.</summary>
    public static IEnumerable<string> ModelsOf(string own, StepOptions options) =>
        (Read(options.Arms) is { IsOk: true, Value: var arms } ? arms.Select(arm => arm.Model).OfType<string>().Prepend(own) : [own])
            .Concat(StepFallbacks.Read(options.Fallbacks) ?? [])
            .Distinct();

    /// <summary>Replaces the model profiles in the value of the option: ids by names, or names by ids.</summary>
    internal static JsonElement? WithModels(JsonElement? json, Func<string, string> replace) =>
        Read(json) is { IsOk: true, Value: var arms } && arms.Any(arm => arm.Model is not null)
            ? JsonSerializer.SerializeToElement(
                arms.Select(arm => arm.Model is { } model ? arm with { Model = replace(model) } : arm),
                AppJson.Options
            )
            : json;

    /// <summary>
    /// The key of a step's model profile in <c>WorkflowRun.ResolvedPrompts</c>, where the step's id is the key of its version.
    /// </summary>
    internal static string ModelKey(string stepId) => $"model of {stepId}";

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

    /// <summary>The share of a weight in words, e.g. 33.3%.</summary>
    public static string Percent(int weight, int all) => (100.0 * weight / all).ToString("0.#", CultureInfo.InvariantCulture) + "%";

    /// <summary>For summaries: 1.2.0 (80%), 1.3.0 on Fast (20%).</summary>
    /// <param name="nameOf">What a model profile is called; null: not said.</param>
    /// <param name="withWeights">Weights are written too: other weights can be the same shares.</param>
    internal static string Text(IReadOnlyList<StepArm> arms, Func<string, string>? nameOf = null, bool withWeights = false)
    {
        var all = arms.Sum(arm => arm.Weight);
        return string.Join(
            ", ",
            arms.Select(arm =>
                arm.Version
                + (arm.Model is not { } model ? "" : $" on {nameOf?.Invoke(model) ?? "another model"}")
                + $" ({(withWeights ? $"weight {arm.Weight}, " : "")}{Percent(arm.Weight, all)})"
            )
        );
    }

    private static StepArm ReadArm(JsonElement item, string place, List<FieldError> errors)
    {
        if (item.ValueKind != JsonValueKind.Object || item.EnumerateObject().Any(field => !Fields.Contains(field.Name)))
        {
            errors.Add(new FieldError(place, $"Each arm has a version, a weight and, optionally, a model. {Wanted}"));
            return new StepArm("", 0);
        }

        var version = item.TryGetProperty("version", out var exact) && exact.ValueKind == JsonValueKind.String ? exact.GetString()! : "";
        if (string.IsNullOrWhiteSpace(version))
        {
            errors.Add(new FieldError($"{place}.version", "Choose an exact version, e.g. 1.2.0."));
        }

        var share = 0;
        if (
            !item.TryGetProperty("weight", out var weight)
            || weight.ValueKind != JsonValueKind.Number
            || !weight.TryGetInt32(out share)
            || share is < 1 or > MostWeight
        )
        {
            errors.Add(new FieldError($"{place}.weight", $"A weight must be a whole number from 1 to {MostWeight:N0}."));
        }

        var hasModel = item.TryGetProperty("model", out var model) && model.ValueKind != JsonValueKind.Null;
        if (hasModel && (model.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(model.GetString())))
        {
            errors.Add(new FieldError($"{place}.model", "Give the id of a model profile, or leave it out for the step's own."));
            hasModel = false;
        }

        return new StepArm(version, share, hasModel ? model.GetString() : null);
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
