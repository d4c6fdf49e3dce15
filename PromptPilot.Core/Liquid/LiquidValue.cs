using System.Collections;
using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;
using Scriban.Runtime;

namespace PromptPilot.Core.Liquid;

/// <summary>The words <c>empty</c> and <c>blank</c>.</summary>
internal enum Emptiness
{
    Empty,
    Blank,
}

/// <summary>A range <c>(first..last)</c>, not yet a list. Empty when it runs downwards.</summary>
internal sealed class LiquidRange(long first, long last) : IEnumerable<object?>
{
    public long First => first;

    public long Last => last;

    public long Count => last < first ? 0 : (long)Int128.Min(long.MaxValue, (Int128)last - first + 1);

    public IEnumerator<object?> GetEnumerator()
    {
        for (var (number, rest) = (first, Count); rest > 0; number++, rest--)
        {
            yield return number;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>An array as it was given.</summary>
internal sealed class JsonList : ScriptArray
{
    public JsonList(JsonElement json)
    {
        Json = json;
        foreach (var item in json.EnumerateArray())
        {
            Add(LiquidValue.FromJson(item));
        }
    }

    public JsonElement Json { get; }
}

/// <summary>An object as it was given.</summary>
internal sealed class JsonMap : ScriptObject
{
    public JsonMap(JsonElement json)
    {
        Json = json;
        foreach (var member in json.EnumerateObject())
        {
            this[member.Name] = LiquidValue.FromJson(member.Value);
        }
    }

    public JsonElement Json { get; }
}

/// <summary>A number that no type of .NET holds as it was written, such as <c>1e400</c>: it is rendered and passed on unchanged.</summary>
internal sealed class JsonNumber(JsonElement json)
{
    public JsonElement Json => json;

    /// <summary>The value for arithmetic, which can round it.</summary>
    /// <exception cref="LiquidException">It is too large to compute with.</exception>
    public object Rounded() =>
        json.TryGetDecimal(out var exact) ? exact
        : json.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw new LiquidException("the number is too large.", 0);
}

/// <summary>
/// The values a template works with: null, bool, long (int from forloop), decimal, double, <see cref="JsonNumber"/>, string,
/// <see cref="JsonMap"/>, <see cref="JsonList"/> or list of values, range. No host object is ever among them.
/// </summary>
internal static class LiquidValue
{
    public static object? FromJson(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.String => Text(json),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => Number(json),
            JsonValueKind.Object => new JsonMap(json),
            JsonValueKind.Array => new JsonList(json),
            _ => null,
        };

    /// <summary>A value as rendered: text verbatim, lists and objects as JSON, numbers without culture, nil as nothing.</summary>
    public static string ToText(object? value) =>
        value switch
        {
            null or Emptiness => "",
            string text => text,
            bool truth => truth ? "true" : "false",
            int or long => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            decimal exact => exact.ToString(CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            JsonNumber number => number.Json.GetRawText(),
            LiquidRange range => string.Create(CultureInfo.InvariantCulture, $"{range.First}..{range.Last}"),
            _ => ToJson(value).GetRawText(),
        };

    public static JsonElement ToJson(object? value) =>
        value switch
        {
            JsonMap map => map.Json,
            JsonList list => list.Json,
            JsonNumber number => number.Json,
            Emptiness => JsonSerializer.SerializeToElement<object?>(null, AppJson.Options),
            LiquidRange { Count: > LiquidLimits.Items } => throw new LiquidException("This range has more than a million numbers.", 0),
            LiquidRange or IList<object?> => JsonSerializer.SerializeToElement(ToList(value)!.Select(ToJson), AppJson.Options),
            _ => JsonSerializer.SerializeToElement(value, AppJson.Options),
        };

    /// <summary>Only false and nil are false.</summary>
    public static bool IsTrue(object? value) => value is not (null or false);

    public static bool IsEmpty(object? value) =>
        value switch
        {
            string text => text.Length == 0,
            JsonMap map => map.Count == 0,
            IList<object?> list => list.Count == 0,
            LiquidRange range => range.Count == 0,
            Emptiness => true,
            _ => false,
        };

    public static bool IsBlank(object? value) =>
        value is null or false || IsEmpty(value) || (value is string text && string.IsNullOrWhiteSpace(text));

    public static new bool Equals(object? left, object? right) =>
        (left, right) switch
        {
            (Emptiness.Empty, _) => IsEmpty(right),
            (_, Emptiness.Empty) => IsEmpty(left),
            (Emptiness.Blank, _) => IsBlank(right),
            (_, Emptiness.Blank) => IsBlank(left),
            (null, null) => true,
            (null, _) or (_, null) => false,
            (string a, string b) => a == b,
            (bool a, bool b) => a == b,
            _ when IsNumber(left) && IsNumber(right) => CompareNumbers(left, right) == 0,
            _ when left is JsonMap or IList<object?> or LiquidRange && right is JsonMap or IList<object?> or LiquidRange =>
                JsonElement.DeepEquals(ToJson(left), ToJson(right)),
            _ => false,
        };

    /// <summary>The order of two values, or null when they have none (text and number, nil).</summary>
    public static int? Compare(object? left, object? right) =>
        (left, right) switch
        {
            (string a, string b) => string.CompareOrdinal(a, b),
            _ when IsNumber(left) && IsNumber(right) => CompareNumbers(left, right),
            _ => null,
        };

    /// <summary>An order over all values for sorting: numbers, then texts, then the rest, nil last.</summary>
    public static int Order(object? left, object? right)
    {
        var byKind = Rank(left).CompareTo(Rank(right));
        return byKind != 0 ? byKind : Compare(left, right) ?? 0;

        static int Rank(object? value) =>
            value switch
            {
                null => 3,
                string => 1,
                _ when IsNumber(value) => 0,
                _ => 2,
            };
    }

    public static bool IsNumber(object? value) => value is int or long or decimal or double or JsonNumber;

    /// <summary>A value as a number, as in Liquid: numeric text is converted, everything else is 0.</summary>
    public static object ToNumber(object? value) =>
        value switch
        {
            long or decimal or double => value,
            int whole => (long)whole,
            JsonNumber number => number.Rounded(),
            string text when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) => whole,
            string text when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) => exact,
            _ => 0L,
        };

    /// <summary>A value as a list; null when it is none.</summary>
    public static IEnumerable<object?>? ToList(object? value) => value as IList<object?> ?? (IEnumerable<object?>?)(value as LiquidRange);

    public static object? Member(object? target, string name) =>
        target switch
        {
            JsonMap map => map.TryGetValue(name, out var member) ? member
            : name == "size" ? (long)map.Count
            : null,
            string text => name == "size" ? (long)text.Length : null,
            _ when ToList(target) is { } list => name switch
            {
                "size" => Count(target, list),
                "first" => list.FirstOrDefault(),
                "last" => target is LiquidRange range ? (range.Count > 0 ? range.Last : null) : list.LastOrDefault(),
                _ => null,
            },
            _ => null,
        };

    public static object? Index(object? target, object? index)
    {
        if (index is string name)
        {
            return Member(target, name);
        }

        if (index is not (long or int) || ToList(target) is not { } list)
        {
            return null;
        }

        var at = Convert.ToInt64(index, CultureInfo.InvariantCulture);
        var count = Count(target, list);
        at = at < 0 ? at + count : at;
        return at < 0 || at >= count ? null
            : target is LiquidRange range ? range.First + at
            : ((IList<object?>)target!)[(int)at];
    }

    public static bool Contains(object? target, object? wanted) =>
        target switch
        {
            string text => wanted is not null && text.Contains(ToText(wanted), StringComparison.Ordinal),
            JsonMap map => wanted is string name && map.ContainsKey(name),
            LiquidRange range => ToNumber(wanted) is long number && IsNumber(wanted) && number >= range.First && number <= range.Last,
            _ => ToList(target)?.Any(item => Equals(item, wanted)) ?? false,
        };

    private static long Count(object? target, IEnumerable<object?> list) =>
        target switch
        {
            LiquidRange range => range.Count,
            _ => list.LongCount(),
        };

    /// <summary>The kind of a value, for a message.</summary>
    public static string Kind(object value) =>
        value switch
        {
            string => "Text",
            bool => "True or false",
            _ when IsNumber(value) => "A number",
            _ => "A list or object",
        };

    private static int CompareNumbers(object? left, object? right) =>
        left is JsonNumber || right is JsonNumber ? ExactNumber.Of(ToText(left)).CompareTo(ExactNumber.Of(ToText(right)))
        : left is double || right is double
            ? Convert.ToDouble(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(right, CultureInfo.InvariantCulture))
        : Convert.ToDecimal(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(right, CultureInfo.InvariantCulture));

    /// <summary>Minus zero and what would be rounded keep their text.</summary>
    private static object Number(JsonElement json)
    {
        if (json.TryGetInt64(out var whole) && (whole != 0 || json.GetRawText()[0] != '-'))
        {
            return whole;
        }

        return
            json.TryGetDecimal(out var exact)
            && exact != 0
            && ExactNumber.Of(json.GetRawText()) == ExactNumber.Of(exact.ToString(CultureInfo.InvariantCulture))
            ? exact
            : new JsonNumber(json);
    }

    private static string Text(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new LiquidException("A value contains text that is not valid Unicode (a lone surrogate).", 0);
        }
    }
}
