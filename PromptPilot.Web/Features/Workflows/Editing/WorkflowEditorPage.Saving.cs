using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Versions;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>Saving, publishing, and resolving conflicts with other people's changes.</summary>
public sealed partial class WorkflowEditorPage
{
    private Task<bool> SaveAsync() =>
        OnceAsync(async () =>
        {
            _tried = true;
            var draft = _session!.Draft;
            if (draft.FormProblems().Count > 0)
            {
                await CheckNowAsync();
                _refusal = "Not saved: see the problems below.";
                return false;
            }

            return await TakeAsync(await WriteAsync(draft, out var sent), sent);
        });

    private async Task PublishAsync()
    {
        var draft = _session!.Draft;
        if (IsBusy || ((draft.IsDirty || draft.Id is null) && !await SaveAsync()))
        {
            return;
        }

        await OnceAsync(async () =>
        {
            var asked = await changes.PublishAsync(_actor, draft.Id!, draft.Revision, _note, Left);
            if (asked.Problem?.Kind == ProblemKind.Stale && await TryRebaseAsync())
            {
                asked = await changes.PublishAsync(_actor, draft.Id!, draft.Revision, _note, Left);
            }

            if (asked is { IsOk: true, Value.ChangeRequestId: { } request })
            {
                await DiscardDraftAsync();
                Navigation.NavigateTo($"changes/{request}");
                return;
            }

            var published = asked.Map(change => change.Workflow!);

            if (await IsRefusedAsync(published))
            {
                return;
            }

            _saved = published.Value;
            _note = "";
            draft.TakePublished(published.Value);
            await CheckNowAsync();
            if (draft.IsDirty)
            {
                // Typed while it was published: that is not saved yet, and not thrown away.
                _refusal = $"Version {published.Value.Published?.Number} is published without your latest changes. Save or publish again.";
                return;
            }

            await DiscardDraftAsync();
            Navigation.NavigateTo($"workflows/{draft.Id}");
        });
    }

    private Task<Result<WorkflowView>> WriteAsync(WorkflowDraft draft, out DraftSent sent)
    {
        var sending = sent = draft.Send();
        return Task.Run(async () =>
        {
            if (draft.Id is null)
            {
                return await workflows.CreateAsync(_actor, sending.Content, Left);
            }

            return await workflows.UpdateAsync(_actor, draft.Id, sending.Content, draft.Revision, Left);
        });
    }

    /// <summary>Shows the result of a write. Edits always stay on the page.</summary>
    private async Task<bool> TakeAsync(Result<WorkflowView> result, DraftSent sent)
    {
        var draft = _session!.Draft;
        if (result.Problem?.Kind == ProblemKind.Stale && await TryRebaseAsync())
        {
            // What they did is nothing that saving would undo, such as publishing.
            result = await WriteAsync(draft, out sent);
        }

        if (await IsRefusedAsync(result))
        {
            return false;
        }

        var isNew = draft.Id is null;
        _saved = result.Value;
        draft.TakeSaved(result.Value, sent);
        await CheckNowAsync();
        if (isNew)
        {
            // Edits made in the meantime are kept.
            await DiscardDraftAsync();
            _mayLeave = _isMoving = true;
            Navigation.NavigateTo($"workflows/{result.Value.Id}/edit", replace: true);
        }

        return true;
    }

    /// <summary>
    /// Says what was refused, and why, as far as the list of problems does not: publishing knows more than a check of what is typed.
    /// </summary>
    private async Task RefuseAsync(Problem? problem)
    {
        _refusal = problem?.Message;
        if (problem?.Errors.Count > 0)
        {
            await CheckNowAsync();
            var listed = _problems.Select(shown => (shown.Field, shown.Message)).ToHashSet();
            var rest = problem.Errors.Where(error => !listed.Contains((error.Field, error.Message))).ToList();
            _refusal = new FieldErrors(problem with { Errors = rest }).Rest();
        }
    }

    /// <summary>Shows why a write was refused.</summary>
    private async Task<bool> IsRefusedAsync(Result<WorkflowView> result)
    {
        if (result.Problem?.Kind is ProblemKind.Stale or ProblemKind.NotFound)
        {
            await ShowConflictAsync();
            return true;
        }

        _conflict = null;
        await RefuseAsync(result.Problem);
        return !result.IsOk;
    }

    /// <summary>
    /// Whether what someone else saved differs in nothing from what the edits here began with; then they continue from that.
    /// </summary>
    private async Task<bool> TryRebaseAsync()
    {
        var theirs = await workflows.FindAsync(_actor, _session!.Draft.Id!, Left);
        if (!theirs.IsOk || _saved is null || await DifferAsync(_saved.Content(), theirs.Value.Content()) is not { Count: 0 })
        {
            return false;
        }

        _session.Draft.RebaseOn(theirs.Value);
        _saved = theirs.Value;
        return true;
    }

    private async Task ShowConflictAsync()
    {
        _refusal = null;
        var draft = _session!.Draft;
        var theirs = await workflows.FindAsync(_actor, draft.Id!, Left);
        _conflict =
            theirs.IsOk && _saved is not null
                ? new WorkflowConflict(
                    theirs.Value,
                    await DifferAsync(_saved.Content(), theirs.Value.Content()) ?? [],
                    await DifferAsync(_saved.Content(), draft.ToContent()) ?? []
                )
                : new WorkflowConflict(null, [], []);
        StateHasChanged();
        await _designer!.FocusAsync("conflict");
    }

    private async Task<IReadOnlyList<WorkflowDifference>?> DifferAsync(WorkflowContent from, WorkflowContent to)
    {
        var differences = await versions.CompareContentAsync(_actor, from, to, Left);
        return differences.IsOk ? differences.Value : null;
    }

    /// <summary>Replaces the edits with the saved state. One undo restores them.</summary>
    private Task UseTheirsAsync() =>
        OnceAsync(async () =>
        {
            // The second half of a double click may come when the notice is gone.
            if (_conflict is not { Theirs: { } theirs })
            {
                return;
            }

            var prompts = await PromptsOfAsync(theirs.Steps.Select(step => step.PromptId));
            var draft = _session!.Draft;
            _session.Replace(theirs.Content(), prompts, $"using the version of {theirs.UpdatedByName ?? "someone else"}");
            draft.TakeSaved(theirs, draft.Send());
            (_saved, _conflict) = (theirs, null);
            await ReplacedAsync();
        });

    private async Task OverwriteAsync()
    {
        if (IsBusy || _conflict is not { Theirs: { } theirs })
        {
            return;
        }

        _session!.Draft.RebaseOn(theirs);
        (_saved, _conflict) = (theirs, null);
        await SaveAsync();
    }

    private Task CopyAsync() =>
        OnceAsync(async () =>
        {
            const string Suffix = " (copy)";
            var draft = _session!.Draft;
            if (draft.FormProblems().Count > 0)
            {
                await CheckNowAsync();
                _refusal = "The copy was not saved: see the problems below.";
                return;
            }

            var sent = draft.Send();
            var name = Shorten.Cut(sent.Content.Name, WorkflowService.MaxNameLength - Suffix.Length) + Suffix;
            var copied = await workflows.CreateAsync(_actor, sent.Content with { Name = name }, Left);
            await RefuseAsync(copied.Problem);
            if (!copied.IsOk)
            {
                return;
            }

            if (draft.Send().Fingerprint != sent.Fingerprint)
            {
                _refusal = $"Saved a copy as “{name}”. Your changes since then are still here and not in the copy.";
                return;
            }

            (_isDirty, _note) = (false, "");
            await DiscardDraftAsync();
            _mayLeave = true;
            Navigation.NavigateTo($"workflows/{copied.Value.Id}/edit");
        });

    /// <summary>Puts an older version into the editor, as one change that can be undone.</summary>
    private async Task RestoreAsync(int number)
    {
        var version = await versions.FindContentAsync(_actor, Id!, number, Left);
        if (version.IsOk)
        {
            _session!.Replace(
                version.Value,
                await PromptsOfAsync(version.Value.Steps.Select(step => step.PromptId)),
                $"restoring version {number}"
            );
            _tried = true;
        }
        else
        {
            _refusal = version.Problem.Message;
        }
    }
}
