using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Workflows.Editing.Options;

/// <summary>The options of a step while they are edited: texts as typed, readable or not, so that nothing typed is lost.</summary>
public sealed class StepOptionsDraft
{
    private const string Yes = "yes";

    internal static readonly JsonSerializerOptions Readable = new(AppJson.Options) { WriteIndented = true };

    private static readonly IReadOnlyList<StepOption> Fields = [.. StepOptionTable.All.Where(option => option.Form is not null)];

    /// <summary>Choices first, since they decide how the other fields are read.</summary>
    private static readonly IReadOnlyList<StepOption> InReadingOrder =
    [
        .. Fields.OrderBy(option => !(option.Type.IsEnum || option.IsGroup || option.Type == typeof(string))),
    ];

    /// <summary>Keys of the sections that are open in the inspector.</summary>
    [JsonIgnore]
    public ImmutableHashSet<string> Open { get; set; } = [];

    /// <summary>The text of an option by its field: enumerations by name, empty if not set.</summary>
    public required Dictionary<string, string> Texts { get; init; }

    [JsonIgnore]
    public string this[string field]
    {
        get => Texts.GetValueOrDefault(field) ?? "";
        set => Texts[field] = value;
    }

    [JsonIgnore]
    public string When
    {
        get => this["when"];
        set => this["when"] = value;
    }

    [JsonIgnore]
    public string ForEach
    {
        get => this["forEach"];
        set => this["forEach"] = value;
    }

    [JsonIgnore]
    public bool HasReview => Has("review");

    [JsonIgnore]
    public bool RunsForEach => !string.IsNullOrWhiteSpace(ForEach);

    public static StepOptionsDraft New() => From(new StepOptions());

    public static StepOptionsDraft From(StepOptions options) =>
        new() { Texts = Fields.ToDictionary(option => option.Field, option => Text(option, options)) };

    public StepOptionsDraft Copy() => new() { Open = Open, Texts = new Dictionary<string, string>(Texts) };

    public bool IsSameAs(StepOptionsDraft other) => Fields.All(option => this[option.Field] == other[option.Field]);

    /// <summary>Whether the check box of a group is checked.</summary>
    public bool Has(string group) => this[group] == Yes;

    public void Set(string group, bool isThere) => this[group] = isThere ? Yes : "";

    /// <summary>The options as they would be saved, without those that do not apply (the schema of a text).</summary>
    public StepOptions ToOptions() => Read(new TypedFields(""));

    /// <summary>Errors of unreadable texts.</summary>
    /// <param name="at">The prefix of each field.</param>
    public IReadOnlyList<WorkflowProblem> Problems(string at)
    {
        var fields = new TypedFields(at);
        Read(fields);
        return fields.Problems;
    }

    private StepOptions Read(TypedFields fields)
    {
        var options = new StepOptions();
        foreach (var option in InReadingOrder.Where(option => option.Form!.IsOffered(options)))
        {
            if (Value(fields, option, options) is { } value)
            {
                options = option.With(options, value);
            }
        }

        return options;
    }

    private object? Value(TypedFields fields, StepOption option, StepOptions options)
    {
        var typed = this[option.Field];
        return option switch
        {
            { IsGroup: true } => typed == Yes,
            { Type.IsEnum: true } => Enum.TryParse(option.Type, typed, out var choice) ? choice : null,
            { IsDuration: true } => fields.Duration(option.Field, typed),
            _ when option.Type == typeof(string) => typed,
            _ when option.Type == typeof(int) => fields.Whole(option.Field, typed),
            _ when option.Type == typeof(double) => fields.Number(option.Field, typed),
            _ when option.Form!.IsPlainText(options) => AppJson.Text(typed),
            _ => fields.Json(option.Field, typed),
        };
    }

    private static string Text(StepOption option, StepOptions options) =>
        option.Get(options) switch
        {
            bool isThere => isThere ? Yes : "",
            string text => text,
            Enum choice => choice.ToString(),
            int seconds when option.IsDuration => DurationText.Of(seconds),
            JsonElement { ValueKind: JsonValueKind.String } text when option.Form!.IsPlainText(options) => text.GetString()!,
            JsonElement json => JsonSerializer.Serialize(json, Readable),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => "",
        };
}
