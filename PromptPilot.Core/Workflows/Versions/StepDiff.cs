using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows.Versions;

/// <summary>Describes the differences between two states of a step.</summary>
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

        foreach (var option in StepOptionTable.All)
        {
            option.Compare(words, step, before.Options, now.Options);
        }
    }

    private static string Prompt(string version) => char.IsDigit(version[0]) ? $"prompt {version}" : version;
}
