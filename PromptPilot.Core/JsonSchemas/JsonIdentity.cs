using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>Texts that are equal exactly when two JSON values are: in any notation of numbers, and any order of fields.</summary>
internal static class JsonIdentity
{
    /// <summary>Characters of a power of ten. Longer ones are compared as they are written.</summary>
    private const int MaxPower = 100;

    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var field in value.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal))
                {
                    Append(text, field.Name);
                    Append(text, field.Value);
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    Append(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                Append(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value.GetRawText()));
                break;
            default:
                text.Append(value.ValueKind.ToString());
                break;
        }
    }

    /// <summary>The length comes first, so that no text can look like the start of another.</summary>
    private static void Append(StringBuilder text, string value) =>
        text.Append('"').Append(value.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(value);

    /// <summary>Its significant digits and the power of ten, e.g. 12e-1 for 1.20.</summary>
    private static string Number(string raw)
    {
        var isNegative = raw[0] == '-';
        var body = isNegative ? raw[1..] : raw;
        var e = body.AsSpan().IndexOfAny('e', 'E');
        var mantissa = e < 0 ? body : body[..e];
        if (e >= 0 && body.Length - e > MaxPower)
        {
            return raw;
        }

        var power =
            e < 0 ? BigInteger.Zero : BigInteger.Parse(body[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        power -= point < 0 ? 0 : mantissa.Length - point - 1;
        digits = digits.TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0)
        {
            return "0";
        }

        power += digits.Length - significant.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{(isNegative ? "-" : "")}{significant}e{power}");
    }
}
