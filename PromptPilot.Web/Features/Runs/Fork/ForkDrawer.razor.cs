using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.Fork;

public sealed partial class ForkDrawer(PageServices services, RunReplayService replays, StepPickerService pickers)
    : PortalComponent(services)
{
    private ForkForm _form = default!;
    private PromptDetails? _prompt;
    private IReadOnlyList<ModelChoice> _models = [];

    [Parameter, EditorRequired]
    public RunState Run { get; set; } = default!;

    [Parameter, EditorRequired]
    public StepState Step { get; set; } = default!;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    /// <summary>The step's version is there even when the prompt, or that version, is gone from the lists.</summary>
    private IEnumerable<string> Versions =>
        (_prompt?.Versions.Select(version => version.Version) ?? []).Append(Step.PromptVersion).Distinct();

    private IReadOnlyList<string>? Variables =>
        _prompt
            ?.Versions.FirstOrDefault(version => version.Version == _form.PromptVersion)
            ?.Variables.Select(variable => variable.Name)
            .ToList();

    private IReadOnlyList<ForkValue> Values => _form.Values(Variables);

    /// <summary>Fields that show their errors themselves.</summary>
    private IReadOnlyCollection<string> Fields =>
        [
            "promptVersion",
            "model",
            "parameters.temperature",
            "parameters.maxTokens",
            "parameters.topP",
            .. Values.Select(value => $"values.{value.Name}"),
            .. _form.Inputs.Select(input => $"inputs.{input.Name}"),
        ];

    /// <summary>Opens the drawer for a step of a run.</summary>
    public static Task OpenAsync(IDialogService dialogs, RunState run, StepState step) =>
        dialogs.ShowAsync<ForkDrawer>(
            null,
            new DialogParameters<ForkDrawer> { { drawer => drawer.Run, run }, { drawer => drawer.Step, step } },
            new DialogOptions
            {
                BackdropClick = false,
                CloseOnEscapeKey = true,
                CloseButton = true,
            }
        );

    protected override async Task OnInitializedAsync()
    {
        _form = new ForkForm(Run, Step);
        var actor = await ActorAsync();
        var prompt = await pickers.FindPromptAsync(actor, Step.PromptId, Left);
        var models = await pickers.ListModelsAsync(actor, Left);
        _prompt = prompt.IsOk ? prompt.Value : null;
        _models = models.IsOk ? models.Value.Models : [];
        foreach (var variable in _prompt?.Versions.SelectMany(version => version.Variables) ?? [])
        {
            if (variable.File is { } kind)
            {
                _form.Expect(variable.Name, kind);
            }
        }
    }

    private Task SubmitAsync() =>
        OnceAsync(async () =>
        {
            var request = _form.Read(Variables);
            Problem = request.Problem;
            if (!request.IsOk)
            {
                return;
            }

            var result = await replays.ForkAsync(await ActorAsync(), Run.Id, request.Value, Left);
            Problem = result.Problem;
            if (result.IsOk)
            {
                Dialog.Close();
                Navigation.NavigateTo($"runs/{result.Value.Id}");
            }
        });
}
