using PromptPilot.Core.Liquid.Filters;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Workflows.Checks;

/// <summary>Finds what is wrong with one step.</summary>
internal static class StepProblems
{
    public static IEnumerable<WorkflowProblem> Find(StepContent step, int position, KeyScope keys, WorkflowFacts facts) =>
        OfPrompt(step, position, facts)
            .Concat(OfModel(step.Model, $"steps[{position}].model", facts) is { } model ? [model] : [])
            .Concat(OfArms(step, position, facts))
            .Concat(OfFallbacks(step, position, facts))
            .Concat(OfPictures(step, position, keys, facts))
            .Concat(OfMapping(step, position, keys, facts))
            .Concat(OfOutputKey(step, position, keys))
            .Concat(StepOptionTable.Problems(step, position, keys));

    private static IEnumerable<WorkflowProblem> OfPrompt(StepContent step, int position, WorkflowFacts facts)
    {
        if (!facts.Prompts.TryGetValue(step.PromptId, out var prompt))
        {
            yield return new WorkflowProblem(
                $"steps[{position}].promptId",
                step.PromptId == "" ? "Choose a prompt." : "This prompt does not exist. It may have been deleted. Choose another one.",
                BlocksSaving: true
            );
        }
        else if (prompt.IsPart)
        {
            yield return new WorkflowProblem(
                $"steps[{position}].promptId",
                $"“{prompt.Name}” is a part of other prompts and cannot be run by itself. Choose a prompt that includes it.",
                BlocksSaving: false
            );
        }
        else if (step is { PromptVersion: not null, PromptLabel: not null })
        {
            yield return new WorkflowProblem($"steps[{position}].promptLabel", "Set either a version or a label.", BlocksSaving: true);
        }
        else if (step.PromptVersion is { } version && !prompt.VersionIds.ContainsKey(version))
        {
            yield return new WorkflowProblem(
                $"steps[{position}].promptVersion",
                $"“{prompt.Name}” has no version {version}.{Spelling.DidYouMean(version, prompt.VersionIds.Keys)}",
                BlocksSaving: true
            );
        }
        else if (step.PromptLabel is { } label && !prompt.Labels.ContainsKey(label))
        {
            yield return new WorkflowProblem(
                $"steps[{position}].promptLabel",
                $"“{prompt.Name}” has no label “{label}”.{Spelling.DidYouMean(label, prompt.Labels.Keys)}",
                BlocksSaving: true
            );
        }
    }

    /// <summary>Of arms that can be read: what they refer to.</summary>
    private static IEnumerable<WorkflowProblem> OfArms(StepContent step, int position, WorkflowFacts facts)
    {
        if (StepArms.Read(step.Options.Arms) is not { IsOk: true, Value: var arms })
        {
            yield break;
        }

        var prompt = facts.Prompts.GetValueOrDefault(step.PromptId);
        var seen = new HashSet<(string, string)>();
        for (var i = 0; i < arms.Count; i++)
        {
            var (arm, field) = (arms[i], $"steps[{position}].arms[{i}]");
            if (prompt is not null && !prompt.VersionIds.ContainsKey(arm.Version))
            {
                yield return new WorkflowProblem(
                    $"{field}.version",
                    $"“{prompt.Name}” has no version {arm.Version}.{Spelling.DidYouMean(arm.Version, prompt.VersionIds.Keys)}",
                    BlocksSaving: false
                );
            }
            else if (!seen.Add((arm.Version, arm.Model ?? step.Model)))
            {
                yield return new WorkflowProblem($"{field}.version", StepArms.Twice, BlocksSaving: true);
            }

            if (arm.Model is { } model && OfModel(model, $"{field}.model", facts) is { } problem)
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<WorkflowProblem> OfFallbacks(StepContent step, int position, WorkflowFacts facts) =>
        (StepFallbacks.Read(step.Options.Fallbacks) ?? [])
            .Select(id => OfModel(id, $"steps[{position}].fallbacks", facts))
            .OfType<WorkflowProblem>();

    /// <summary>Of a step that sends a picture: the models that take none.</summary>
    private static IEnumerable<WorkflowProblem> OfPictures(StepContent step, int position, KeyScope keys, WorkflowFacts facts)
    {
        if (keys.PicturesOf(step) is not [var input, ..])
        {
            yield break;
        }

        var arms = StepArms.Read(step.Options.Arms) is { IsOk: true, Value: var read } ? read : [];
        var used = arms.Select((arm, i) => (Id: arm.Model, Field: $"arms[{i}].model"))
            .Prepend((Id: step.Model, Field: "model"))
            .Concat((StepFallbacks.Read(step.Options.Fallbacks) ?? []).Select(id => (Id: (string?)id, Field: "fallbacks")));
        foreach (var (id, field) in used)
        {
            if (id is not null && facts.Models.GetValueOrDefault(id) is { TakesPictures: false } model)
            {
                yield return new WorkflowProblem(
                    $"steps[{position}].{field}",
                    $"The step sends the picture “{input}”, but the model of “{model.Name}” does not accept pictures. "
                        + "Choose another profile.",
                    BlocksSaving: false
                );
            }
        }
    }

    private static WorkflowProblem? OfModel(string id, string field, WorkflowFacts facts) =>
        !facts.Models.TryGetValue(id, out var model)
            ? new WorkflowProblem(
                field,
                id == "" ? "Choose a model profile." : "This model profile does not exist. It may have been deleted. Choose another one.",
                BlocksSaving: true
            )
        : !model.Enabled
            ? new WorkflowProblem(
                field,
                $"The model profile “{model.Name}” is disabled. Choose another one, or ask an admin to enable it.",
                BlocksSaving: false
            )
        : facts.Author is { } author && !ModelUse.Allows(model.Roles, author)
            ? new WorkflowProblem(field, ModelUse.Refusal(model.Name, model.Roles), BlocksSaving: facts.Kept?.Contains(model.Id) == false)
        : null;

    private static IEnumerable<WorkflowProblem> OfMapping(StepContent step, int position, KeyScope keys, WorkflowFacts facts)
    {
        var (version, versions) = (facts.VersionOf(step), facts.VersionsOf(step));
        foreach (var variable in versions.SelectMany(one => one.Mandatory()).Distinct())
        {
            if (!step.InputMapping.ContainsKey(variable))
            {
                yield return new WorkflowProblem(
                    $"steps[{position}].inputMapping.{variable}",
                    $"Map “{variable}”: the prompt needs it.",
                    BlocksSaving: false
                );
            }
        }

        foreach (var (variable, expression) in step.InputMapping)
        {
            var field = $"steps[{position}].inputMapping.{variable}";
            if (version is not null && !versions.Any(one => one.Variables.Contains(variable)))
            {
                yield return new WorkflowProblem(
                    field,
                    $"The prompt (version {version.Version}) has no variable “{variable}”. Remove this "
                        + $"row.{Spelling.DidYouMean(variable, version.Variables)}",
                    BlocksSaving: false
                );
            }

            foreach (var problem in ExpressionProblems.OfMapping(expression, field, step, keys))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<WorkflowProblem> OfOutputKey(StepContent step, int position, KeyScope keys)
    {
        var wrong =
            KeyNames.Problem(step.OutputKey, LiquidFilters.IsFilter)
            ?? (keys.IsInput(step.OutputKey) ? $"“{step.OutputKey}” is the name of an input. Choose another key." : null)
            ?? (keys.IsReadable(step.OutputKey) ? $"An earlier step already uses “{step.OutputKey}”. Choose another key." : null);
        if (wrong is not null)
        {
            yield return new WorkflowProblem($"steps[{position}].outputKey", wrong, BlocksSaving: true);
        }
    }
}
