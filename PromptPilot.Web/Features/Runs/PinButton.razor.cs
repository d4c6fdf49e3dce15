using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs;

public sealed partial class PinButton(PageServices services, RunKeepService keeping) : PortalComponent(services)
{
    private bool? _given;
    private bool _pinned;

    [Parameter, EditorRequired]
    public string RunId { get; set; } = "";

    /// <summary>As the page knows it. A click here applies until that changes: an ended run is no longer followed.</summary>
    [Parameter, EditorRequired]
    public bool Pinned { get; set; }

    protected override void OnParametersSet()
    {
        if (_given != Pinned)
        {
            (_given, _pinned) = (Pinned, Pinned);
        }
    }

    private Task ToggleAsync() =>
        OnceAsync(async () =>
        {
            var wanted = !_pinned;
            Problem = (await keeping.PinAsync(await ActorAsync(), RunId, wanted, Left)).Problem;
            _pinned = Problem is null ? wanted : _pinned;
        });
}
