using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api.Bodies;

/// <summary>
/// Finds null where it is not declared: in properties, lists and maps. The serializer checks no lists and maps, and the code behind trusts
/// what is declared.
/// </summary>
internal static class UndeclaredNulls
{
    private static readonly ConcurrentDictionary<PropertyInfo, NullabilityInfo> Declared = new();

    /// <summary>The first of them, or null where there is none.</summary>
    public static Problem? Find(object body, JsonSerializerOptions options) =>
        PathIn(body, options) is { } path
            ? Problem.Invalid("The body cannot be read.", new FieldError(path.TrimStart('.'), "The value must not be null."))
            : null;

    private static string? PathIn(object value, JsonSerializerOptions options)
    {
        if (value is string or JsonElement || value.GetType().IsValueType)
        {
            return null;
        }

        foreach (var property in options.GetTypeInfo(value.GetType()).Properties)
        {
            if (property is { Get: { } get, AttributeProvider: PropertyInfo declaration })
            {
                var declared = Declared.GetOrAdd(declaration, static member => new NullabilityInfoContext().Create(member));
                if (PathIn($".{property.Name}", get(value), declared, options) is { } path)
                {
                    return path;
                }
            }
        }

        return null;
    }

    private static string? PathIn(object value, NullabilityInfo declared, JsonSerializerOptions options)
    {
        var item = declared.ElementType ?? declared.GenericTypeArguments.LastOrDefault();
        return item is null || value is string or not IEnumerable ? PathIn(value, options)
            : value is IDictionary map
                ? map.Keys.Cast<object>().Select(key => PathIn($".{key}", map[key], item, options)).FirstOrDefault(path => path is not null)
            : ((IEnumerable)value)
                .Cast<object?>()
                .Select((element, index) => PathIn($"[{index}]", element, item, options))
                .FirstOrDefault(path => path is not null);
    }

    private static string? PathIn(string place, object? element, NullabilityInfo declared, JsonSerializerOptions options) =>
        element is null
            ? declared.ReadState == NullabilityState.NotNull
                ? place
                : null
            : PathIn(element, declared, options) is { } path
                ? place + path
                : null;
}
