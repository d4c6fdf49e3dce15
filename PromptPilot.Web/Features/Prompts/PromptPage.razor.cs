using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Parts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Exchange;
using PromptPilot.Web.Features.Prompts.Editing;
using PromptPilot.Web.Features.Prompts.Playground;

namespace PromptPilot.Web.Features.Prompts;

/// <summary>
/// Reads, edits and makes a prompt. What was typed is kept in <see cref="PromptForm"/> until it is saved, whatever happens meanwhile.
/// </summary>
public sealed partial class PromptPage(
    PageServices services,
    PromptService promptService,
    PromptLabelService promptLabelService,
    StepPickerService pickers,
    UserService users,
    RunService runs,
    ExecutionLogService logs,
    ISnackbar snackbar
) : PortalPage(services)
{
    /// <summary>The label that programs are most likely to follow.</summary>
    private const string Production = "production";

    private PromptForm? _form;
    private PromptFacets _facets = new([], []);
    private List<PromptVersion> _versions = [];
    private string? _nextVersions;
    private IReadOnlyList<PromptLabelItem> _labels = [];
    private IReadOnlyList<PromptUse> _uses = [];
    private IReadOnlyList<PartUse> _partUses = [];
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

    /// <summary>Id of an execution log whose answer is to become an example.</summary>
    [SupplyParameterFromQuery]
    private string? Example { get; set; }

    protected override bool IsDirty => May(Permission.Write) && !_mayLeave && _form?.IsDirty is true;

    private string Title => _form?.Saved?.Name ?? (Id is null ? "New prompt" : "Prompt");

    private IReadOnlyList<(string Key, string Name)> Tabs =>
        _form?.Saved is null
            ? []
            :
            [
                .. May(Permission.Run) ? [("playground", "Playground")] : Array.Empty<(string, string)>(),
                ("versions", $"Versions {Format.Count(_versions.Count)}{(_nextVersions is null ? "" : "+")}"),
                ("tests", "Tests"),
                ("ratings", "Ratings"),
                ("uses", $"Used by {Format.Count(_uses.Count + _partUses.Count)}"),
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

    protected override ValueTask LeaveAsync()
    {
        _playground?.Dispose();
        return ValueTask.CompletedTask;
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
        (Problem, _newer, _mine, _mayLeave, _form) = (null, null, null, false, null);
        var actor = await ActorAsync();
        var facets = await promptService.ListFacetsAsync(actor, Left);
        if (!facets.IsOk)
        {
            Problem = facets.Problem;
            return;
        }

        _facets = facets.Value;
        _models = await pickers.ListModelsAsync(actor, Left) is { IsOk: true } models ? models.Value : _models;
        if (Id is null)
        {
            _form = new PromptForm(null);
            return;
        }

        var prompt = await promptService.FindAsync(actor, Id, Left);
        Problem = prompt.Problem;
        if (prompt.IsOk)
        {
            await LoadAroundAsync(actor);
            _form = new PromptForm(prompt.Value);
            await AddExampleAsync(actor);
            _playground?.Dispose();
            _playground = new PlaygroundModel(prompt.Value.Version, _models.Preselected);
        }
    }

    /// <summary>Adds a run's answer as an example, as text, without saving it.</summary>
    private async Task AddExampleAsync(Actor actor)
    {
        if (Example is null || !May(Permission.Write))
        {
            return;
        }

        var log = await logs.FindAsync(actor, Example, Left);
        var sent = await runs.RenderPromptAsync(actor, Example, Left);
        if (!log.IsOk || log.Value.PromptId != Id || !sent.IsOk)
        {
            snackbar.Add("This answer cannot be added as an example. Its run may have been deleted.", Severity.Error);
            return;
        }

        var asked = sent.Value.Messages.LastOrDefault(message => message.Role == ModelRole.User)?.Text ?? "";
        _form!.AddExample(LiquidTemplate.Of(asked), LiquidTemplate.Of(log.Value.Output));
        _form.Refresh();
        snackbar.Add("Added as an example. Check it, then save.", Severity.Success);
    }

    private async Task LoadAroundAsync(Actor actor)
    {
        var versions = await promptService.ListVersionsAsync(actor, Id!, new PageRequest(Limit: 20), Left);
        _versions = versions.IsOk ? [.. versions.Value.Items] : [];
        _nextVersions = versions.IsOk ? versions.Value.Next : null;
        var labels = await promptLabelService.ListLabelsAsync(actor, Id!, Left);
        _labels = labels.IsOk ? labels.Value : [];
        var uses = await promptService.ListUsesAsync(actor, Id!, Left);
        _uses = uses.IsOk ? uses.Value : [];
        var partUses = await promptService.ListPartUsesAsync(actor, Id!, Left);
        _partUses = partUses.IsOk ? partUses.Value : [];
        var people = await users.ListNamesAsync(actor, Left);
        _people = people.IsOk ? people.Value.ToDictionary(person => person.Id, person => person.Name) : _people;
    }

    private async Task<PromptDraft?> FindPartsAsync(PromptDraft draft) =>
        await promptService.FindPartsAsync(await ActorAsync(), draft, Id, Left) is { IsOk: true } found ? found.Value : null;

    private void GoToTab(string tab) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("tab", tab == PromptEditor.PreviewTab ? null : tab), replace: true);

    private async Task MoreVersionsAsync()
    {
        var older = await promptService.ListVersionsAsync(await ActorAsync(), Id!, new PageRequest(_nextVersions, 20), Left);
        if (older.IsOk)
        {
            _versions.AddRange(older.Value.Items);
            _nextVersions = older.Value.Next;
        }
    }

    private IReadOnlyList<ApiUse> ApiUses(Prompt prompt) =>
        [
            new(
                "Get an answer",
                "Call a model with this prompt. Uses the key's model profile or, without one, your default.",
                portal => CallSnippets.OfCompletion(portal, prompt.Name, LikeliestLabel, [.. Required(prompt).Select(CallSnippets.Example)])
            ),
            new(
                "Get the text",
                "Get this prompt from a program. The ETag changes when the prompt is saved or its label moves.",
                portal => CallSnippets.OfPrompt(portal, prompt.Name, LikeliestLabel)
            ),
        ];

    private static IEnumerable<VariableDefinition> Required(Prompt prompt) =>
        prompt
            .Variables.Select(name =>
                prompt.VariableDefinitions.Find(definition => definition.Name == name) ?? new VariableDefinition { Name = name }
            )
            .Where(definition => !definition.IsOptional());

    private string? LikeliestLabel => _labels.Select(label => label.Name).OrderBy(name => name != Production).FirstOrDefault();
}
