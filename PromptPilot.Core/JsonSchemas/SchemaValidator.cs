using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>A check took more than it may: the value and the schema multiply.</summary>
internal sealed class SchemaTooCostlyException() : Exception("The schema takes too long to check.");

/// <summary>Which parts of a value a schema has looked at, for the keywords that look at the rest.</summary>
internal sealed class EvaluatedParts
{
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    public HashSet<int> Items { get; } = [];

    public void Add(EvaluatedParts other)
    {
        Names.UnionWith(other.Names);
        Items.UnionWith(other.Items);
    }
}

/// <summary>Checks one value, bounded in depth, steps and time.</summary>
internal sealed class SchemaValidator
{
    private const int MaxDepth = 400;

    /// <summary>Ends a check after the same work on a busy machine as on an idle one. The largest answer needs about a quarter.</summary>
    private const int MaxSteps = 2_000_000;

    private const int StepsBetweenLooksAtTheClock = 256;

    /// <summary>Of one schema. More help nobody.</summary>
    private const int MostErrors = 20;

    private const int MaxChoices = 200;

    /// <summary>For steps that cost more than usual.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private readonly long _start = Stopwatch.GetTimestamp();
    private int _steps;
    private int _depth;

    /// <exception cref="SchemaTooCostlyException">It takes too long.</exception>
    public static IReadOnlyList<SchemaError> Check(JsonElement value, SchemaNode schema)
    {
        var errors = new List<SchemaError>();
        new SchemaValidator().Fits(value, schema, new ValuePlace(null, null), errors, null);
        return errors;
    }

    /// <summary>True if the value matches.</summary>
    /// <param name="errors">Gets the errors; null: the first one ends the check.</param>
    /// <param name="seen">Gets the parts that the schema has looked at, if it matches; null: nobody asks.</param>
    private bool Fits(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors, EvaluatedParts? seen)
    {
        if (
            ++_steps > MaxSteps
            || _depth >= MaxDepth
            || (_steps % StepsBetweenLooksAtTheClock == 0 && Stopwatch.GetElapsedTime(_start) > MaxTime)
        )
        {
            throw new SchemaTooCostlyException();
        }

        _depth++;
        try
        {
            if (schema.IsNever)
            {
                return Wrong(errors, place, "is not allowed");
            }

            if (schema.Types is { } types && (types & TypeOf(value)) == 0)
            {
                return Wrong(errors, place, $"must be {Words(types)}", SchemaErrorKind.Type);
            }

            // Only these keywords ask what the others have looked at.
            var own = seen is null && schema.UnevaluatedItems is null && schema.UnevaluatedProperties is null ? null : new EvaluatedParts();
            var fits =
                IsChoice(value, schema, place, errors)
                && (value.ValueKind != JsonValueKind.Number || IsNumber(value, schema, place, errors))
                && (value.ValueKind != JsonValueKind.String || IsText(value, schema, place, errors));
            fits &= errors is null && !fits ? fits : AreParts(value, schema, place, errors, own);
            fits &= errors is null && !fits ? fits : IsCombined(value, schema, place, errors, own);
            fits &= errors is null && !fits ? fits : IsRest(value, schema, place, errors, own);
            if (fits && own is not null)
            {
                seen?.Add(own);
            }

            return fits;
        }
        catch (RegexMatchTimeoutException)
        {
            throw new SchemaTooCostlyException();
        }
        finally
        {
            _depth--;
        }
    }

    private static bool IsChoice(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors)
    {
        foreach (var choices in new[] { schema.Enum, schema.Const })
        {
            if (choices?.Contains(value) == false)
            {
                return Wrong(errors, place, $"must be {Words(choices)}", SchemaErrorKind.Choice);
            }
        }

        return true;
    }

    private static bool IsNumber(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors)
    {
        var number = Number(value);
        return schema switch
        {
            { Minimum: { } least } when number < least => Wrong(errors, place, $"is below the minimum of {Say(least)}"),
            { Maximum: { } most } when number > most => Wrong(errors, place, $"is above the maximum of {Say(most)}"),
            { ExclusiveMinimum: { } above } when number <= above => Wrong(errors, place, $"must be above {Say(above)}"),
            { ExclusiveMaximum: { } below } when number >= below => Wrong(errors, place, $"must be below {Say(below)}"),
            { MultipleOf: { } divisor } when !IsMultiple(number, divisor) => Wrong(errors, place, $"must be a multiple of {Say(divisor)}"),
            _ => true,
        };
    }

    private static bool IsText(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors)
    {
        if (schema is { MinLength: null, MaxLength: null, Pattern: null, Format: null })
        {
            return true;
        }

        var text = value.GetString()!;
        var length = schema is { MinLength: null, MaxLength: null } ? 0 : text.EnumerateRunes().Count();
        return schema switch
        {
            { MinLength: { } least } when length < least => Wrong(errors, place, $"must have at least {Count(least, "character")}"),
            { MaxLength: { } most } when length > most => Wrong(errors, place, $"must have at most {Count(most, "character")}"),
            { Pattern: { } pattern } when !pattern.IsMatch(text) => Wrong(errors, place, $"must match the pattern {pattern.Text}"),
            { Format: { } format } when !format.Fits(text) => Wrong(errors, place, format.Words),
            _ => true,
        };
    }

    private bool AreParts(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors, EvaluatedParts? seen) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => AreFields(value, schema, place, errors, seen),
            JsonValueKind.Array => AreItems(value, schema, place, errors, seen),
            _ => true,
        };

    private bool AreFields(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors, EvaluatedParts? seen)
    {
        var fits = true;
        foreach (var name in schema.Required ?? [])
        {
            fits &= value.TryGetProperty(name, out _) || Wrong(errors, new ValuePlace(place, name), "is missing");
        }

        foreach (var (given, needed) in schema.DependentRequired)
        {
            foreach (var name in value.TryGetProperty(given, out _) ? needed : [])
            {
                fits &= value.TryGetProperty(name, out _) || Wrong(errors, new ValuePlace(place, name), $"is required with “{given}”");
            }
        }

        var count = schema.MinProperties is null && schema.MaxProperties is null ? 0 : value.GetPropertyCount();
        fits &= !(count < schema.MinProperties) || Wrong(errors, place, $"must have at least {Count(schema.MinProperties, "field")}");
        fits &= !(count > schema.MaxProperties) || Wrong(errors, place, $"must have at most {Count(schema.MaxProperties, "field")}");
        if (schema is { Properties: null, PatternProperties: null, AdditionalProperties: null, PropertyNames: null })
        {
            return fits;
        }

        foreach (var field in value.EnumerateObject())
        {
            if (IsEnough(fits, errors))
            {
                return fits;
            }

            fits &= IsField(field, schema, new ValuePlace(place, field.Name), errors, seen);
        }

        return fits;
    }

    private bool IsField(JsonProperty field, SchemaNode schema, ValuePlace place, List<SchemaError>? errors, EvaluatedParts? seen)
    {
        var (fits, isKnown) = (true, false);
        if (schema.Properties?.TryGetValue(field.Name, out var own) == true)
        {
            isKnown = true;
            fits &= own.IsNever ? Wrong(errors, place, "is not an allowed field") : Fits(field.Value, own, place, errors, null);
        }

        foreach (var (pattern, part) in schema.PatternProperties ?? [])
        {
            if (pattern.IsMatch(field.Name))
            {
                isKnown = true;
                fits &= Fits(field.Value, part, place, errors, null);
            }
        }

        if (!isKnown && schema.AdditionalProperties is { } more)
        {
            isKnown = true;
            fits &= more.IsNever ? Wrong(errors, place, "is not an allowed field") : Fits(field.Value, more, place, errors, null);
        }

        if (schema.PropertyNames is { } names)
        {
            fits &=
                Fits(JsonSerializer.SerializeToElement(field.Name), names, place, null, null)
                || Wrong(errors, place, "does not have an allowed name");
        }

        if (isKnown)
        {
            seen?.Names.Add(field.Name);
        }

        return fits;
    }

    private bool AreItems(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors, EvaluatedParts? seen)
    {
        var count = value.GetArrayLength();
        var fits = true;
        fits &= !(count < schema.MinItems) || Wrong(errors, place, $"must have at least {Count(schema.MinItems, "item")}");
        fits &= !(count > schema.MaxItems) || Wrong(errors, place, $"must have at most {Count(schema.MaxItems, "item")}");
        if (schema is { PrefixItems: null, Items: null, Contains: null, UniqueItems: false })
        {
            return fits;
        }

        var prefix = schema.PrefixItems ?? [];
        var unique = schema.UniqueItems ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        var (index, contained) = (0, 0);
        foreach (var item in value.EnumerateArray())
        {
            if (IsEnough(fits, errors))
            {
                return fits;
            }

            var at = new ValuePlace(place, null, index);
            if ((index < prefix.Count ? prefix[index] : schema.Items) is { } own)
            {
                seen?.Items.Add(index);
                fits &=
                    own.IsNever && index >= prefix.Count
                        ? Wrong(errors, place, $"must have at most {Count(prefix.Count, "item")}")
                        : Fits(item, own, at, errors, null);
            }

            if (schema.Contains is { } wanted && Fits(item, wanted, at, null, null))
            {
                contained++;
                seen?.Items.Add(index);
            }

            if (unique is not null && !unique.TryAdd(JsonIdentity.Of(item), index))
            {
                fits &= Wrong(errors, at, $"is the same as item {unique[JsonIdentity.Of(item)]}, and every item must be different");
            }

            index++;
        }

        if (schema.Contains is not null)
        {
            fits &=
                contained >= schema.MinContains
                || Wrong(
                    errors,
                    place,
                    $"must have at least {Count(schema.MinContains, "item")} of the required kind, but has {contained}"
                );
            fits &=
                !(contained > schema.MaxContains)
                || Wrong(errors, place, $"must have at most {Count(schema.MaxContains, "item")} of one kind, but has {contained}");
        }

        return fits;
    }

    /// <summary>The keywords that apply other schemas to the same value.</summary>
    private bool IsCombined(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors, EvaluatedParts? seen)
    {
        var fits = schema.Reference is not { } target || Fits(value, target, place, errors, seen);
        foreach (var part in schema.AllOf ?? [])
        {
            if (IsEnough(fits, errors))
            {
                return fits;
            }

            fits &= Fits(value, part, place, errors, seen);
        }

        foreach (var (name, part) in schema.DependentSchemas)
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out _) && !IsEnough(fits, errors))
            {
                fits &= Fits(value, part, place, errors, seen);
            }
        }

        if (schema.AnyOf is { } any && !IsEnough(fits, errors))
        {
            fits &= IsOneOfThem(value, any, false, place, errors, seen);
        }

        if (schema.OneOf is { } one && !IsEnough(fits, errors))
        {
            fits &= IsOneOfThem(value, one, true, place, errors, seen);
        }

        if (schema.Not is { } excluded && !IsEnough(fits, errors) && Fits(value, excluded, place, null, null))
        {
            fits = Wrong(errors, place, "matches an excluded schema");
        }

        if (schema.If is { } condition && !IsEnough(fits, errors))
        {
            var next = Fits(value, condition, place, null, seen) ? schema.Then : schema.Else;
            fits &= next is null || Fits(value, next, place, errors, seen);
        }

        return fits;
    }

    private bool IsOneOfThem(
        JsonElement value,
        IReadOnlyList<SchemaNode> parts,
        bool isOnly,
        ValuePlace place,
        List<SchemaError>? errors,
        EvaluatedParts? seen
    )
    {
        var matches = 0;
        var attempts = errors is null ? null : new List<List<SchemaError>>();
        foreach (var part in parts)
        {
            var attempt = errors is null ? null : new List<SchemaError>();
            if (Fits(value, part, place, attempt, seen))
            {
                matches++;
                if (isOnly ? matches > 1 : seen is null)
                {
                    break;
                }
            }
            else if (attempt is not null)
            {
                attempts!.Add(attempt);
            }
        }

        if (isOnly && matches > 1)
        {
            return Wrong(errors, place, "must match exactly one of the allowed schemas, but matches more than one");
        }

        if (matches == 0 && errors is not null)
        {
            AddMeant(attempts!, place, errors);
        }

        return matches > 0;
    }

    /// <summary>
    /// Of several forms that do not fit, the one that was meant is the only one of the right type or, where a field says which one it
    /// is, with the right value in that field.
    /// </summary>
    private static void AddMeant(List<List<SchemaError>> attempts, ValuePlace place, List<SchemaError> errors)
    {
        var ofType = attempts
            .Where(attempt => !attempt.Exists(error => error.Place == place && error.Kind == SchemaErrorKind.Type))
            .ToList();
        var meant =
            ofType.Count > 1
                ? ofType
                    .Where(attempt => !attempt.Exists(error => error.Place.Parent == place && error.Kind == SchemaErrorKind.Choice))
                    .ToList()
                : ofType;
        if (meant.Count == 1)
        {
            errors.AddRange(meant[0]);
        }
        else
        {
            Wrong(errors, place, "matches none of the allowed schemas");
        }
    }

    private bool IsRest(JsonElement value, SchemaNode schema, ValuePlace place, List<SchemaError>? errors, EvaluatedParts? seen)
    {
        var fits = true;
        if (schema.UnevaluatedProperties is { } fields && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in value.EnumerateObject().Where(field => !seen!.Names.Contains(field.Name)).ToList())
            {
                var at = new ValuePlace(place, field.Name);
                fits &= fields.IsNever ? Wrong(errors, at, "is not an allowed field") : Fits(field.Value, fields, at, errors, null);
                seen!.Names.Add(field.Name);
            }
        }

        if (schema.UnevaluatedItems is { } items && value.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, item) in value.EnumerateArray().Index().Where(pair => !seen!.Items.Contains(pair.Index)).ToList())
            {
                var at = new ValuePlace(place, null, index);
                fits &= items.IsNever ? Wrong(errors, at, "is not an allowed item") : Fits(item, items, at, errors, null);
                seen!.Items.Add(index);
            }
        }

        return fits;
    }

    /// <summary>True if the answer is known: it does not match, and further errors are not needed.</summary>
    private static bool IsEnough(bool fits, List<SchemaError>? errors) => !fits && (errors is null || errors.Count >= MostErrors);

    private static bool Wrong(List<SchemaError>? errors, ValuePlace place, string words, SchemaErrorKind kind = SchemaErrorKind.Other)
    {
        errors?.Add(new SchemaError(place, words, kind));
        return false;
    }

    private static SchemaTypes TypeOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => SchemaTypes.Object,
            JsonValueKind.Array => SchemaTypes.Array,
            JsonValueKind.String => SchemaTypes.String,
            JsonValueKind.Number => IsMultiple(Number(value), 1) ? SchemaTypes.Number | SchemaTypes.Integer : SchemaTypes.Number,
            JsonValueKind.True or JsonValueKind.False => SchemaTypes.Boolean,
            _ => SchemaTypes.Null,
        };

    /// <summary>Larger numbers are clamped to the range of decimals, which is beyond any sensible limit too.</summary>
    private static decimal Number(JsonElement value)
    {
        if (value.TryGetDecimal(out var exact))
        {
            return exact;
        }

        var text = value.GetRawText();
        return double.TryParse(text, CultureInfo.InvariantCulture, out var near) && Math.Abs(near) < 1 ? 0
            : text[0] == '-' ? decimal.MinValue
            : decimal.MaxValue;
    }

    /// <summary>By the standard, a number without a fraction is an integer in any notation.</summary>
    private static bool IsMultiple(decimal number, decimal divisor)
    {
        try
        {
            return number % divisor == 0;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static string Say(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Count(int? count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static string Words(SchemaTypes types)
    {
        List<string> words =
        [
            .. Word(SchemaTypes.Object, "an object"),
            .. Word(SchemaTypes.Array, "a list"),
            .. Word(SchemaTypes.String, "a string"),
            .. Word(SchemaTypes.Number, "a number"),
            .. types.HasFlag(SchemaTypes.Number) ? [] : Word(SchemaTypes.Integer, "a whole number"),
            .. Word(SchemaTypes.Boolean, "true or false"),
            .. Word(SchemaTypes.Null, "null"),
        ];
        return string.Join(" or ", words);

        IEnumerable<string> Word(SchemaTypes type, string word) => types.HasFlag(type) ? [word] : [];
    }

    private static string Words(SchemaChoices choices)
    {
        var text = new StringBuilder();
        foreach (var value in choices.Values)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(value.GetRawText());
        }

        return choices.Values.Count == 1
            ? Shorten.Text(text.ToString(), MaxChoices)
            : $"one of {Shorten.Text(text.ToString(), MaxChoices)}";
    }
}
