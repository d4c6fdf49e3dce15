using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PromptPilot.Core.Shared;

/// <summary>The one JSON dialect of the product: camelCase, enums as camelCase words, non-ASCII text readable.</summary>
public static class AppJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    internal static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Applies the dialect to options that a framework owns.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.MaxDepth = JsonLimits.CarriedDepth;
        options.Encoder = Encoder;
        options.Converters.Add(new EnumWords());
    }

    /// <summary>A text as a JSON value.</summary>
    public static JsonElement Text(string value) => JsonSerializer.SerializeToElement(value, Options);

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        foreach (var converter in LongTexts.Converters)
        {
            options.Converters.Add(converter);
        }

        return options;
    }

    /// <summary>
    /// Enums as camelCase words. An enum with a converter of its own keeps it, which a converter in the options would otherwise override.
    /// </summary>
    private sealed class EnumWords : JsonConverterFactory
    {
        private readonly JsonStringEnumConverter _inner = new(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsEnum && !typeToConvert.IsDefined(typeof(JsonConverterAttribute), inherit: false);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            _inner.CreateConverter(typeToConvert, options);
    }
}
