using System.Text.Json;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Drafts;

/// <summary>Decides which results of an earlier run a draft reuses when it runs from one of its steps.</summary>
/// <param name="FromStepId">This step and every step that depends on it run again.</param>
internal sealed record DraftReuse(RunProgress Earlier, string FromStepId)
{
    /// <summary>
    /// The reused results: those of steps that succeeded, have not been edited since, and do not depend on a step that runs again.
    /// </summary>
    /// <param name="plan">The current draft.</param>
    public IReadOnlyList<StepState> In(RunPlan plan)
    {
        var before = Earlier.State.Steps.ToDictionary(step => step.StepId);
        var again = new HashSet<string>();
        var kept = new List<StepState>();

        // A step reads only earlier ones, so one pass in order is enough.
        foreach (var step in plan.Steps.OrderBy(step => step.Order))
        {
            var earlier = before.GetValueOrDefault(step.Id);
            if (
                step.Id == FromStepId
                || step.Reads.Any(again.Contains)
                || earlier is not { Status: StepStatus.Succeeded or StepStatus.Skipped }
                || !IsSame(step, Earlier.Plan.Step(step.Id))
            )
            {
                again.Add(step.OutputKey);
            }
            else if (earlier.Status == StepStatus.Succeeded)
            {
                kept.Add(earlier);
            }
        }

        return kept;
    }

    /// <summary>
    /// Whether both would make the same call. The output key does not matter, since it is in the mapping of the steps that read it.
    /// </summary>
    private static bool IsSame(PlannedStep now, PlannedStep then) =>
        now.Prompt.Id == then.Prompt.Id
        && now.ProfileId == then.ProfileId
        && then.FixedValues is null
        && Text(now.Options) == Text(then.Options)
        && Text(Sorted(now.InputMapping)) == Text(Sorted(then.InputMapping))
        && Text(Sorted(now.PartVersions)) == Text(Sorted(then.PartVersions));

    private static SortedDictionary<string, string> Sorted(IEnumerable<KeyValuePair<string, string>>? pairs) =>
        new((pairs ?? []).ToDictionary(), StringComparer.Ordinal);

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, AppJson.Options);
}
