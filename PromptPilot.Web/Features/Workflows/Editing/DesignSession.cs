using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>One person's session in the designer: the draft, what is selected in it, and the way back. Nothing of a renderer.</summary>
public sealed class DesignSession
{
    private readonly DesignHistory _history;

    public DesignSession(WorkflowDraft draft, TimeProvider time)
    {
        Draft = draft;
        _history = new DesignHistory(draft.Snapshot(), time);
    }

    public WorkflowDraft Draft { get; }

    /// <summary>Null while the workflow itself is: its name, inputs and limits.</summary>
    public StepDraft? Selected => SelectedKey is null ? null : Draft.Steps.FirstOrDefault(step => step.Key == SelectedKey);

    public string? SelectedKey { get; private set; }

    /// <summary>What was done last, for those who do not see it happen.</summary>
    public string Said { get; private set; } = "";

    public string? UndoWords => _history.UndoWords;

    public string? RedoWords => _history.RedoWords;

    public StepDraft? Find(string key) => Draft.Steps.FirstOrDefault(step => step.Key == key);

    public void Select(string? key) => SelectedKey = key is not null && Find(key) is not null ? key : null;

    /// <summary>Adds a prompt as a step at a place (from 0), mapped where names are equal, and selects it.</summary>
    public StepDraft Add(PromptDetails prompt, string? model, int index)
    {
        var step = Draft.InsertStep(prompt, model, index);
        SelectedKey = step.Key;
        Did($"adding {prompt.Name}", $"{prompt.Name} is step {NumberOf(step)}.");
        return step;
    }

    /// <summary>Where a prompt goes that is added without saying where: below the selected step, else at the end.</summary>
    public int NextIndex => Selected is { } selected ? Draft.Steps.IndexOf(selected) + 1 : Draft.Steps.Count;

    /// <summary>Moves a step to a place, from 0. Only the order changes.</summary>
    public void MoveTo(StepDraft step, int index)
    {
        Draft.MoveTo(step, index);
        SelectedKey = step.Key;
        Did($"moving {step.OutputKey}", $"{step.OutputKey} is step {NumberOf(step)} of {Draft.Steps.Count}.");
    }

    public void Move(StepDraft step, int by) => MoveTo(step, Math.Clamp(Draft.Steps.IndexOf(step) + by, 0, Draft.Steps.Count - 1));

    public void Duplicate(StepDraft step)
    {
        var copy = Draft.Duplicate(step);
        SelectedKey = copy.Key;
        Did($"duplicating {step.OutputKey}", $"{copy.OutputKey} is step {NumberOf(copy)}.");
    }

    /// <summary>Deletes a step and selects its neighbour.</summary>
    public void Delete(StepDraft step)
    {
        var index = Draft.Steps.IndexOf(step);
        if (index < 0)
        {
            return;
        }

        Draft.Steps.RemoveAt(index);
        SelectedKey = Draft.Steps.Count == 0 ? null : Draft.Steps[Math.Min(index, Draft.Steps.Count - 1)].Key;
        Did($"deleting {step.OutputKey}", $"Step {index + 1}, {step.OutputKey}, was deleted. Undo restores it.");
    }

    /// <summary>Puts a whole state in the place of the draft; undo brings the draft back.</summary>
    /// <param name="words">What was done, such as “restoring version 3”.</param>
    public void Replace(WorkflowContent content, IReadOnlyDictionary<string, PromptDetails> prompts, string words)
    {
        Draft.TakeContent(content, prompts);
        Select(SelectedKey);
        Did(words, $"Done: {words}. Undo restores the previous state.");
    }

    /// <summary>Puts what a browser kept in the place of the draft; undo brings the draft back.</summary>
    public void TakeUp(KeptWorkflow kept, IReadOnlyDictionary<string, PromptDetails> prompts)
    {
        Draft.TakeKept(kept, prompts);
        Select(SelectedKey);
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

    private int NumberOf(StepDraft step) => Draft.Steps.IndexOf(step) + 1;

    private void Did(string words, string said)
    {
        // What is typed in a field that is left by the act was changed before it, and is a step back of its own.
        Said = _history.Note(Draft.Snapshot(_history.Present), words) ? said : "";
    }

    private bool GoTo(string? words, DraftSnapshot? snapshot, string done)
    {
        if (snapshot is null)
        {
            return false;
        }

        Draft.Restore(snapshot);
        Select(SelectedKey);
        Said = $"{done}: {words}.";
        return true;
    }
}
