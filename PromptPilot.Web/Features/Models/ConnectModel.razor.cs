using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Samples;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Models;

public sealed partial class ConnectModel(
    PageServices services,
    ModelProfileService profiles,
    ModelTrialService trials,
    WorkflowSampleService samples
) : PortalComponent(services)
{
    private ModelProfileForm _form = ModelProfileForm.New();
    private FieldErrors _errors = FieldErrors.None;
    private IReadOnlyList<OfferedModel> _local = [];
    private ModelProfileView? _connected;
    private ModelTest? _test;
    private IReadOnlyList<string>? _moved;
    private bool _isNeeded;
    private bool _listing;

    protected override async Task OnInitializedAsync()
    {
        if (!May(Permission.Admin))
        {
            return;
        }

        var known = await profiles.ListAsync(await ActorAsync(), new PageRequest(Limit: PageRequest.MaxLimit), Left);
        _isNeeded = known.IsOk && known.Value.Items.All(profile => Providers.Of(profile.Provider).IsBuiltIn);
    }

    /// <summary>Checked after the page is shown, so that no one waits for a server that may not exist.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender || !_isNeeded)
        {
            return;
        }

        var (first, local) = (ModelProfileForm.New().Provider, ModelProfileForm.New());
        local.Choose(Providers.All.First(provider => provider.IsLocal).Key);
        var found = await trials.ListModelsAsync(await ActorAsync(), null, local.ToContent(), Left);
        if (found is { IsOk: true, Value.Count: > 0 } && _form.Provider == first && _form.ApiKey.Length == 0)
        {
            (_local, _form) = (found.Value, local);
            (_form.Offered, _form.Model) = (found.Value, found.Value[0].Id);
            StateHasChanged();
        }
    }

    private void Choose(string? provider)
    {
        _form.Choose(provider ?? _form.Provider);
        (_errors, _test, Problem) = (FieldErrors.None, null, null);
    }

    private async Task ListAsync()
    {
        (_listing, _test) = (true, null);
        StateHasChanged();
        var found = await trials.ListModelsAsync(await ActorAsync(), null, _form.ToContent(), Left);
        _listing = false;
        Show(found.Problem);
        _form.Offered = found.IsOk ? found.Value : null;
    }

    /// <summary>Saves only what answered.</summary>
    private Task ConnectAsync() =>
        OnceAsync(async () =>
        {
            _test = null;
            StateHasChanged();
            _form.Name = _form.Model;
            var actor = await ActorAsync();
            var tested = await trials.TestAsync(actor, null, _form.ToContent(), Left);
            _test = tested.IsOk ? tested.Value : null;
            Show(tested.Problem);
            if (tested is { IsOk: true, Value.Fault: null })
            {
                var made = await profiles.CreateAsync(actor, _form.ToContent(), Left);
                Show(made.Problem);
                _connected = made.IsOk ? made.Value : null;
            }
        });

    private Task MoveSamplesAsync() =>
        OnceAsync(async () =>
        {
            var moved = await samples.UseModelAsync(await ActorAsync(), _connected!.Id, Left);
            (_moved, Problem) = (moved.IsOk ? moved.Value : null, moved.Problem);
        });

    private void Show(Problem? problem) => (Problem, _errors) = (problem, new FieldErrors(problem));
}
