using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api.Bodies;

/// <summary>Describes where a body cannot be read, and what is expected there.</summary>
internal static class ApiBodyErrors
{
    /// <typeparam name="T">The expected type of the body.</typeparam>
    public static Problem Explain<T>(JsonException error, JsonSerializerOptions options)
    {
        var field = Path(error).TrimStart('.');
        var message =
            JsonLimits.IsAboutDepth(error) ? JsonLimits.TooDeep
            : IsRule(error) ? error.Message
            : error.Message.Contains("could not be mapped", StringComparison.Ordinal)
                ? $"Unknown field.{Suggestion(options.GetTypeInfo(typeof(T)), field)}"
            : (
                IsSyntax(error) ? null
                : At(options.GetTypeInfo(typeof(T)), field) is { } wanted ? Wanted(wanted, options)
                : null
            ) ?? $"This is not valid JSON{Place(error)}.";
        return field.Length > 0
            ? Problem.Invalid("The body cannot be read.", new FieldError(field, message))
            : Problem.Invalid($"The body cannot be read. {message}");
    }

    /// <summary>A mistake inside a part that a converter reads has its path in two pieces.</summary>
    private static string Path(JsonException error) =>
        (error.Path ?? "$").TrimStart('$') + (error.InnerException is JsonException { Path: not null } inside ? Path(inside) : "");

    /// <summary>One of our own rules for values was broken; see <see cref="StorableJson"/>.</summary>
    private static bool IsRule(JsonException error) =>
        error.Message == JsonLimits.TooDeep || error.Message is Unicode.Nul or Unicode.HalfCharacter;

    private static bool IsSyntax(JsonException error) =>
        error.InnerException is JsonException inside && (inside.Path is null || IsSyntax(inside));

    private static string Place(JsonException error) =>
        error.LineNumber is { } line ? $" (line {line + 1}, position {error.BytePositionInLine + 1})" : "";

    private static string Suggestion(JsonTypeInfo root, string field)
    {
        var dot = field.LastIndexOf('.');
        var parent = dot < 0 ? root.Type : At(root, field[..dot]);
        var known = parent is null ? [] : root.Options.GetTypeInfo(parent).Properties.Select(property => property.Name);
        return Spelling.DidYouMean(field[(dot + 1)..], known) is { Length: > 0 } suggestion
            ? suggestion
            : " Remove it, or check its spelling.";
    }

    /// <summary>The type at a path, or null if it is unknown.</summary>
    private static Type? At(JsonTypeInfo root, string path)
    {
        var info = root;
        foreach (var part in path.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            var type =
                part.EndsWith(']') || info.Kind == JsonTypeInfoKind.Dictionary
                    ? info.ElementType
                    : info.Properties.FirstOrDefault(property => property.Name == part)?.PropertyType;
            if (type is null)
            {
                return null;
            }

            info = root.Options.GetTypeInfo(type);
        }

        return info.Type;
    }

    private static string? Wanted(Type type, JsonSerializerOptions options) =>
        Nullable.GetUnderlyingType(type) is { } inner
            ? Wanted(inner, options)
            : type switch
            {
                { IsEnum: true } =>
                    $"The value must be one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}.",
                _ when type == typeof(string) => "The value must be a string.",
                _ when type == typeof(bool) => "The value must be true or false.",
                _ when type == typeof(int) => "The value must be a whole number.",
                _ when type == typeof(decimal) || type == typeof(double) => "The value must be a number.",
                _ => options.GetTypeInfo(type).Kind switch
                {
                    JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "The value must be a JSON object.",
                    JsonTypeInfoKind.Enumerable => "The value must be a list.",
                    _ => null,
                },
            };
}
