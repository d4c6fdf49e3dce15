using PromptPilot.Core.Liquid;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Core.Workflows.Versions;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>What flows into a step at one place.</summary>
/// <param name="Name">The prompt's variable, or <c>when</c>, or <c>for each</c>.</param>
/// <param name="Expression">As the author wrote it.</param>
/// <param name="Sample">What it gave last time, where that is known.</param>
public sealed record FlowReading(string Name, string Expression, string? Sample = null)
{
    /// <summary>The top-level keys it reads; none where it cannot be parsed.</summary>
    public IReadOnlyList<string> Keys =>
        Name == "when" ? LiquidCondition.Parse(Expression).Reads : LiquidExpression.Parse(Expression).Reads;
}

/// <summary>A step as the drawing shows it.</summary>
/// <param name="Subtitle">Its prompt and model.</param>
/// <param name="Readings">All that it reads by: mapping, condition, list. They are the edges.</param>
public sealed record FlowStep(string OutputKey, string Subtitle, IReadOnlyList<FlowReading> Readings)
{
    /// <summary>Tells steps apart while they move and are renamed; what a selection names.</summary>
    public string Key { get; init; } = OutputKey;

    /// <summary>What is wrong with it, in a word or two; null: nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>What it took in the last run, where that is known.</summary>
    public StepFigures? Figures { get; init; }

    /// <summary>What changes how data flows here, a word each: when, each, review.</summary>
    public IReadOnlyList<string> Marks { get; init; } = [];

    /// <summary>The same with what its readings gave in a run.</summary>
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

/// <summary>How a step of a run stands, as the drawing shows it: always a sign and a word.</summary>
/// <param name="Tone"><c>run, ok, warn, bad</c> or empty.</param>
/// <param name="Time">How long it has taken.</param>
/// <param name="IsLive">Text is arriving.</param>
public sealed record FlowState(string Sign, string Word, string Tone, string? Time = null, bool IsLive = false);
