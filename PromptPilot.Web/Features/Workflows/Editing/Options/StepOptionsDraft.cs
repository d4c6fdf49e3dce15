using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Features.Workflows.Editing.Options;

/// <summary>The options of a step while they are edited: texts as typed, readable or not, so that nothing typed is lost.</summary>
public sealed record StepOptionsDraft
{
    private static readonly JsonSerializerOptions Readable = new(AppJson.Options) { WriteIndented = true };

    /// <summary>Whether the form shows them; they are folded away otherwise.</summary>
    [JsonIgnore]
    public bool IsOpen { get; set; }

    public string When { get; set; } = "";

    public string ForEach { get; set; } = "";

    public string MaxParallelItems { get; set; } = "";

    public string MaxAttempts { get; set; } = "";

    public string TimeLimit { get; set; } = "";

    public OnError OnError { get; set; }

    public string DefaultOutput { get; set; } = "";

    public OutputFormat OutputFormat { get; set; }

    public string JsonSchema { get; set; } = "";

    public bool HasReview { get; set; }

    public string ReviewInstructions { get; set; } = "";

    public string ReviewTimeLimit { get; set; } = "";

    public ReviewVerdict OnReviewTimeout { get; set; } = new ReviewOptions().OnTimeout;

    public string Temperature { get; set; } = "";

    public string MaxTokens { get; set; } = "";

    public string TopP { get; set; } = "";

    [JsonIgnore]
    public bool RunsForEach => !string.IsNullOrWhiteSpace(ForEach);

    public static StepOptionsDraft From(StepOptions options) =>
        new()
        {
            When = options.When ?? "",
            ForEach = options.ForEach ?? "",
            MaxParallelItems = Text(options.MaxParallelItems),
            MaxAttempts = Text(options.MaxAttempts),
            TimeLimit = options.TimeoutSeconds is { } seconds ? DurationText.Of(seconds) : "",
            OnError = options.OnError,
            DefaultOutput =
                options.DefaultOutput is not { } output ? ""
                : options.OutputFormat == OutputFormat.Text && output.ValueKind == JsonValueKind.String ? output.GetString()!
                : Pretty(output),
            OutputFormat = options.OutputFormat,
            JsonSchema = options.JsonSchema is { } schema ? Pretty(schema) : "",
            HasReview = options.Review is not null,
            ReviewInstructions = options.Review?.Instructions ?? "",
            ReviewTimeLimit = options.Review?.TimeoutSeconds is { } wait ? DurationText.Of(wait) : "",
            OnReviewTimeout = options.Review?.OnTimeout ?? new ReviewOptions().OnTimeout,
            Temperature = Text(options.Parameters?.Temperature),
            MaxTokens = Text(options.Parameters?.MaxTokens),
            TopP = Text(options.Parameters?.TopP),
        };

    /// <summary>As they would be saved. What belongs to a choice that is not made (the schema of a text) is left out.</summary>
    public StepOptions ToOptions() => Read(new TypedFields(""));

    /// <summary>What was typed that cannot be read.</summary>
    /// <param name="at">What is before the name of each field.</param>
    public IReadOnlyList<WorkflowProblem> Problems(string at)
    {
        var fields = new TypedFields(at);
        Read(fields);
        return fields.Problems;
    }

    private StepOptions Read(TypedFields fields) =>
        new()
        {
            When = When,
            ForEach = ForEach,
            MaxParallelItems = RunsForEach ? fields.Whole("maxParallelItems", MaxParallelItems) : null,
            MaxAttempts = fields.Whole("maxAttempts", MaxAttempts),
            TimeoutSeconds = fields.Duration("timeoutSeconds", TimeLimit),
            OnError = OnError,
            DefaultOutput =
                OnError != OnError.Default ? null
                : OutputFormat == OutputFormat.Text ? AppJson.Text(DefaultOutput)
                : fields.Json("defaultOutput", DefaultOutput),
            OutputFormat = OutputFormat,
            JsonSchema = OutputFormat == OutputFormat.Json ? fields.Json("jsonSchema", JsonSchema) : null,
            Review = HasReview
                ? new ReviewOptions
                {
                    Instructions = ReviewInstructions,
                    TimeoutSeconds = fields.Duration("review.timeoutSeconds", ReviewTimeLimit),
                    OnTimeout = OnReviewTimeout,
                }
                : null,
            Parameters =
                new ParameterChanges(
                    fields.Number("parameters.temperature", Temperature),
                    fields.Whole("parameters.maxTokens", MaxTokens),
                    fields.Number("parameters.topP", TopP)
                )
                    is var changes
                && changes == new ParameterChanges()
                    ? null
                    : changes,
        };

    private static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    private static string Pretty(JsonElement json) => JsonSerializer.Serialize(json, Readable);
}
