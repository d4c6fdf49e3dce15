using PromptPilot.Core.Liquid;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>One expression through which a step reads data.</summary>
/// <param name="Name">The prompt's variable, or <c>when</c>, or <c>for each</c>.</param>
/// <param name="Expression">The expression as written.</param>
/// <param name="Sample">Its last known value.</param>
public sealed record FlowReading(string Name, string Expression, string? Sample = null)
{
    /// <summary>The top-level keys it reads; none where it cannot be parsed.</summary>
    public IReadOnlyList<string> Keys =>
        Name == "when" ? LiquidCondition.Parse(Expression).Reads : LiquidExpression.Parse(Expression).Reads;
}

/// <summary>A step in the drawing.</summary>
/// <param name="Subtitle">Its prompt and model.</param>
/// <param name="Readings">All its expressions: mapping, condition, list. They are the edges of the graph.</param>
public sealed record FlowStep(string OutputKey, string Subtitle, IReadOnlyList<FlowReading> Readings)
{
    /// <summary>Identifies a step while it is moved and renamed. Selections refer to it.</summary>
    public string Key { get; init; } = OutputKey;

    /// <summary>Its problem in a word or two; null: none.</summary>
    public string? Problem { get; init; }

    /// <summary>Its median time and cost in the last runs, if known.</summary>
    public StepFigures? Figures { get; init; }

    /// <summary>Options that affect the data flow, one word each: when, each, review.</summary>
    public IReadOnlyList<string> Marks { get; init; } = [];

    /// <summary>The same step with the values its expressions had in a run.</summary>
    public FlowStep WithSamples(LastRunValues values) =>
        this with
        {
            Readings = [.. Readings.Select(reading => reading with { Sample = values.Of(reading.Expression) })],
        };

    /// <summary>The readings of a step: its mapping, then condition and list.</summary>
    public static IReadOnlyList<FlowReading> ReadingsOf(IEnumerable<KeyValuePair<string, string>> mapping, string? when, string? forEach) =>
        [
            .. mapping.Where(pair => !string.IsNullOrWhiteSpace(pair.Value)).Select(pair => new FlowReading(pair.Key, pair.Value.Trim())),
            .. string.IsNullOrWhiteSpace(when) ? [] : new[] { new FlowReading("when", when.Trim()) },
            .. string.IsNullOrWhiteSpace(forEach) ? [] : new[] { new FlowReading("for each", forEach.Trim()) },
        ];

    /// <summary>A step of two versions that were compared.</summary>
    public static FlowStep Of(ComparedStep step) =>
        new(step.OutputKey, step.Subtitle, ReadingsOf(step.Mapping, step.Options.When, step.Options.ForEach))
        {
            Marks = OptionMarks.OfFlow(step.Options),
        };

    /// <summary>The steps of a saved draft.</summary>
    public static IReadOnlyList<FlowStep> Of(WorkflowView view) =>
        [
            .. view.Steps.Select(step => new FlowStep(
                step.OutputKey,
                $"{step.PromptName} · {step.ModelName}",
                ReadingsOf(step.InputMapping, step.Options.When, step.Options.ForEach)
            )
            {
                Key = step.Id,
                Marks = OptionMarks.OfFlow(step.Options),
            }),
        ];
}

/// <summary>The status of a step in the drawing: always a sign and a word.</summary>
/// <param name="Tone"><c>run, ok, warn, bad</c> or empty.</param>
/// <param name="Time">Its duration so far.</param>
/// <param name="IsLive">Text is arriving.</param>
public sealed record FlowState(string Sign, string Word, string Tone, string? Time = null, bool IsLive = false);
