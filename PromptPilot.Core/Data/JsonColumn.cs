using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data;

/// <summary>Stores a value whole as JSON text, where nothing is ever queried inside it.</summary>
internal static class JsonColumn
{
    /// <param name="unreadable">
    /// The replacement for text that is not valid JSON, so that a damaged row does not fail every list that contains it; null:
    /// such a row cannot be read.
    /// </param>
    public static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property, Func<T>? unreadable = null)
    {
        property.HasConversion(
            new ValueConverter<T, string>(value => JsonSerializer.Serialize(value, AppJson.Options), text => Read(text, unreadable)),
            new ValueComparer<T>(
                (left, right) => JsonSerializer.Serialize(left, AppJson.Options) == JsonSerializer.Serialize(right, AppJson.Options),
                value => JsonSerializer.Serialize(value, AppJson.Options).GetHashCode(StringComparison.Ordinal),
                value => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, AppJson.Options), AppJson.Options)!
            )
        );
        return property;
    }

    private static T Read<T>(string text, Func<T>? unreadable)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, AppJson.Options)!;
        }
        catch (JsonException) when (unreadable is not null)
        {
            return unreadable();
        }
    }
}

/// <summary>The replacement for stored named values that cannot be read.</summary>
internal sealed class UnreadableValues : Dictionary<string, JsonElement>
{
    public UnreadableValues() => this["unreadable"] = AppJson.Text("The stored value is not valid JSON.");
}
