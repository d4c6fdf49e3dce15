using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Canvas;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Layout;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>One person's session in the designer: the draft, what is selected in it, and the way back. Nothing of a renderer.</summary>
public sealed class DesignSession
{
    private readonly DesignHistory _history;
    private IReadOnlyList<string> _selected = [];

    public DesignSession(WorkflowDraft draft, TimeProvider time)
    {
        Draft = draft;
        _history = new DesignHistory(draft.Snapshot(), time);
    }

    public WorkflowDraft Draft { get; }

    /// <summary>Null while the workflow itself is: its name, inputs and limits.</summary>
    public StepDraft? Selected => SelectedKey is null ? null : Draft.Steps.FirstOrDefault(step => step.Key == SelectedKey);

    public string? SelectedKey { get; private set; }

    /// <summary>Keys of all selected steps; <see cref="SelectedKey"/> is the last of them.</summary>
    public IReadOnlyList<string> SelectedKeys => _selected;

    /// <summary>The selected line: keys of the step it comes from (or the inputs) and of the one it leads to.</summary>
    public (string From, string To)? SelectedLine { get; private set; }

    /// <summary>The last action, for screen readers.</summary>
    public string Said { get; private set; } = "";

    public string? UndoWords => _history.UndoWords;

    public string? RedoWords => _history.RedoWords;

    public StepDraft? Find(string key) => Draft.Steps.FirstOrDefault(step => step.Key == key);

    public void Select(string? key) => SelectAll(key is null ? [] : [key]);

    /// <summary>Selects these steps, the last one as the one that the inspector shows.</summary>
    public void SelectAll(IEnumerable<string> keys)
    {
        _selected = [.. keys.Where(key => Find(key) is not null).Distinct()];
        SelectedKey = _selected.Count == 0 ? null : _selected[^1];
        SelectedLine = null;
    }

    /// <summary>Adds a step to the selected ones, or takes it out.</summary>
    public void Toggle(string key) => SelectAll(_selected.Contains(key) ? _selected.Where(other => other != key) : _selected.Append(key));

    public void SelectLine(string from, string to)
    {
        SelectAll([]);
        SelectedLine = Find(to) is not null && (from == FlowEdges.InputsKey || Find(from) is not null) ? (from, to) : null;
    }

    /// <summary>Adds a prompt as a step at a place (from 0), mapped where names are equal, and selects it.</summary>
    public StepDraft Add(PromptDetails prompt, string? model, int index)
    {
        var step = Draft.InsertStep(prompt, model, index);
        Select(step.Key);
        Did($"adding {prompt.Name}", $"{prompt.Name} is step {NumberOf(step)}.");
        return step;
    }

    /// <summary>
    /// Adds a prompt without saying where: on the selected line, else below the selected step, at the end where none is. Where no name
    /// fits, it reads the selected step.
    /// </summary>
    public void Pick(PromptDetails prompt, string? model)
    {
        if (SelectedLine is { } line)
        {
            Drop(prompt, model, new DropTarget(line.To, line.From));
            return;
        }

        var target = SelectedKey is { } key ? new DropTarget(key) : DropTarget.Blank;
        var isNamed = (prompt.VersionOf(null, null)?.Variables ?? []).Any(v => Readable(NextIndex).Contains(v.Name));
        if (isNamed || PlanDrop(prompt, target).Refusal is not null)
        {
            Add(prompt, model, NextIndex);
        }
        else
        {
            Drop(prompt, model, target);
        }
    }

    /// <summary>The default position of an added prompt: below the selected step, otherwise at the end.</summary>
    public int NextIndex => Selected is { } selected ? Draft.Steps.IndexOf(selected) + 1 : Draft.Steps.Count;

    /// <summary>Moves a step to a place, from 0. Only the order changes.</summary>
    public void MoveTo(StepDraft step, int index)
    {
        Draft.MoveTo(step, index);
        Select(step.Key);
        Did($"moving {step.OutputKey}", $"{step.OutputKey} is step {NumberOf(step)} of {Draft.Steps.Count}.");
    }

    public void Move(StepDraft step, int by) => MoveTo(step, Math.Clamp(Draft.Steps.IndexOf(step) + by, 0, Draft.Steps.Count - 1));

    public void Duplicate(StepDraft step)
    {
        var copy = Draft.Duplicate(step);
        Select(copy.Key);
        Did($"duplicating {step.OutputKey}", $"{copy.OutputKey} is step {NumberOf(copy)}.");
    }

    /// <summary>Deletes a step and selects its neighbor.</summary>
    public void Delete(StepDraft step)
    {
        var index = Draft.Steps.IndexOf(step);
        if (index < 0)
        {
            return;
        }

        Draft.Steps.RemoveAt(index);
        Select(Draft.Steps.Count == 0 ? null : Draft.Steps[Math.Min(index, Draft.Steps.Count - 1)].Key);
        Did($"deleting {step.OutputKey}", $"Step {index + 1}, {step.OutputKey}, was deleted. Undo restores it.");
    }

    /// <summary>The effect of dropping a prompt here.</summary>
    public DropPlan PlanDrop(PromptDetails prompt, DropTarget target) =>
        new DropRules(Draft).Plan(prompt, target, Draft.FreeKey(prompt.Name));

    /// <summary>Drops a prompt on the canvas, as planned; false when it is refused.</summary>
    public bool Drop(PromptDetails prompt, string? model, DropTarget target)
    {
        var plan = PlanDrop(prompt, target);
        if (plan.Refusal is not null)
        {
            Said = $"Not added: {plan.Refusal}";
            return false;
        }

        var step = Draft.InsertStep(prompt, model, plan.Index, plan.Mapping);
        foreach (var variable in plan.Rewritten)
        {
            Find(target.Step!)!.Mapping[variable] = step.OutputKey;
        }

        Select(step.Key);
        Did($"adding {prompt.Name}", $"{prompt.Name} is step {NumberOf(step)}. {plan.Detail}.");
        return true;
    }

    /// <summary>Lets a variable of a step read a key; moves what writes it before the step where it comes later.</summary>
    /// <param name="from">Key of the step that writes it, or <see cref="FlowEdges.InputsKey"/>.</param>
    /// <param name="variable">Null: the one that fits.</param>
    /// <returns>False when it is refused, or when it is not clear which variable is meant.</returns>
    public bool Connect(string from, string key, string to, string? variable)
    {
        if (Find(to) is not { } step)
        {
            return false;
        }

        var rules = new ConnectionRules(Draft);
        var plan = rules.Plan(from, key, step);
        var chosen = plan.Variables.FirstOrDefault(v => variable is null ? v.IsMatch : v.Name == variable);
        if (chosen is null)
        {
            Said = plan.Refusal is null ? "" : $"Not connected: {plan.Refusal}";
            return false;
        }

        rules.PutBefore(from, step);
        step.Mapping[chosen.Name] = key;
        Select(step.Key);
        Did($"mapping {chosen.Name} of {step.OutputKey}", $"{step.OutputKey} reads {key} as {chosen.Name}.");
        return true;
    }

    /// <summary>The meaning of a line: the step's expressions that read the line's source.</summary>
    public IReadOnlyList<FlowReading> ReadingsOf(string from, string to)
    {
        IReadOnlyList<string> keys =
            from == FlowEdges.InputsKey ? [.. Draft.Inputs.Select(input => input.Name)] : [Find(from)?.OutputKey ?? ""];
        return Find(to) is not { } step
            ? []
            : [.. FlowStep.ReadingsOf(step.Mapping, step.Options.When, step.Options.ForEach).Where(r => r.Keys.Any(keys.Contains))];
    }

    /// <summary>Deletes a line by removing its mapping.</summary>
    public void Disconnect(string from, string to)
    {
        if (Find(to) is not { } step)
        {
            return;
        }

        foreach (var reading in ReadingsOf(from, to))
        {
            switch (reading.Name)
            {
                case "when":
                    step.Options.When = "";
                    break;
                case "for each":
                    step.Options.ForEach = "";
                    break;
                default:
                    step.Mapping.Remove(reading.Name);
                    break;
            }
        }

        Select(to);
        Did($"removing a line to {step.OutputKey}", $"{step.OutputKey} no longer reads this.");
    }

    /// <summary>Deletes all selected steps, or the selected line.</summary>
    public void DeleteSelected()
    {
        if (SelectedLine is { } line)
        {
            Disconnect(line.From, line.To);
            return;
        }

        List<StepDraft> steps = [.. Draft.Steps.Where(step => _selected.Contains(step.Key))];
        if (steps is [var only])
        {
            Delete(only);
            return;
        }

        Draft.Steps.RemoveAll(steps.Contains);
        Select(null);
        Did($"deleting {steps.Count} steps", $"{steps.Count} steps were deleted. Undo restores them.");
    }

    /// <summary>The selected steps in their order, to be pasted; null where none is selected.</summary>
    public StepClipboard? Copy() =>
        _selected.Count == 0
            ? null
            : new StepClipboard([
                .. Draft.Steps.Where(step => _selected.Contains(step.Key)).Take(StepClipboard.Most).Select(step => step.Keep(null)),
            ]);

    /// <summary>
    /// Adds copied steps below the selected one, under free output keys. What they read of each other follows; what they read of others
    /// stays as it was written.
    /// </summary>
    /// <param name="prompts">Details of each prompt they use, by id.</param>
    public void Paste(StepClipboard clipboard, IReadOnlyDictionary<string, PromptDetails> prompts, string done = "pasting")
    {
        var pasted = clipboard.PasteInto(Draft, NextIndex, prompts);
        SelectAll(pasted.Select(step => step.Key));
        var words = pasted.Count == 1 ? pasted[0].OutputKey : $"{pasted.Count} steps";
        Did($"{done} {words}", $"Done: {done} {words}.");
    }

    /// <summary>Adds all selected steps once more.</summary>
    public void DuplicateSelected()
    {
        if (_selected is [_] && Selected is { } step)
        {
            Duplicate(step);
        }
        else if (Copy() is { } copy)
        {
            SelectAll(Draft.Steps.Where(s => _selected.Contains(s.Key)).Select(s => s.Key));
            Paste(copy, Draft.Steps.DistinctBy(s => s.Prompt.Id).ToDictionary(s => s.Prompt.Id, s => s.Prompt), "duplicating");
        }
    }

    /// <summary>Puts a whole state in the place of the draft; undo brings the draft back.</summary>
    /// <param name="words">The action, such as “restoring version 3”.</param>
    public void Replace(WorkflowContent content, IReadOnlyDictionary<string, PromptDetails> prompts, string words)
    {
        Draft.TakeContent(content, prompts);
        Reselect();
        Did(words, $"Done: {words}. Undo restores the previous state.");
    }

    /// <summary>Puts what a browser kept in the place of the draft; undo brings the draft back.</summary>
    public void Restore(KeptWorkflow kept, IReadOnlyDictionary<string, PromptDetails> prompts)
    {
        Draft.TakeKept(kept, prompts);
        Reselect();
        Did("restoring unsaved changes", "Your unsaved changes were restored. Undo returns to the saved state.");
    }

    /// <summary>Keeps what a field has changed in the draft.</summary>
    public void Typed()
    {
        Said = "";
        _history.Note(Draft.Snapshot(_history.Present));
    }

    public bool Undo() => GoTo(_history.UndoWords, _history.Undo(), "Undone");

    public bool Redo() => GoTo(_history.RedoWords, _history.Redo(), "Redone");

    private HashSet<string> Readable(int index) =>
        [.. Draft.Inputs.Select(input => input.Name), .. Draft.Steps.Take(index).Select(step => step.OutputKey)];

    /// <summary>The steps are others with the same keys.</summary>
    private void Reselect()
    {
        var line = SelectedLine;
        SelectAll(_selected);
        if (line is { } same && ReadingsOf(same.From, same.To).Count > 0)
        {
            SelectLine(same.From, same.To);
        }
    }

    private int NumberOf(StepDraft step) => Draft.Steps.IndexOf(step) + 1;

    private void Did(string words, string said)
    {
        // Text in a field that loses focus through the action was changed before it, and is a separate undo step.
        Said = _history.Note(Draft.Snapshot(_history.Present), words) ? said : "";
    }

    private bool GoTo(string? words, DraftSnapshot? snapshot, string done)
    {
        if (snapshot is null)
        {
            return false;
        }

        Draft.Restore(snapshot);
        Reselect();
        Said = $"{done}: {words}.";
        return true;
    }
}
