using System.Text.Json;
using PromptPilot.Core.Workflows.Checks;
using static PromptPilot.Core.Workflows.Options.StepOptionRow;

namespace PromptPilot.Core.Workflows.Options;

/// <summary>The row of a step's own fallbacks.</summary>
internal static class FallbackOptionRow
{
    public static IReadOnlyList<StepOption> All { get; } =
    [
        Of("fallbacks", "fallbacks", o => o.Fallbacks, (o, value) => o with { Fallbacks = value }) with
        {
            Description =
                "Ids of up to 5 model profiles that are called, in this order, while the step's profile fails. An empty list: none. "
                + "Omitted: the fallbacks of the profile.",
            Form = new StepOptionForm(StepOptionSection.Fallbacks, "Fallbacks")
            {
                Control = StepOptionControl.Fallbacks,
                IsCode = true,
                IsWhole = true,
                Lines = (2, 10),
            },
            Check = Problems,
            Noun = "list of fallbacks",
            Show = value => StepFallbacks.Read(value as JsonElement?) is { } names ? Words(names) : null,
            Mark = o =>
                StepFallbacks.Read(o.Fallbacks) is { } ids ? new OptionMark(ids.Count == 0 ? "no fallbacks" : Count(ids.Count)) : null,
        },
    ];

    private static string Words(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    private static string Count(int count) => count == 1 ? "1 fallback" : $"{count} fallbacks";

    private static IEnumerable<WorkflowProblem?> Problems(OptionCheck check)
    {
        if (check.Options.Fallbacks is null)
        {
            yield break;
        }

        var ids = StepFallbacks.Read(check.Options.Fallbacks);
        if (ids is null || ids.Count > StepFallbacks.Most || ids.Distinct().Count() != ids.Count)
        {
            yield return new WorkflowProblem(
                check.Field,
                $"Fallbacks are a list of at most {StepFallbacks.Most} ids of model profiles, each once.",
                BlocksSaving: true
            );
        }
        else if (ids.Contains(check.Step.Model))
        {
            yield return new WorkflowProblem(
                check.Field,
                "The step's own model profile cannot be its fallback. Remove it.",
                BlocksSaving: true
            );
        }
    }
}
