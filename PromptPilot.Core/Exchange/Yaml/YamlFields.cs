using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Exchange.Yaml;

/// <summary>Reads the fields of a map one by one; a wrong type, or a field left over at the end, is an error with its line.</summary>
internal sealed class YamlFields(YamlMap map, List<string> errors)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public int Line => map.Line;

    public string? Text(string key) => Take<YamlScalar>(key, "text. Put numbers, true and false in quotes", scalar => scalar.IsText)?.Text;

    public bool? Truth(string key) =>
        Take<YamlScalar>(key, "true or false", scalar => scalar.IsTruth) is { } scalar ? scalar.Text == "true" : null;

    public int? Whole(string key) =>
        Take<YamlScalar>(key, "a whole number", IsWhole) is { } scalar ? int.Parse(scalar.Text, CultureInfo.InvariantCulture) : null;

    public long? Long(string key) =>
        Take<YamlScalar>(
            key,
            "a whole number",
            scalar => scalar.IsNumber && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
        )
            is { } scalar
            ? long.Parse(scalar.Text, CultureInfo.InvariantCulture)
            : null;

    public double? Number(string key) =>
        Take<YamlScalar>(key, "a number", scalar => scalar.IsNumber) is { } scalar
            ? double.Parse(scalar.Text, CultureInfo.InvariantCulture)
            : null;

    public decimal? Money(string key) =>
        Take<YamlScalar>(
            key,
            "an amount in USD",
            scalar => scalar.IsNumber && decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        )
            is { } scalar
            ? decimal.Parse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : null;

    public T? Word<T>(string key)
        where T : struct, Enum => (T?)Word(key, typeof(T));

    /// <param name="words">An enumeration.</param>
    public object? Word(string key, Type words)
    {
        var known = Enum.GetValues(words).Cast<Enum>().ToDictionary(ExchangeText.Word);
        return
            Take<YamlScalar>(key, $"one of {string.Join(", ", known.Keys)}", scalar => scalar.IsText && known.ContainsKey(scalar.Text))
                is { } scalar
            ? known[scalar.Text]
            : null;
    }

    public List<string> Texts(string key) =>
        [
            .. Take<YamlList>(key, "a list of text values", list => list.Items.All(item => item is YamlScalar { IsText: true }))
                ?.Items.Cast<YamlScalar>()
                .Select(item => item.Text)
                ?? [],
        ];

    public JsonElement? Json(string key) => Find(key) is { } value && value is not YamlScalar { IsNothing: true } ? value.ToJson() : null;

    public YamlFields? Map(string key) => Take<YamlMap>(key, "fields", _ => true) is { } inner ? new YamlFields(inner, errors) : null;

    public List<YamlFields> Maps(string key) =>
        [
            .. Take<YamlList>(key, "a list whose items have fields", list => list.Items.All(item => item is YamlMap))
                ?.Items.Cast<YamlMap>()
                .Select(item => new YamlFields(item, errors))
                ?? [],
        ];

    /// <summary>Texts by names that are not known before.</summary>
    public Dictionary<string, string> TextMap(string key) =>
        Take<YamlMap>(
            key,
            "names with text values",
            inner =>
                inner.Entries.All(entry =>
                    entry.Value is YamlScalar { IsText: true } or YamlScalar { IsNumber: true } or YamlScalar { IsTruth: true }
                )
        )
            ?.Entries.ToDictionary(entry => entry.Key, entry => ((YamlScalar)entry.Value).Text)
        ?? [];

    /// <summary>JSON values by names that are not known before.</summary>
    public Dictionary<string, JsonElement> JsonMap(string key) =>
        Take<YamlMap>(key, "names with values", _ => true)?.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.ToJson()) ?? [];

    /// <summary>To be called last: fields that were not read are unknown.</summary>
    public void RefuseRest()
    {
        foreach (var entry in map.Entries.Where(entry => !_taken.Contains(entry.Key)))
        {
            errors.Add($"Line {entry.Line}: unknown field “{YamlReader.Short(entry.Key)}”.{Spelling.DidYouMean(entry.Key, _taken)}");
        }
    }

    public void Refuse(string message) => errors.Add($"Line {map.Line}: {message}");

    private static bool IsWhole(YamlScalar scalar) =>
        scalar.IsNumber && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private YamlValue? Find(string key)
    {
        _taken.Add(key);
        return map.Entries.FirstOrDefault(entry => entry.Key == key)?.Value;
    }

    private T? Take<T>(string key, string wanted, Func<T, bool> fits)
        where T : YamlValue
    {
        var value = Find(key);
        if (value is null or YamlScalar { IsNothing: true })
        {
            return null;
        }

        if (value is T right && fits(right))
        {
            return right;
        }

        errors.Add($"Line {value.Line}: “{key}” must be {wanted}.");
        return null;
    }
}
