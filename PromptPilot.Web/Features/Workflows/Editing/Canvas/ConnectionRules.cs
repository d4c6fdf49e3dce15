using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>A variable that a dragged output can be dropped on.</summary>
/// <param name="Expression">The current expression; empty: none.</param>
/// <param name="IsMatch">A drop beside the variables fills this one.</param>
public sealed record ConnectionVariable(string Name, string Expression, bool IsMatch);

/// <summary>Whether a key can be dragged to a step, and to which of its variables.</summary>
/// <param name="Refusal">Why it cannot; null if it can.</param>
public sealed record ConnectionPlan(string? Refusal, IReadOnlyList<ConnectionVariable> Variables);

/// <summary>The rules for dragging an output onto another step.</summary>
public sealed class ConnectionRules(WorkflowDraft draft)
{
    /// <param name="from">Key of the step, or <see cref="FlowEdges.InputsKey"/>.</param>
    /// <param name="key">The key that is dragged: the step's output key, or the name of an input.</param>
    public ConnectionPlan Plan(string from, string key, StepDraft to)
    {
        var source = draft.Steps.FirstOrDefault(step => step.Key == from);
        if (key == "")
        {
            return Refuse("This step needs an output key first.");
        }

        if (source is null ? from != FlowEdges.InputsKey || draft.Inputs.All(input => input.Name != key) : source.OutputKey != key)
        {
            return Refuse($"{key} no longer exists.");
        }

        if (source == to)
        {
            return Refuse("A step cannot read its own output.");
        }

        if (source is not null && Upstream(source).Contains(to))
        {
            return Refuse($"{to.OutputKey} runs before {source.OutputKey}, which reads it.");
        }

        var variables = to.Variables();
        if (variables.Count == 0)
        {
            return Refuse($"{to.Prompt.Name} has no variables.");
        }

        string Now(string name) => to.Mapping.GetValueOrDefault(name, "").Trim();
        var free = variables.Where(variable => Now(variable.Name) == "").ToList();
        var match =
            variables.FirstOrDefault(variable => variable.Name == key)?.Name
            ?? (variables.Count == 1 ? variables[0].Name : null)
            ?? (free.Count == 1 ? free[0].Name : null);
        return new ConnectionPlan(null, [.. variables.Select(v => new ConnectionVariable(v.Name, Now(v.Name), v.Name == match))]);
    }

    /// <summary>
    /// Moves a step, with all that it reads, before another one. The order is nothing that people see on the canvas: what is read comes
    /// first.
    /// </summary>
    public void PutBefore(string from, StepDraft to)
    {
        if (draft.Steps.FirstOrDefault(step => step.Key == from) is { } source && draft.Steps.IndexOf(source) > draft.Steps.IndexOf(to))
        {
            var needed = Upstream(source).Append(source).ToHashSet();
            List<StepDraft> late = [.. draft.Steps.Skip(draft.Steps.IndexOf(to)).Where(needed.Contains)];
            draft.Steps.RemoveAll(late.Contains);
            draft.Steps.InsertRange(draft.Steps.IndexOf(to), late);
        }
    }

    /// <summary>
    /// Lets a variable read what was typed or picked for it. A step that is named in it and comes later moves before this one, as it
    /// does when its output is dragged here.
    /// </summary>
    public void Map(StepDraft step, string variable, string expression)
    {
        step.Mapping[variable] = expression;
        var reads = FlowStep
            .ReadingsOf(new Dictionary<string, string> { [variable] = expression }, "", "")
            .SelectMany(reading => reading.Keys)
            .ToHashSet();
        foreach (var source in ReadableLater(step).Where(other => reads.Contains(other.OutputKey)).ToList())
        {
            PutBefore(source.Key, step);
        }
    }

    /// <summary>Steps after this one that it can read all the same, because they do not read it.</summary>
    public IEnumerable<StepDraft> ReadableLater(StepDraft step) =>
        draft
            .Steps.Skip(draft.Steps.IndexOf(step) + 1)
            .Where(other => other.OutputKey != "" && other.OutputKey != step.OutputKey && !Upstream(other).Contains(step));

    /// <summary>All steps that a step reads, directly or through others.</summary>
    public HashSet<StepDraft> Upstream(StepDraft step)
    {
        var found = new HashSet<StepDraft>();
        var open = new Stack<StepDraft>([step]);
        while (open.TryPop(out var next))
        {
            var at = draft.Steps.IndexOf(next);
            var reads = FlowStep.ReadingsOf(next.Mapping, next.Options.When, next.Options.ForEach).SelectMany(r => r.Keys).ToHashSet();
            foreach (var source in draft.Steps.Take(at).Where(other => reads.Contains(other.OutputKey) && found.Add(other)))
            {
                open.Push(source);
            }
        }

        return found;
    }

    private static ConnectionPlan Refuse(string why) => new(why, []);
}
