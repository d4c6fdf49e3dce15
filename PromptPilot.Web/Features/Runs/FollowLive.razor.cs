using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace PromptPilot.Web.Features.Runs;

public sealed partial class FollowLive(IJSRuntime js)
{
    private IJSObjectReference? _module;
    private IJSObjectReference? _page;

    /// <summary>The run has not ended.</summary>
    [Parameter, EditorRequired]
    public bool IsLive { get; set; }

    [Parameter, EditorRequired]
    public bool IsFollowing { get; set; }

    [Parameter]
    public EventCallback<bool> IsFollowingChanged { get; set; }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_page is not null)
            {
                await _page.InvokeVoidAsync("stop");
                await _page.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone, and the listeners with it.
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await js.InvokeAsync<IJSObjectReference>("import", "./js/run-page.js");
            _page = await _module.InvokeAsync<IJSObjectReference>("start");
        }
    }
}
