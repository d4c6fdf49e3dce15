using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema.Validation;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>The library's findings in words, each with its place, e.g. <c>$.items[2].price: a number is wanted</c>.</summary>
internal static class SchemaWords
{
    private const int Most = 3;
    private const int MaxChoices = 200;

    public static IReadOnlyList<string> Of(ICollection<ValidationError> errors)
    {
        var all = Telling(errors).SelectMany(Flat).Distinct().Take(Most + 1).ToList();
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
            ChildSchemaValidationError child => child.Errors.Values.SelectMany(Telling).SelectMany(Flat),
            _ => [$"{Place(error)}: {Words(error)}"],
        };

    /// <summary>Of several forms that do not fit, the one that was meant is the only one of the right type.</summary>
    private static IEnumerable<string> OfAlternatives(ValidationError error, IReadOnlyList<ICollection<ValidationError>> alternatives)
    {
        var meant = alternatives
            .Where(errors => errors.Count > 0 && !errors.Any(inner => ReferenceEquals(inner.Token, error.Token) && IsOfType(inner)))
            .ToList();
        return meant.Count == 1 && alternatives.All(errors => errors.Count > 0)
            ? Telling(meant[0]).SelectMany(Flat)
            : [$"{Place(error)}: {Words(error)}"];
    }

    /// <summary>A value of the wrong type is only that; what else it lacks follows from it.</summary>
    private static IEnumerable<ValidationError> Telling(ICollection<ValidationError> errors) =>
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
            ValidationErrorKind.StringExpected => "a text is wanted",
            ValidationErrorKind.NumberExpected => "a number is wanted",
            ValidationErrorKind.IntegerExpected => "a whole number is wanted",
            ValidationErrorKind.BooleanExpected => "true or false is wanted",
            ValidationErrorKind.ObjectExpected => "an object is wanted",
            ValidationErrorKind.ArrayExpected => "a list is wanted",
            ValidationErrorKind.NullExpected => "null is wanted",
            ValidationErrorKind.PropertyRequired => $"“{error.Property}” is missing",
            ValidationErrorKind.NoAdditionalPropertiesAllowed => $"“{error.Property}” is not one of its fields",
            ValidationErrorKind.PatternMismatch => $"it has to fit the pattern {schema.ExtensionData?[SchemaText.PatternKeyword]}",
            ValidationErrorKind.StringTooShort => $"at least {Count(schema.MinLength, "character")} wanted",
            ValidationErrorKind.StringTooLong => $"at most {Count(schema.MaxLength, "character")} wanted",
            ValidationErrorKind.NumberTooSmall => $"it is below {Number(schema.Minimum ?? schema.ExclusiveMinimum)}",
            ValidationErrorKind.NumberTooBig or ValidationErrorKind.IntegerTooBig =>
                $"it is above {Number(schema.Maximum ?? schema.ExclusiveMaximum)}",
            ValidationErrorKind.NumberNotMultipleOf or ValidationErrorKind.IntegerNotMultipleOf =>
                $"a multiple of {Number(schema.MultipleOf)} is wanted",
            ValidationErrorKind.TooFewItems => $"at least {Count(schema.MinItems, "item")} wanted",
            ValidationErrorKind.TooManyItems or ValidationErrorKind.TooManyItemsInTuple =>
                $"at most {Count(schema.MaxItems, "item")} wanted",
            ValidationErrorKind.ItemsNotUnique => "an item is there twice",
            ValidationErrorKind.TooFewProperties => $"at least {Count(schema.MinProperties, "field")} wanted",
            ValidationErrorKind.TooManyProperties => $"at most {Count(schema.MaxProperties, "field")} wanted",
            ValidationErrorKind.NotInEnumeration => $"it has to be {Choices(schema.Enumeration)}",
            ValidationErrorKind.NotAnyOf or ValidationErrorKind.NoTypeValidates => "it fits none of the allowed forms",
            ValidationErrorKind.NotOneOf => "it has to fit exactly one of the allowed forms",
            ValidationErrorKind.ExcludedSchemaValidates => "it has a form that is excluded",
            ValidationErrorKind.DateTimeExpected => "a date with a time is wanted, like 2030-01-31T12:00:00Z",
            ValidationErrorKind.DateExpected => "a date is wanted, like 2030-01-31",
            ValidationErrorKind.UriExpected => "a URL is wanted",
            ValidationErrorKind.IpV4Expected or ValidationErrorKind.IpV6Expected => "an IP address is wanted",
            ValidationErrorKind.UuidExpected or ValidationErrorKind.GuidExpected => "a UUID is wanted",
            _ => $"it does not fit ({error.Kind})",
        };
    }

    private static string Count(int? count, string noun) => $"{count} {noun}{(count == 1 ? " is" : "s are")}";

    private static string Number(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "the limit";

    private static string Choices(IEnumerable<object?> values)
    {
        var choices = values.Select(value => JsonConvert.SerializeObject(value)).ToList();
        var text = string.Join(", ", choices);
        return choices.Count == 1 ? text : $"one of {Shorten.Text(text, MaxChoices)}";
    }
}
