using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>Reads, edits and makes a prompt. What was typed is kept in <see cref="PromptForm"/> until it is saved, whatever happens meanwhile.</summary>
public sealed partial class PromptPage : IDisposable
{
    /// <summary>The label that programs are most likely to follow.</summary>
    private const string Production = "production";

    private readonly CancellationTokenSource _leaving = new();
    private PromptForm? _form;
    private PromptFacets _facets = new([], []);
    private List<PromptVersion> _versions = [];
    private string? _nextVersions;
    private IReadOnlyList<PromptLabelItem> _labels = [];
    private IReadOnlyList<PromptUse> _uses = [];
    private Problem? _problem;
    private Prompt? _newer;
    private string? _loaded;
    private bool _saving;
    private bool _mayLeave;

    [Parameter]
    public string? Id { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private PromptService Prompts { get; set; } = default!;

    [Inject]
    private PromptLabelService Labels { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    private bool CanWrite => Viewer is { } viewer && Access.Allows(viewer.Role, Permission.Write);

    private bool IsUnsaved => CanWrite && !_mayLeave && _form?.IsDirty is true;

    private string Title => _form?.Saved?.Name ?? (Id is null ? "New prompt" : "Prompt");

    private string SaveText => _form switch
    {
        { Saved: null } => "Create prompt",
        { Step: null } => "Save",
        { Step.Change: VersionChange.None } => "Saved",
        { Step: { } step } => $"Save as {step.Version}",
        _ => "Save",
    };

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded != (Id ?? ""))
        {
            _loaded = Id ?? "";
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        (_problem, _newer, _mayLeave, _form) = (null, null, false, null);
        var actor = await CurrentActor.GetAsync();
        var facets = await Prompts.ListFacetsAsync(actor, _leaving.Token);
        if (!facets.IsOk)
        {
            _problem = facets.Problem;
            return;
        }

        _facets = facets.Value;
        if (Id is null)
        {
            _form = new PromptForm(null);
            return;
        }

        var prompt = await Prompts.FindAsync(actor, Id, _leaving.Token);
        _problem = prompt.Problem;
        if (prompt.IsOk)
        {
            await LoadAroundAsync(actor);
            _form = new PromptForm(prompt.Value);
        }
    }

    private async Task LoadAroundAsync(Actor actor)
    {
        var versions = await Prompts.ListVersionsAsync(actor, Id!, new PageRequest(Limit: 20), _leaving.Token);
        _versions = versions.IsOk ? [.. versions.Value.Items] : [];
        _nextVersions = versions.IsOk ? versions.Value.Next : null;
        var labels = await Labels.ListLabelsAsync(actor, Id!, _leaving.Token);
        _labels = labels.IsOk ? labels.Value : [];
        var uses = await Prompts.ListUsesAsync(actor, Id!, _leaving.Token);
        _uses = uses.IsOk ? uses.Value : [];
    }

    private async Task MoreVersionsAsync()
    {
        var older = await Prompts.ListVersionsAsync(await CurrentActor.GetAsync(), Id!, new PageRequest(_nextVersions, 20), _leaving.Token);
        if (older.IsOk)
        {
            _versions.AddRange(older.Value.Items);
            _nextVersions = older.Value.Next;
        }
    }

    private async Task SaveAsync()
    {
        if (_form is not { } form || !form.Attempt())
        {
            return;
        }

        _saving = true;
        try
        {
            var actor = await CurrentActor.GetAsync();
            var saved = form.Saved is { } before
                ? await Prompts.UpdateAsync(actor, before.Id, form.ToDraft(), before.Revision, _leaving.Token)
                : await Prompts.CreateAsync(actor, form.ToDraft(), _leaving.Token);
            if (saved.IsOk)
            {
                await SavedAsync(actor, saved.Value);
            }
            else if (saved.Problem.Kind == ProblemKind.Stale)
            {
                var newer = await Prompts.FindAsync(actor, form.Saved!.Id, _leaving.Token);
                _newer = newer.IsOk ? newer.Value : null;
                _problem = newer.Problem;
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
        Snackbar.Add($"Saved as {prompt.Version}", Severity.Success);
        _newer = null;
        if (Id is null)
        {
            _mayLeave = true;
            Navigation.NavigateTo($"/prompts/{prompt.Id}", replace: true);
            return;
        }

        _form = new PromptForm(prompt);
        await LoadAroundAsync(actor);
    }

    private async Task DeleteAsync()
    {
        if (_form?.Saved is not { } prompt
            || !await ConfirmDialog.AskAsync(Dialogs, $"Delete the prompt “{prompt.Name}”?", "Its versions and labels go with it. This cannot be undone."))
        {
            return;
        }

        var result = await Prompts.DeleteAsync(await CurrentActor.GetAsync(), prompt.Id, prompt.Revision, _leaving.Token);
        if (result.IsOk)
        {
            _mayLeave = true;
            Snackbar.Add($"“{prompt.Name}” was deleted", Severity.Success);
            Navigation.NavigateTo("/prompts");
        }
        else
        {
            _form.Refuse(result.Problem);
        }
    }

    private void TakeTheirs()
    {
        _form = new PromptForm(_newer);
        _newer = null;
    }

    private void KeepMine()
    {
        _form!.KeepTypedOver(_newer!);
        _newer = null;
    }

    private void Restore(PromptVersion version) => _form!.Restore(version);

    private async Task GuardAsync(LocationChangingContext context)
    {
        if (IsUnsaved && !await ConfirmDialog.AskAsync(Dialogs, $"Leave “{Title}” without saving?", "What you typed would be lost.", "Leave"))
        {
            context.PreventNavigation();
        }
    }
}
