using System.Diagnostics;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>A check took more than it may: the schema refers to itself without end, or multiplies.</summary>
internal sealed class SchemaTooCostlyException() : Exception("The schema takes too long to check.");

/// <summary>The library's validator, bounded in depth, steps and time, with patterns that run in linear time. For one check.</summary>
internal sealed class BoundedValidator(IReadOnlyDictionary<string, Regex> patterns)
    : JsonSchemaValidator((JsonSchemaValidatorSettings?)null)
{
    private const int MaxDepth = 400;

    /// <summary>Ends a check after the same work on a busy machine as on an idle one. The largest answer needs about a quarter.</summary>
    private const int MaxSteps = 2_000_000;

    private const int StepsBetweenLooksAtTheClock = 256;

    /// <summary>For steps that cost more than usual.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private readonly long _start = Stopwatch.GetTimestamp();
    private int _steps;
    private int _depth;

    protected override ICollection<ValidationError> Validate(
        JToken token,
        JsonSchema schema,
        SchemaType schemaType,
        string? propertyName,
        string propertyPath
    )
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
            var errors = base.Validate(token, schema, schemaType, propertyName, propertyPath);
            if (
                token.Type == JTokenType.String
                && schema.ActualSchema.ExtensionData?.TryGetValue(SchemaText.PatternKeyword, out var pattern) == true
                && !Fits((string)token!, patterns[(string)pattern!])
            )
            {
                errors.Add(
                    new ValidationError(ValidationErrorKind.PatternMismatch, propertyName, propertyPath, token, schema.ActualSchema)
                );
            }

            return errors;
        }
        finally
        {
            _depth--;
        }
    }

    private static bool Fits(string text, Regex pattern)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new SchemaTooCostlyException();
        }
    }
}
