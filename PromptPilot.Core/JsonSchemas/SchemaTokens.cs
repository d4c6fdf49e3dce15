using System.Text.Json;
using Newtonsoft.Json.Linq;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>JSON values as the library wants them.</summary>
internal static class SchemaTokens
{
    /// <summary>The same value. By the standard, a number without a fraction is an integer in any notation.</summary>
    /// <param name="value">At most 64 deep.</param>
    public static JToken Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var made = new JObject();
                foreach (var property in value.EnumerateObject())
                {
                    made.Add(property.Name, Of(property.Value));
                }

                return made;
            case JsonValueKind.Array:
                var list = new JArray();
                foreach (var item in value.EnumerateArray())
                {
                    list.Add(Of(item));
                }

                return list;
            case JsonValueKind.String:
                return new JValue(value.GetString());
            case JsonValueKind.Number:
                return Number(value);
            case JsonValueKind.True or JsonValueKind.False:
                return new JValue(value.GetBoolean());
            default:
                return JValue.CreateNull();
        }
    }

    private static JValue Number(JsonElement value)
    {
        if (value.TryGetInt64(out var whole))
        {
            return new JValue(whole);
        }

        // The library uses decimals: larger numbers are clamped to their range, which is beyond any sensible limit too.
        var number =
            value.TryGetDecimal(out var exact) ? exact
            : value.GetRawText()[0] == '-' ? decimal.MinValue
            : decimal.MaxValue;
        return number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
            ? new JValue((long)number)
            : new JValue(number);
    }
}
