using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Runs.Compare;

/// <summary>Two runs, step by step. The left one is usually the older.</summary>
/// <param name="Inputs">Inputs of the run that differ.</param>
/// <param name="Steps">In the order of the steps, including those that only one run has.</param>
public sealed record RunComparison(RunState Left, RunState Right, IReadOnlyList<ValueChange> Inputs, IReadOnlyList<StepComparison> Steps)
{
    /// <summary>Number of steps that differ in definition, values or output.</summary>
    public int DifferentSteps => Steps.Count(step => !step.IsSame);

    /// <summary>Compares two runs. Steps are matched by id, otherwise by output key.</summary>
    /// <param name="prompts">Rendered prompts by id of the execution log; those that could not be rendered are missing.</param>
    public static RunComparison Of(RunState left, RunState right, IReadOnlyDictionary<string, RenderedPrompt> prompts)
    {
        var unmatched = right.Steps.ToList();
        var pairs = new List<(StepState? Left, StepState? Right)>();
        var alone = new List<StepState>();
        foreach (var step in left.Steps)
        {
            if (unmatched.Find(other => other.StepId == step.StepId) is { } same)
            {
                unmatched.Remove(same);
                pairs.Add((step, same));
            }
            else
            {
                alone.Add(step);
            }
        }

        // By key only after all ids are matched, so that a key that moved to another step takes no one else's match.
        foreach (var step in alone)
        {
            var same = unmatched.Find(other => other.OutputKey == step.OutputKey);
            if (same is not null)
            {
                unmatched.Remove(same);
            }

            pairs.Add((step, same));
        }

        pairs.AddRange(unmatched.Select(step => ((StepState?)null, (StepState?)step)));
        return new RunComparison(
            left,
            right,
            Changes(left.Inputs, right.Inputs),
            [.. pairs.OrderBy(pair => (pair.Left ?? pair.Right)!.Order).Select(pair => StepComparison.Of(pair.Left, pair.Right, prompts))]
        );
    }

    /// <summary>The values that differ, by name.</summary>
    internal static IReadOnlyList<ValueChange> Changes(
        IReadOnlyDictionary<string, JsonElement> left,
        IReadOnlyDictionary<string, JsonElement> right
    ) =>
        [
            .. left
                .Keys.Union(right.Keys)
                .Select(name => new ValueChange(name, TextOf(left, name), TextOf(right, name)))
                .Where(change => change.Left != change.Right),
        ];

    private static string? TextOf(IReadOnlyDictionary<string, JsonElement> values, string name) =>
        values.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? FileReference.Read(value) is { } file
                ? $"{file.Name} (SHA-256 {Shorten.Text(file.File, 13)})"
                : StepState.TextOf(value)
            : null;
}

/// <summary>A value that differs; null on a side without it.</summary>
public sealed record ValueChange(string Name, string? Left, string? Right)
{
    public TextComparison Text { get; } = TextComparison.Of(Left ?? "", Right ?? "");
}

/// <summary>A step of both runs, or of one.</summary>
/// <param name="Values">Values of the prompt's variables that differ; of a step that fans out, with the item's number from 1.</param>
/// <param name="Prompt">The text sent to the model; null if neither side called it.</param>
/// <param name="Output">The final output, otherwise the text of the last attempt; null if neither side has any.</param>
public sealed record StepComparison(
    string OutputKey,
    StepSide? Left,
    StepSide? Right,
    IReadOnlyList<ValueChange> Values,
    TextComparison? Prompt,
    TextComparison? Output
)
{
    /// <summary>True when only one of the runs has the step.</summary>
    public bool IsOneSided => Left is null || Right is null;

    /// <summary>True when version, model, parameters, texts and outcome are the same. Cost and duration may differ.</summary>
    public bool IsSame =>
        !IsOneSided
        && !HasOtherSetup
        && Left!.Status == Right!.Status
        && Values.Count == 0
        && Prompt is null or { IsSame: true }
        && Output is null or { IsSame: true };

    /// <summary>True when prompt, version, model or parameters differ.</summary>
    public bool HasOtherSetup =>
        !IsOneSided
        && (
            (Left!.PromptName, Left.PromptVersion, Left.Parameters) != (Right!.PromptName, Right.PromptVersion, Right.Parameters)
            || HasOtherModel
        );

    /// <summary>True when the profile or the model behind it differs. A side that got no answer does not know its model.</summary>
    public bool HasOtherModel =>
        !IsOneSided && (Left!.ProfileName != Right!.ProfileName || (Left.Model is { } left && Right.Model is { } right && left != right));

    internal static StepComparison Of(StepState? left, StepState? right, IReadOnlyDictionary<string, RenderedPrompt> prompts) =>
        new(
            (left ?? right)!.OutputKey,
            left is null ? null : StepSide.Of(left),
            right is null ? null : StepSide.Of(right),
            left is null || right is null || !WasCalled(left) || !WasCalled(right)
                ? []
                : RunComparison.Changes(ValuesOf(left), ValuesOf(right)),
            Compare(PromptOf(left, prompts), PromptOf(right, prompts)),
            Compare(OutputOf(left), OutputOf(right))
        );

    /// <summary>The last attempt of each item.</summary>
    internal static IReadOnlyList<AttemptState> Latest(StepState step) =>
        [.. step.Attempts.GroupBy(attempt => attempt.ItemIndex).OrderBy(item => item.Key).Select(item => item.Last())];

    private static bool WasCalled(StepState step) => step.Attempts.Any(attempt => attempt.Log is not null);

    private static TextComparison? Compare(string? left, string? right) =>
        left is null && right is null ? null : TextComparison.Of(left ?? "", right ?? "");

    private static Dictionary<string, JsonElement> ValuesOf(StepState step) =>
        Latest(step)
            .Where(attempt => attempt.Log is not null)
            .SelectMany(attempt =>
                attempt.Log!.Input.Select(value =>
                    (Name: value.Key + (attempt.ItemIndex is { } item ? $" of item {item + 1}" : ""), value.Value)
                )
            )
            .ToDictionary(value => value.Name, value => value.Value);

    private static string? PromptOf(StepState? step, IReadOnlyDictionary<string, RenderedPrompt> prompts)
    {
        var called = (step is null ? [] : Latest(step)).Where(attempt => attempt.LogId is not null).ToList();
        var texts = called
            .Where(attempt => prompts.ContainsKey(attempt.LogId!))
            .Select(attempt => (attempt.ItemIndex is { } item ? $"Item {item + 1}\n\n" : "") + TextOf(prompts[attempt.LogId!]))
            .ToList();
        if (texts.Count > 0 && called.Count - texts.Count is > 0 and var more)
        {
            texts.Add(FormattableString.Invariant($"… and the prompts of {more} more calls, which are not compared."));
        }

        return texts.Count == 0 ? null : string.Join("\n\n", texts);
    }

    private static string TextOf(RenderedPrompt prompt) =>
        prompt.OnlyText ?? string.Join("\n\n", prompt.Messages.Select(message => $"{ModelMessage.Name(message.Role)}:\n{message.Text}"));

    private static string? OutputOf(StepState? step) =>
        step is null ? null
        : step.Result is { } result ? StepState.TextOf(result)
        : step.Attempts.Count == 0 ? null
        : string.Join("\n\n", Latest(step).Select(attempt => attempt.Text));
}

/// <summary>A step as it was in one of the runs.</summary>
/// <param name="Model">The model that the provider reported, or the one requested by a failed call; null before the first answer.</param>
/// <param name="Parameters">The step's own; null: its profile's.</param>
/// <param name="Calls">Model calls, including failed ones.</param>
/// <param name="Cost">In nano-USD, of all calls.</param>
/// <param name="DurationMs">From the start of the first call to the end of the last; null while it runs or when nothing was called.</param>
/// <param name="IsReused">Calls were made in an earlier run and reused; tokens, cost and duration are those of that run.</param>
public sealed record StepSide(
    string PromptName,
    string PromptVersion,
    string ProfileName,
    string? Model,
    ParameterChanges? Parameters,
    StepStatus Status,
    int Calls,
    long InputTokens,
    long OutputTokens,
    long Cost,
    long? DurationMs,
    bool IsReused,
    string? Error
)
{
    internal static StepSide Of(StepState step)
    {
        // If some items were reused, the time between the runs is not part of the step's duration.
        var own = step.Attempts.Where(attempt => !attempt.IsReused).ToList();
        var timed = own.Count > 0 ? own : step.Attempts;
        return new StepSide(
            step.PromptName,
            step.PromptVersion,
            step.ProfileName,
            step.Attempts.LastOrDefault(attempt => attempt.Status == ExecutionStatus.Success)?.ModelUsed,
            step.Options.Parameters,
            step.Status,
            step.Attempts.Count,
            step.Attempts.Sum(attempt => (long)attempt.InputTokens),
            step.Attempts.Sum(attempt => (long)attempt.OutputTokens),
            step.Attempts.Sum(attempt => attempt.Cost),
            timed.Count == 0 || timed.Any(attempt => attempt.IsOpen)
                ? null
                : (long)(timed.Max(EndOf) - timed.Min(attempt => attempt.StartedAt)).TotalMilliseconds,
            step.IsReused,
            step.Status == StepStatus.Failed ? (step.Attempts.Count > 0 ? step.Attempts[^1].ErrorMessage : null) : step.Reason
        );
    }

    /// <summary>
    /// Uses the log's duration, which is the same in every run that refers to it; the end event would include the time to write it.
    /// </summary>
    private static DateTime EndOf(AttemptState attempt) =>
        attempt.DurationMs is { } took ? attempt.StartedAt.AddMilliseconds(took) : attempt.EndedAt!.Value;
}
