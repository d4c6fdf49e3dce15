using System.Globalization;
using System.Text.Json;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>One difference of two states of a workflow, in words.</summary>
/// <param name="Words">A sentence a person understands.</param>
/// <param name="Before">The whole value before; null if the sentence says it all.</param>
/// <param name="After">The whole value after.</param>
public sealed record WorkflowDifference(string Words, string? Before = null, string? After = null);

/// <summary>
/// Says what differs between two states of a workflow. Steps are the same when their id is, else when their output key is.
/// </summary>
internal static class WorkflowDiff
{
    /// <summary>The differences in the order of the form: head, inputs, steps, options. Empty when nothing differs.</summary>
    public static IReadOnlyList<WorkflowDifference> Between(WorkflowSketch from, WorkflowSketch to)
    {
        var words = new DifferenceWords();
        if (from.Name != to.Name)
        {
            words.Add($"The workflow is now called “{to.Name}” instead of “{from.Name}”.");
        }

        if (from.Tags is { } old && to.Tags is { } now && !old.SequenceEqual(now))
        {
            words.Add(
                $"The tags are now {(now.Count == 0 ? "none" : string.Join(", ", now))} instead of "
                    + $"{(old.Count == 0 ? "none" : string.Join(", ", old))}."
            );
        }

        words.Say("The workflow", "description", from.Options.Description, to.Options.Description);
        AddInputs(words, from.Inputs, to.Inputs);
        words.Say("The workflow", "chat input", from.Options.ChatInput, to.Options.ChatInput);
        AddSteps(words, from.Steps, to.Steps);
        words.Say(
            "A run",
            "timeout",
            DifferenceWords.Seconds(from.Options.TimeoutSeconds),
            DifferenceWords.Seconds(to.Options.TimeoutSeconds)
        );
        words.Say(
            "A run",
            "limit of parallel steps",
            DifferenceWords.Number(from.Options.MaxParallelSteps),
            DifferenceWords.Number(to.Options.MaxParallelSteps)
        );
        if (from.Limits is { } before && to.Limits is { } after)
        {
            words.Say(
                "The workflow",
                "limit of concurrent runs",
                DifferenceWords.Number(before.MaxConcurrentRuns),
                DifferenceWords.Number(after.MaxConcurrentRuns)
            );
            words.Say("The workflow", "budget per run", Dollars(before.RunBudget), Dollars(after.RunBudget));
            words.Say("The workflow", "budget per day", Dollars(before.DayBudget), Dollars(after.DayBudget));
            words.Say("The workflow", "budget per month", Dollars(before.MonthBudget), Dollars(after.MonthBudget));
            words.Say("The workflow", "agents", Agents(before.HideFromAgents), Agents(after.HideFromAgents));
            words.Say(
                "The workflow",
                "number of days to keep runs",
                DifferenceWords.Number(before.KeepDays),
                DifferenceWords.Number(after.KeepDays)
            );
            words.Say(
                "The workflow",
                "number of runs to keep",
                DifferenceWords.Number(before.KeepRuns),
                DifferenceWords.Number(after.KeepRuns)
            );
        }

        return words.All;
    }

    private static void AddInputs(DifferenceWords words, IReadOnlyList<WorkflowInput> from, IReadOnlyList<WorkflowInput> to)
    {
        foreach (var input in from.Where(input => to.All(other => other.Name != input.Name)))
        {
            words.Add($"Input “{input.Name}” is removed.");
        }

        foreach (var input in to)
        {
            var what = $"Input “{input.Name}”";
            if (from.FirstOrDefault(other => other.Name == input.Name) is not { } before)
            {
                words.Add($"{what} is new: {Kind(input)}.");
                continue;
            }

            if (Kind(before) != Kind(input))
            {
                words.Add($"{what} is now {Kind(input)} instead of {Kind(before)}.");
            }

            words.Say(what, "default", DifferenceWords.Json(before.Default), DifferenceWords.Json(input.Default));
            words.Say(what, "description", before.Description, input.Description);
            words.Say(what, "list of choices", List(before.Choices), List(input.Choices));
        }

        var (names, wanted) = (from.Select(input => input.Name).ToList(), to.Select(input => input.Name).ToList());
        if (names.Order().SequenceEqual(wanted.Order()) && !names.SequenceEqual(wanted))
        {
            words.Add($"The inputs have a new order: {string.Join(", ", wanted)}.");
        }
    }

    private static void AddSteps(DifferenceWords words, IReadOnlyList<SketchStep> from, IReadOnlyList<SketchStep> to)
    {
        var pairs = Pair(from, to);
        var kept = pairs.Select(pair => pair.Before).OfType<SketchStep>().ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var step in from.Where(step => !kept.Contains(step)))
        {
            words.Add($"Step “{step.OutputKey}” ({step.Prompt}) is removed.");
        }

        foreach (var (before, now) in pairs)
        {
            if (before is null)
            {
                words.Add($"Step “{now.OutputKey}” is new: {now.Prompt}, {now.Version}, on {now.Model}.");
            }
            else
            {
                StepDiff.Add(words, before, now);
            }
        }

        AddMoves(
            words,
            [.. from.Where(kept.Contains)],
            [.. pairs.Where(pair => pair.Before is not null).Select(pair => (pair.Before!, pair.Now))]
        );
    }

    /// <summary>Pairs each step with its earlier state: by id, then by output key among the rest.</summary>
    internal static List<(SketchStep? Before, SketchStep Now)> Pair(IReadOnlyList<SketchStep> from, IReadOnlyList<SketchStep> to)
    {
        var left = from.ToList();
        var pairs = to.Select(now => (Before: Take(left, step => now.Id != "" && step.Id == now.Id), Now: now)).ToList();
        for (var i = 0; i < pairs.Count; i++)
        {
            var now = pairs[i].Now;
            pairs[i] = (pairs[i].Before ?? Take(left, step => step.OutputKey == now.OutputKey), now);
        }

        return pairs;
    }

    private static SketchStep? Take(List<SketchStep> left, Predicate<SketchStep> fits)
    {
        var index = left.FindIndex(fits);
        if (index < 0)
        {
            return null;
        }

        var step = left[index];
        left.RemoveAt(index);
        return step;
    }

    /// <summary>Which steps run at another place among those that both have: as few as explain the new order.</summary>
    private static void AddMoves(DifferenceWords words, List<SketchStep> from, List<(SketchStep Before, SketchStep Now)> to)
    {
        var stay = LongestRising([.. to.Select(pair => from.FindIndex(step => ReferenceEquals(step, pair.Before)))]);
        for (var i = 0; i < to.Count; i++)
        {
            if (!stay.Contains(i))
            {
                words.Add(
                    i == 0
                        ? $"Step “{to[i].Now.OutputKey}” now comes first."
                        : $"Step “{to[i].Now.OutputKey}” now comes after “{to[i - 1].Now.OutputKey}”."
                );
            }
        }
    }

    private static HashSet<int> LongestRising(IReadOnlyList<int> values)
    {
        var (length, previous) = (new int[values.Count], new int[values.Count]);
        var best = -1;
        for (var i = 0; i < values.Count; i++)
        {
            (length[i], previous[i]) = (1, -1);
            for (var j = 0; j < i; j++)
            {
                if (values[j] < values[i] && length[j] + 1 > length[i])
                {
                    (length[i], previous[i]) = (length[j] + 1, j);
                }
            }

            best = best < 0 || length[i] > length[best] ? i : best;
        }

        var stay = new HashSet<int>();
        for (var i = best; i >= 0; i = previous[i])
        {
            stay.Add(i);
        }

        return stay;
    }

    private static string Kind(WorkflowInput input) =>
        $"{(input.Required ? "a required" : "an optional")} {input.Type.ToString().ToLowerInvariant()}";

    private static string? List(List<string> words) => words.Count == 0 ? null : string.Join(", ", words);

    private static string Agents(bool isHidden) => isHidden ? "not offered" : "offered";

    private static string? Dollars(long? nanos) =>
        nanos is { } amount ? "$" + Money.ToUsd(amount).ToString("0.#########", CultureInfo.InvariantCulture) : null;
}

/// <summary>Collects sentences; what is long is beside its sentence, whole.</summary>
internal sealed class DifferenceWords
{
    private const int LongestInWords = 80;

    private readonly List<WorkflowDifference> _all = [];

    public IReadOnlyList<WorkflowDifference> All => _all;

    public void Add(string words) => _all.Add(new WorkflowDifference(words));

    /// <summary>“Step “summary” has another condition: … instead of ….”, when it has.</summary>
    public void Say(string what, string option, string? before, string? now)
    {
        if (before == now)
        {
            return;
        }

        var isLong = new[] { before, now }.Any(text =>
            text is not null && (text.Length > LongestInWords || text.Contains('\n', StringComparison.Ordinal))
        );
        _all.Add(
            (before, now, isLong) switch
            {
                (_, null, _) => new($"{what} no longer has {Article(option)} {option}.", isLong ? before : null),
                (null, _, true) => new($"{what} has {Article(option)} {option}.", null, now),
                (null, _, _) => new($"{what} has {Article(option)} {option}: {Ended(now)}"),
                (_, _, true) => new($"{what} has a different {option}.", before, now),
                _ => new($"{what} has a different {option}: {now} instead of {Ended(before)}"),
            }
        );
    }

    public static string? Number(int? number) => number?.ToString("N0", CultureInfo.InvariantCulture);

    public static string? Number(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    public static string? Seconds(int? seconds) => seconds is { } count ? $"{Number(count)} s" : null;

    /// <summary>The same text for the same JSON in any formatting.</summary>
    public static string? Json(JsonElement? value) => value is { } json ? JsonSerializer.Serialize(json, AppJson.Options) : null;

    private static string Ended(string text) => text.Length > 0 && ".?!".Contains(text[^1], StringComparison.Ordinal) ? text : text + ".";

    private static string Article(string word) => word.Length > 0 && "aeiou".Contains(word[0], StringComparison.Ordinal) ? "an" : "a";
}
