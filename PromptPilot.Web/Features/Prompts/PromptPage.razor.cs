using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Features.Prompts.Playground;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>
/// Reads, edits and makes a prompt. What was typed is kept in <see cref="PromptForm"/> until it is saved, whatever happens meanwhile.
/// </summary>
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
    private ModelChoices _models = new([], null);
    private IReadOnlyDictionary<string, string> _people = new Dictionary<string, string>();
    private PromptEditor? _editor;
    private DraftKeeper? _keeper;
    private PlaygroundModel? _playground;
    private Prompt? _newer;
    private string? _newerBy;
    private PromptForm? _mine;
    private string? _loaded;
    private bool _saving;
    private bool _mayLeave;

    [Parameter]
    public string? Id { get; set; }

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    [CascadingParameter]
    private Principal? Viewer { get; set; }

    [Inject]
    private PromptService Prompts { get; set; } = default!;

    [Inject]
    private PromptLabelService Labels { get; set; } = default!;

    [Inject]
    private StepPickerService Pickers { get; set; } = default!;

    [Inject]
    private UserService Users { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private IDialogService Dialogs { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    private bool CanWrite => Viewer is { } viewer && Access.Allows(viewer.Role, Permission.Write);

    private bool CanRun => Viewer is { } viewer && Access.Allows(viewer.Role, Permission.Run);

    private bool IsUnsaved => CanWrite && !_mayLeave && _form?.IsDirty is true;

    private string Title => _form?.Saved?.Name ?? (Id is null ? "New prompt" : "Prompt");

    private IReadOnlyList<(string Key, string Name)> Tabs =>
        _form?.Saved is null
            ? []
            :
            [
                .. CanRun ? [("playground", "Playground")] : Array.Empty<(string, string)>(),
                ("versions", $"Versions {Format.Count(_versions.Count)}{(_nextVersions is null ? "" : "+")}"),
                ("uses", $"Used by {Format.Count(_uses.Count)}"),
            ];

    private string OpenTab => Tabs.Any(tab => tab.Key == Tab) ? Tab! : PromptEditor.PreviewTab;

    private string SaveText =>
        _form switch
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
        _playground?.Dispose();
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
        (_problem, _newer, _mine, _mayLeave, _form) = (null, null, null, false, null);
        var actor = await CurrentActor.GetAsync();
        var facets = await Prompts.ListFacetsAsync(actor, _leaving.Token);
        if (!facets.IsOk)
        {
            _problem = facets.Problem;
            return;
        }

        _facets = facets.Value;
        _models = await Pickers.ListModelsAsync(actor, _leaving.Token) is { IsOk: true } models ? models.Value : _models;
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
            _playground?.Dispose();
            _playground = new PlaygroundModel(prompt.Value.Version, _models.Preselected);
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
        var people = await Users.ListNamesAsync(actor, _leaving.Token);
        _people = people.IsOk ? people.Value.ToDictionary(person => person.Id, person => person.Name) : _people;
    }

    private void GoToTab(string tab) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("tab", tab == PromptEditor.PreviewTab ? null : tab), replace: true);

    private async Task MoreVersionsAsync()
    {
        var older = await Prompts.ListVersionsAsync(await CurrentActor.GetAsync(), Id!, new PageRequest(_nextVersions, 20), _leaving.Token);
        if (older.IsOk)
        {
            _versions.AddRange(older.Value.Items);
            _nextVersions = older.Value.Next;
        }
    }
}
