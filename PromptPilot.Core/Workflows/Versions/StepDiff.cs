namespace PromptPilot.Core.Workflows.Versions;

/// <summary>Says what differs between two states of a step.</summary>
internal static class StepDiff
{
    public static void Add(DifferenceWords words, SketchStep before, SketchStep now)
    {
        var step = $"Step “{now.OutputKey}”";
        if (before.OutputKey != now.OutputKey)
        {
            words.Add($"Step “{before.OutputKey}” is now called “{now.OutputKey}”.");
        }

        if (before.PromptId != now.PromptId)
        {
            words.Add($"{step} now uses the prompt {now.Prompt}, {now.Version}, instead of {before.Prompt}, {before.Version}.");
        }
        else if (before.Version != now.Version)
        {
            words.Add($"{step} now uses {Prompt(now.Version)} instead of {before.Version}.");
        }

        if (before.Model != now.Model)
        {
            words.Add($"{step} now runs on {now.Model} instead of {before.Model}.");
        }

        foreach (var variable in before.Mapping.Keys.Union(now.Mapping.Keys))
        {
            var (old, read) = (before.Mapping.GetValueOrDefault(variable), now.Mapping.GetValueOrDefault(variable));
            if (old != read)
            {
                words.Add(
                    read is null ? $"{step} no longer fills “{variable}”."
                    : old is null ? $"{step} fills “{variable}” with {read}."
                    : $"{step} fills “{variable}” with {read} instead of {old}."
                );
            }
        }

        AddOptions(words, step, before.Options, now.Options);
    }

    private static string Prompt(string version) => char.IsDigit(version[0]) ? $"prompt {version}" : version;

    private static void AddOptions(DifferenceWords words, string step, StepOptions before, StepOptions now)
    {
        words.Say(step, "condition", before.When, now.When);
        words.Say(step, "list to iterate", before.ForEach, now.ForEach);
        words.Say(
            step,
            "limit of parallel items",
            DifferenceWords.Number(before.MaxParallelItems),
            DifferenceWords.Number(now.MaxParallelItems)
        );
        words.Say(step, "number of attempts", DifferenceWords.Number(before.MaxAttempts), DifferenceWords.Number(now.MaxAttempts));
        words.Say(step, "timeout per attempt", DifferenceWords.Seconds(before.TimeoutSeconds), DifferenceWords.Seconds(now.TimeoutSeconds));
        if (before.OnError != now.OnError)
        {
            words.Add(
                now.OnError == OnError.Default
                    ? $"{step} now continues with a default when it fails."
                    : $"{step} now fails the run when it fails."
            );
        }

        words.Say(step, "default output", DifferenceWords.Json(before.DefaultOutput), DifferenceWords.Json(now.DefaultOutput));
        if (before.OutputFormat != now.OutputFormat)
        {
            words.Add($"{step} now gives {(now.OutputFormat == OutputFormat.Json ? "JSON" : "text")}.");
        }

        words.Say(step, "JSON Schema", DifferenceWords.Json(before.JsonSchema), DifferenceWords.Json(now.JsonSchema));
        AddReview(words, step, before.Review, now.Review);
        words.Say(
            step,
            "temperature",
            DifferenceWords.Number(before.Parameters?.Temperature),
            DifferenceWords.Number(now.Parameters?.Temperature)
        );
        words.Say(
            step,
            "max tokens",
            DifferenceWords.Number(before.Parameters?.MaxTokens),
            DifferenceWords.Number(now.Parameters?.MaxTokens)
        );
        words.Say(step, "top-p", DifferenceWords.Number(before.Parameters?.TopP), DifferenceWords.Number(now.Parameters?.TopP));
    }

    private static void AddReview(DifferenceWords words, string step, ReviewOptions? before, ReviewOptions? now)
    {
        if (before is null != now is null)
        {
            words.Add(now is null ? $"{step} no longer waits for a review." : $"{step} now waits for a review.");
        }

        if (now is null)
        {
            return;
        }

        words.Say(step, "review instruction", before?.Instructions, now.Instructions);
        words.Say(step, "review timeout", DifferenceWords.Seconds(before?.TimeoutSeconds), DifferenceWords.Seconds(now.TimeoutSeconds));
        if ((before?.OnTimeout ?? ReviewVerdict.Reject) != now.OnTimeout)
        {
            words.Add($"{step} is now {(now.OnTimeout == ReviewVerdict.Approve ? "approved" : "rejected")} if it is not reviewed in time.");
        }
    }
}
