using PromptPilot.Core.Liquid;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>
/// What it means to drop a prompt on the canvas: on a blank spot it starts in parallel, on a step it reads its output, on a line it goes in
/// between. Changes nothing.
/// </summary>
public sealed class DropRules(WorkflowDraft draft)
{
    /// <param name="newKey">The output key that the new step would get.</param>
    public DropPlan Plan(PromptDetails prompt, DropTarget target, string newKey)
    {
        if (target.Step is null)
        {
            return OnBlank(prompt);
        }

        if (draft.Steps.FirstOrDefault(step => step.Key == target.Step) is not { } step)
        {
            return DropPlan.Refuse("This step was deleted.");
        }

        return target.From is null ? OnStep(prompt, step) : OnLine(prompt, target.From, step, newKey);
    }

    private DropPlan OnBlank(PromptDetails prompt)
    {
        List<string> inputs = [.. draft.Inputs.Select(input => input.Name).Where(name => name != "")];
        var variables = VariablesOf(prompt);
        var mapping = variables.Where(v => inputs.Contains(v.Name)).ToDictionary(v => v.Name, v => v.Name);
        if (mapping.Count == 0 && inputs is [var only] && variables.Where(v => !v.IsOptional).ToList() is [var needed])
        {
            // One input, one thing that the prompt needs: they belong together.
            mapping[needed.Name] = only;
        }

        return new DropPlan(
            null,
            "Start in parallel",
            mapping.Count == 0 ? "Reads nothing yet" : Words(mapping),
            draft.Steps.Count,
            mapping,
            []
        );
    }

    private DropPlan OnStep(PromptDetails prompt, StepDraft step)
    {
        if (step.OutputKey == "")
        {
            return DropPlan.Refuse($"Step {draft.Steps.IndexOf(step) + 1} needs an output key first.");
        }

        if (VariableFor(prompt, step.OutputKey, draft.Steps.IndexOf(step) + 1) is not { } variable)
        {
            return DropPlan.Refuse($"{prompt.Name} has no variables, so it cannot read {step.OutputKey}.");
        }

        var index = draft.Steps.IndexOf(step) + 1;
        var mapping = NamedAlike(prompt, index);
        mapping[variable] = step.OutputKey;
        return new DropPlan(null, "Read output", Words(mapping), index, mapping, []);
    }

    private DropPlan OnLine(PromptDetails prompt, string from, StepDraft to, string newKey)
    {
        var (source, keys) = SourceOf(from);
        if (keys.Count == 0)
        {
            return DropPlan.Refuse("This step was deleted.");
        }

        var flowing = Flowing(keys, to).ToList();
        if (flowing.Count == 0)
        {
            return DropPlan.Refuse($"{to.OutputKey} uses {source} only in a condition or list. Nothing can go in between.");
        }

        var names = VariablesOf(prompt).Select(variable => variable.Name).ToHashSet();
        var expression = (flowing.FirstOrDefault(reading => reading.Keys.Any(names.Contains)) ?? flowing[0]).Expression;
        var key = LiquidExpression.Parse(expression).Reads.First(keys.Contains);
        var index = draft.Steps.IndexOf(to);
        if (VariableFor(prompt, key, index) is not { } variable)
        {
            return DropPlan.Refuse($"{prompt.Name} has no variables, so nothing can flow through it.");
        }

        var mapping = NamedAlike(prompt, index);
        mapping[variable] = expression;
        List<string> rewritten = [.. flowing.Where(reading => reading.Expression == expression).Select(reading => reading.Name)];
        var afterwards = string.Join(", ", rewritten.Select(name => $"{to.OutputKey}.{name} ← {newKey}"));
        return new DropPlan(null, "Insert between", $"{Words(mapping)} · {afterwards}", index, mapping, rewritten);
    }

    /// <summary>Mapped expressions of a step that read one of the keys and no list item.</summary>
    private static IEnumerable<FlowReading> Flowing(IReadOnlyCollection<string> keys, StepDraft to) =>
        to
            .Mapping.Where(pair => !string.IsNullOrWhiteSpace(pair.Value))
            .Select(pair => new FlowReading(pair.Key, pair.Value.Trim()))
            .Where(reading =>
                reading.Keys.Any(keys.Contains) && !(to.Options.RunsForEach && reading.Keys.Any(key => key is "item" or "index"))
            );

    private (string Name, IReadOnlyList<string> Keys) SourceOf(string from) =>
        from == FlowEdges.InputsKey ? ("an input", [.. draft.Inputs.Select(input => input.Name).Where(name => name != "")])
        : draft.Steps.FirstOrDefault(step => step.Key == from) is { OutputKey: not "" } source ? (source.OutputKey, [source.OutputKey])
        : ("", []);

    /// <summary>
    /// The variable to map a value to: the one of the same name or the only one. Otherwise variables that no readable key matches come
    /// first, then names that contain the value's or are part of it, then required ones.
    /// </summary>
    private string? VariableFor(PromptDetails prompt, string key, int index)
    {
        var variables = VariablesOf(prompt);
        var alike = NamedAlike(prompt, index);
        return variables.Any(v => v.Name == key) ? key
            : variables.Count == 1 ? variables[0].Name
            // False sorts before true.
            : variables
                .OrderBy(v => alike.ContainsKey(v.Name))
                .ThenBy(v => !SoundsLike(v.Name, key))
                .ThenBy(v => v.IsOptional)
                .FirstOrDefault()
                ?.Name;
    }

    /// <summary>Variables named like a key that can be read at the step's position.</summary>
    private Dictionary<string, string> NamedAlike(PromptDetails prompt, int index)
    {
        var readable = draft.Inputs.Select(input => input.Name).Concat(draft.Steps.Take(index).Select(step => step.OutputKey)).ToHashSet();
        return VariablesOf(prompt).Where(v => readable.Contains(v.Name)).ToDictionary(v => v.Name, v => v.Name);
    }

    private static bool SoundsLike(string name, string key) =>
        Math.Min(name.Length, key.Length) >= 3
        && (name.Contains(key, StringComparison.OrdinalIgnoreCase) || key.Contains(name, StringComparison.OrdinalIgnoreCase));

    private static IReadOnlyList<VariableChoice> VariablesOf(PromptDetails prompt) => prompt.VersionOf(null, null)?.Variables ?? [];

    private static string Words(IReadOnlyDictionary<string, string> mapping) =>
        string.Join(", ", mapping.Select(pair => $"{pair.Key} ← {pair.Value}"));
}
