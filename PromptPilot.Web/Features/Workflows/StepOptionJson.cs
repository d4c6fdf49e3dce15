using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>Adds a field per row of <see cref="StepOptionTable"/> to types with <see cref="StepOptionFields"/>.</summary>
internal static class StepOptionJson
{
    /// <summary>Adds the fields to the types read and written with these options.</summary>
    public static void Apply(JsonSerializerOptions options) =>
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(AddFields);

    private static void AddFields(JsonTypeInfo type)
    {
        if (!type.Type.IsAssignableTo(typeof(StepOptionFields)))
        {
            return;
        }

        var group =
            type.Type == typeof(ReviewFields) ? "review"
            : type.Type == typeof(ParameterFields) ? "parameters"
            : "";
        foreach (var option in StepOptionTable.All)
        {
            if (option.Group == group && !option.IsGroup)
            {
                type.Properties.Add(Single(type, option));
            }
            else if (group == "" && option.IsGroup)
            {
                type.Properties.Add(option.Field == "review" ? Review(type, option) : Group<ParameterFields>(type, option));
            }
        }
    }

    private static JsonPropertyInfo Single(JsonTypeInfo type, StepOption option)
    {
        var value = option.Type.IsValueType ? typeof(Nullable<>).MakeGenericType(option.Type) : option.Type;
        return Property(type, option, value, option.Get, option.With);
    }

    /// <summary><c>true</c> is a review without instructions and timeout, <c>false</c> none.</summary>
    private static JsonPropertyInfo Review(JsonTypeInfo type, StepOption option)
    {
        var property = Group<ReviewFields>(type, option);
        property.CustomConverter = new ReviewConverter();
        return property;
    }

    private static JsonPropertyInfo Group<T>(JsonTypeInfo type, StepOption option)
        where T : StepOptionFields, new() =>
        Property(
            type,
            option,
            typeof(T),
            options => option.IsSet(options) ? new T { Options = options } : null,
            (options, value) =>
                value is not T { Options: var sent }
                    ? option.With(options, null)
                    : StepOptionTable
                        .All.Where(inner => inner.Group == option.Field && !inner.IsGroup)
                        .Aggregate(option.With(options, true), (result, inner) => inner.With(result, inner.Get(sent)))
        );

    private static JsonPropertyInfo Property(
        JsonTypeInfo type,
        StepOption option,
        Type value,
        Func<StepOptions, object?> get,
        Func<StepOptions, object?, StepOptions> with
    )
    {
        var property = type.CreateJsonPropertyInfo(value, option.Key);
        property.Get = fields => get(((StepOptionFields)fields).Options);
        property.Set = (fields, sent) => ((StepOptionFields)fields).Options = with(((StepOptionFields)fields).Options, sent);
        property.AttributeProvider = new Described(option.Description);
        return property;
    }

    private sealed class ReviewConverter : JsonConverter<ReviewFields>
    {
        public override ReviewFields? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType switch
            {
                JsonTokenType.True => new ReviewFields(),
                JsonTokenType.False => null,
                _ => ApiBody.ReadInside<ReviewFields>(ref reader, options),
            };

        public override void Write(Utf8JsonWriter writer, ReviewFields value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, options);
    }

    /// <summary>Type and description of a property in the API reference.</summary>
    private sealed class Described(string? description) : ICustomAttributeProvider
    {
        private readonly object[] _attributes = description is null ? [] : [new DescriptionAttribute(description)];

        public object[] GetCustomAttributes(bool inherit) => _attributes;

        public object[] GetCustomAttributes(Type attributeType, bool inherit) => [.. _attributes.Where(attributeType.IsInstanceOfType)];

        public bool IsDefined(Type attributeType, bool inherit) => _attributes.Any(attributeType.IsInstanceOfType);
    }
}
