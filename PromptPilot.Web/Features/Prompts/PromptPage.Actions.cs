using MudBlazor;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Features.Prompts.Editing;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>The actions on a prompt: save, resolve a conflict, restore, label, delete, leave.</summary>
public sealed partial class PromptPage
{
    private const int MostCopies = 20;

    private async Task SaveAsync()
    {
        if (_form is not { } form || !form.Attempt())
        {
            return;
        }

        _saving = true;
        try
        {
            var actor = await ActorAsync();
            var saved = form.Saved is { } before
                ? await promptService.UpdateAsync(actor, before.Id, form.ToDraft(), before.Revision, Left)
                : await promptService.CreateAsync(actor, form.ToDraft(), Left);
            if (saved.IsOk)
            {
                await SavedAsync(actor, saved.Value);
            }
            else if (saved.Problem.Kind == ProblemKind.Stale)
            {
                var newer = await promptService.FindAsync(actor, form.Saved!.Id, Left);
                _newer = newer.IsOk ? newer.Value : null;
                _newerBy = newer.IsOk ? await AuthorAsync(actor, newer.Value) : null;
                Problem = newer.Problem;
            }
            else
            {
                form.Refuse(saved.Problem);
            }
        }
        finally
        {
            _saving = false;
        }
    }

    private async Task SavedAsync(Actor actor, Prompt prompt)
    {
        snackbar.Add($"Saved as {prompt.Version}", Severity.Success);
        (_newer, _mine) = (null, null);
        if (Id is null)
        {
            _mayLeave = true;
            await DiscardDraftAsync();
            Navigation.NavigateTo($"prompts/{prompt.Id}", replace: true);
            return;
        }

        _form = new PromptForm(prompt);
        _keeper?.Settle();
        await LoadAroundAsync(actor);
    }

    private async Task DeleteAsync()
    {
        if (
            _form?.Saved is not { } prompt
            || !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Delete the prompt “{prompt.Name}”?",
                "Its versions and labels are deleted too. This cannot be undone."
            )
        )
        {
            return;
        }

        var result = await promptService.DeleteAsync(await ActorAsync(), prompt.Id, prompt.Revision, Left);
        if (result.IsOk)
        {
            _mayLeave = true;
            snackbar.Add($"Deleted “{prompt.Name}”", Severity.Success);
            Navigation.NavigateTo("prompts");
        }
        else
        {
            _form.Refuse(result.Problem);
        }
    }

    /// <summary>The author of the newest version.</summary>
    private async Task<string?> AuthorAsync(Actor actor, Prompt prompt) =>
        await promptService.FindVersionAsync(actor, prompt.Id, prompt.Version, Left) is { IsOk: true, Value.CreatedBy: { } by }
            ? _people.GetValueOrDefault(by)
            : null;

    private void UseTheirs()
    {
        _mine = _form;
        _form = new PromptForm(_newer);
        _newer = null;
    }

    private void RestoreMine()
    {
        _mine!.RebaseOn(_form!.Saved!);
        (_form, _mine) = (_mine, null);
    }

    private Task OverwriteAsync()
    {
        _form!.RebaseOn(_newer!);
        _newer = null;
        return SaveAsync();
    }

    /// <summary>Saves the text as a new prompt, under the first free name.</summary>
    private async Task CopyAsync()
    {
        var actor = await ActorAsync();
        var draft = _form!.ToDraft();
        Result<Prompt> made = Problem.Conflict("Too many copies have this name. Choose another name and save.");
        for (var number = 1; number <= MostCopies && made.Problem is { Kind: ProblemKind.Conflict }; number++)
        {
            made = await promptService.CreateAsync(
                actor,
                draft with
                {
                    Name = $"{draft.Name} (copy{(number == 1 ? "" : $" {number}")})",
                },
                Left
            );
        }

        if (!made.IsOk)
        {
            _form.Refuse(made.Problem);
            return;
        }

        _mayLeave = true;
        await DiscardDraftAsync();
        snackbar.Add($"Saved as “{made.Value.Name}”", Severity.Success);
        Navigation.NavigateTo($"prompts/{made.Value.Id}");
    }

    private async Task RestoreAsync(PromptVersion version)
    {
        if (
            IsDirty
            && !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Load {version.Version} into the editor?",
                "This replaces your unsaved changes.",
                "Replace"
            )
        )
        {
            return;
        }

        _form!.Restore(version);
        snackbar.Add(
            $"{version.Version} is in the editor. "
                + $"{(_form.Step?.Change == VersionChange.None ? "It is the same as the latest." : $"{SaveText} to make it the latest.")}",
            Severity.Info
        );
    }

    private async Task LabelAsync(string version)
    {
        if (await LabelDrawer.OpenAsync(Dialogs, Id!, version, [.. _versions.Select(v => v.Version)], _labels))
        {
            await LoadAroundAsync(await ActorAsync());
        }
    }

    private void RestoreDraft(IReadOnlyDictionary<string, string> fields) => _form!.Restore(fields);

    private Task DiscardDraftAsync() => _keeper?.DiscardAsync() ?? Task.CompletedTask;
}
