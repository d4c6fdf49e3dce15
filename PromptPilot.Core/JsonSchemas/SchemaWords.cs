using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema.Validation;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>The library's errors as sentences, each with its path, e.g. <c>$.items[2].price: must be a number</c>.</summary>
internal static class SchemaWords
{
    private const int Most = 3;
    private const int MaxChoices = 200;

    public static IReadOnlyList<string> Of(ICollection<ValidationError> errors)
    {
        var all = MostSpecific(errors).SelectMany(Flat).Distinct().Take(Most + 1).ToList();
        if (all.Count > Most)
        {
            all[Most] = "and more";
        }

        return all;
    }

    private static IEnumerable<string> Flat(ValidationError error) =>
        error switch
        {
            ChildSchemaValidationError { Kind: ValidationErrorKind.NotAnyOf } child => OfAlternatives(error, [.. child.Errors.Values]),
            ChildSchemaValidationError { Kind: ValidationErrorKind.NotOneOf } child => OfAlternatives(error, [.. child.Errors.Values]),
            MultiTypeValidationError types => OfAlternatives(error, [.. types.Errors.Values]),
            ChildSchemaValidationError child => child.Errors.Values.SelectMany(MostSpecific).SelectMany(Flat),
            _ => [$"{Place(error)}: {Words(error)}"],
        };

    /// <summary>Of several forms that do not fit, the one that was meant is the only one of the right type.</summary>
    private static IEnumerable<string> OfAlternatives(ValidationError error, IReadOnlyList<ICollection<ValidationError>> alternatives)
    {
        var meant = alternatives
            .Where(errors => errors.Count > 0 && !errors.Any(inner => ReferenceEquals(inner.Token, error.Token) && IsOfType(inner)))
            .ToList();
        return meant.Count == 1 && alternatives.All(errors => errors.Count > 0)
            ? MostSpecific(meant[0]).SelectMany(Flat)
            : [$"{Place(error)}: {Words(error)}"];
    }

    /// <summary>A value of the wrong type is only that; what else it lacks follows from it.</summary>
    private static IEnumerable<ValidationError> MostSpecific(ICollection<ValidationError> errors) =>
        errors.Where(error => IsOfType(error) || !errors.Any(other => IsOfType(other) && ReferenceEquals(other.Token, error.Token)));

    private static bool IsOfType(ValidationError error) =>
        error.Kind
            is ValidationErrorKind.StringExpected
                or ValidationErrorKind.NumberExpected
                or ValidationErrorKind.IntegerExpected
                or ValidationErrorKind.BooleanExpected
                or ValidationErrorKind.ObjectExpected
                or ValidationErrorKind.ArrayExpected
                or ValidationErrorKind.NullExpected
                or ValidationErrorKind.NoTypeValidates;

    private static string Place(ValidationError error)
    {
        var token =
            error.Token is JProperty property && error.Kind == ValidationErrorKind.NoAdditionalPropertiesAllowed
                ? property.Parent
                : error.Token;
        var path = token?.Path ?? "";
        return path.Length == 0 || path[0] == '[' ? "$" + path : "$." + path;
    }

    private static string Words(ValidationError error)
    {
        var schema = error.Schema.ActualSchema;
        return error.Kind switch
        {
            ValidationErrorKind.StringExpected => "must be a string",
            ValidationErrorKind.NumberExpected => "must be a number",
            ValidationErrorKind.IntegerExpected => "must be a whole number",
            ValidationErrorKind.BooleanExpected => "must be true or false",
            ValidationErrorKind.ObjectExpected => "must be an object",
            ValidationErrorKind.ArrayExpected => "must be a list",
            ValidationErrorKind.NullExpected => "must be null",
            ValidationErrorKind.PropertyRequired => $"“{error.Property}” is missing",
            ValidationErrorKind.NoAdditionalPropertiesAllowed => $"“{error.Property}” is not an allowed field",
            ValidationErrorKind.PatternMismatch => $"must match the pattern {schema.ExtensionData?[SchemaText.PatternKeyword]}",
            ValidationErrorKind.StringTooShort => $"must have at least {Count(schema.MinLength, "character")}",
            ValidationErrorKind.StringTooLong => $"must have at most {Count(schema.MaxLength, "character")}",
            ValidationErrorKind.NumberTooSmall => $"is below the minimum of {Number(schema.Minimum ?? schema.ExclusiveMinimum)}",
            ValidationErrorKind.NumberTooBig or ValidationErrorKind.IntegerTooBig =>
                $"is above the maximum of {Number(schema.Maximum ?? schema.ExclusiveMaximum)}",
            ValidationErrorKind.NumberNotMultipleOf or ValidationErrorKind.IntegerNotMultipleOf =>
                $"must be a multiple of {Number(schema.MultipleOf)}",
            ValidationErrorKind.TooFewItems => $"must have at least {Count(schema.MinItems, "item")}",
            ValidationErrorKind.TooManyItems or ValidationErrorKind.TooManyItemsInTuple =>
                $"must have at most {Count(schema.MaxItems, "item")}",
            ValidationErrorKind.ItemsNotUnique => "contains an item twice",
            ValidationErrorKind.TooFewProperties => $"must have at least {Count(schema.MinProperties, "field")}",
            ValidationErrorKind.TooManyProperties => $"must have at most {Count(schema.MaxProperties, "field")}",
            ValidationErrorKind.NotInEnumeration => $"must be {Choices(schema.Enumeration)}",
            ValidationErrorKind.NotAnyOf or ValidationErrorKind.NoTypeValidates => "matches none of the allowed schemas",
            ValidationErrorKind.NotOneOf => "must match exactly one of the allowed schemas",
            ValidationErrorKind.ExcludedSchemaValidates => "matches an excluded schema",
            ValidationErrorKind.DateTimeExpected => "must be a date and time, like 2030-01-31T12:00:00Z",
            ValidationErrorKind.DateExpected => "must be a date, like 2030-01-31",
            ValidationErrorKind.UriExpected => "must be a URL",
            ValidationErrorKind.IpV4Expected or ValidationErrorKind.IpV6Expected => "must be an IP address",
            ValidationErrorKind.UuidExpected or ValidationErrorKind.GuidExpected => "must be a UUID",
            _ => $"does not match the schema ({error.Kind})",
        };
    }

    private static string Count(int? count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static string Number(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "the limit";

    private static string Choices(IEnumerable<object?> values)
    {
        var choices = values.Select(value => JsonConvert.SerializeObject(value)).ToList();
        var text = string.Join(", ", choices);
        return choices.Count == 1 ? text : $"one of {Shorten.Text(text, MaxChoices)}";
    }
}
