using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Prompts;

public sealed partial class LabelDrawer(
    PageServices services,
    PromptLabelService labelService,
    ProtectionService protectionService,
    ChangeRequestService changes
) : PortalComponent(services)
{
    private static readonly string[] Usual = ["production", "staging"];

    private string _label = "";
    private string _version = "";
    private LabelImpact? _impact;
    private PromptComparison? _comparison;
    private IReadOnlyList<string> _protected = [];
    private string _note = "";

    [Parameter, EditorRequired]
    public string PromptId { get; set; } = "";

    /// <summary>The version to begin with.</summary>
    [Parameter, EditorRequired]
    public string Version { get; set; } = "";

    /// <summary>The newest first.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<string> Versions { get; set; } = [];

    [Parameter]
    public IReadOnlyList<PromptLabelItem> Labels { get; set; } = [];

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    private IEnumerable<string> Names => Usual.Union(Labels.Select(l => l.Name));

    private bool _isMove => Labels.Any(l => l.Name == _label);

    private bool _isProtected => _protected.Contains(_label);

    private string Act =>
        (IsBusy, _impact) switch
        {
            (true, _) => "Moving…",
            (_, null) => "Move",
            _ when _isProtected && _impact.From?.Version != _version => $"Request moving {_label} to {_version}",
            (_, { From: null }) => $"Add {_label} to {_version}",
            (_, { From: { } from }) when from.Version == _version => "Already on this version",
            (_, { Breaks: true }) => $"Move {_label} to {_version} anyway",
            _ => $"Move {_label} to {_version}",
        };

    /// <summary>Opens the drawer.</summary>
    /// <returns>Whether labels changed.</returns>
    public static async Task<bool> OpenAsync(
        IDialogService dialogs,
        string promptId,
        string version,
        IReadOnlyList<string> versions,
        IReadOnlyList<PromptLabelItem> labels
    )
    {
        var parameters = new DialogParameters<LabelDrawer>
        {
            { d => d.PromptId, promptId },
            { d => d.Version, version },
            { d => d.Versions, versions },
            { d => d.Labels, labels },
        };
        var dialog = await dialogs.ShowAsync<LabelDrawer>(
            null,
            parameters,
            new DialogOptions
            {
                CloseOnEscapeKey = true,
                CloseButton = true,
                BackdropClick = false,
            }
        );
        return await dialog.Result is { Canceled: false };
    }

    protected override async Task OnInitializedAsync()
    {
        // The first usual label that is not on the version is what is most likely wanted.
        _version = Version;
        var protections = await protectionService.ListAsync(await ActorAsync(), PromptId, Left);
        _protected = protections.IsOk ? [.. protections.Value.Select(protection => protection.Label!)] : [];
        _label = Usual.FirstOrDefault(name => Labels.All(l => l.Name != name || l.Version != Version)) ?? "";
        await LookAsync();
    }

    private Task ChangeAsync(Action change)
    {
        change();
        return LookAsync();
    }

    private async Task LookAsync()
    {
        (_impact, _comparison, Problem) = (null, null, null);
        if (_label.Length == 0)
        {
            return;
        }

        var impact = await labelService.FindImpactAsync(await ActorAsync(), PromptId, _label, _version, Left);
        if (impact.IsOk)
        {
            _comparison = impact.Value.From is { } from
                ? await Task.Run(() => PromptComparison.Of(PromptState.Of(from), PromptState.Of(impact.Value.To)))
                : null;
        }

        (_impact, Problem) = (impact.IsOk ? impact.Value : null, impact.Problem);
    }

    private Task MoveAsync() =>
        _impact is null
            ? Task.CompletedTask
            : ActAsync(async actor =>
            {
                var moved = await changes.SetLabelAsync(actor, PromptId, _label, _version, _note, Left);
                if (moved is { IsOk: true, Value.ChangeRequestId: { } request })
                {
                    Navigation.NavigateTo($"changes/{request}");
                }

                return moved.Problem;
            });

    private Task RemoveAsync() => ActAsync(async actor => (await labelService.RemoveLabelAsync(actor, PromptId, _label, Left)).Problem);

    private Task ActAsync(Func<Core.Users.Actor, Task<Problem?>> act) =>
        OnceAsync(async () =>
        {
            Problem = await act(await ActorAsync());
            if (Problem is null)
            {
                Dialog.Close(true);
            }
        });

    private string? Error(string field) => new FieldErrors(Problem).At(field);

    private static string Summary(LabelImpact impact)
    {
        var published = impact.Followers.Count(f => f is { IsPublished: true, IsArchived: false });
        var where = impact.From is { } from
            ? from.Version == impact.To.Version
                ? $"{impact.Label} is already on {impact.To.Version}."
                : $"{impact.Label} moves from {from.Version} to {impact.To.Version}."
            : $"{impact.Label} is a new label on {impact.To.Version}.";
        var who =
            impact.Followers.Count == 0
                ? impact.Prompts.Count == 0
                    ? "No workflow uses it."
                    : "No workflow uses it or those prompts."
                : $"{Format.Count(published, "step")} of published workflows follow{(published == 1 ? "s" : "")} it, starting "
                    + "with the next run. Existing runs keep their version.";
        return $"{where} {who}{(impact.Breaks ? " Some would break:" : published > 0 ? " Nothing breaks." : "")}";
    }
}
