using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data;

/// <summary>Stores a value whole as JSON text, where nothing is ever queried inside it.</summary>
internal static class JsonColumn
{
    public static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property)
    {
        property.HasConversion(
            new ValueConverter<T, string>(
                value => JsonSerializer.Serialize(value, AppJson.Options),
                text => JsonSerializer.Deserialize<T>(text, AppJson.Options)!
            ),
            new ValueComparer<T>(
                (left, right) => JsonSerializer.Serialize(left, AppJson.Options) == JsonSerializer.Serialize(right, AppJson.Options),
                value => JsonSerializer.Serialize(value, AppJson.Options).GetHashCode(StringComparison.Ordinal),
                value => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, AppJson.Options), AppJson.Options)!
            )
        );
        return property;
    }
}
