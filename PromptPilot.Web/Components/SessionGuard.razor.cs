using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;

namespace PromptPilot.Web.Components;

public sealed partial class SessionGuard(AuthenticationStateProvider authentication, NavigationManager navigation, IJSRuntime js)
{
    protected override void OnInitialized() => authentication.AuthenticationStateChanged += OnChanged;

    public void Dispose() => authentication.AuthenticationStateChanged -= OnChanged;

    /// <summary>
    /// If the user of the page has changed, loads the sign-in page, which closes this circuit.
    /// </summary>
    private async void OnChanged(Task<AuthenticationState> state)
    {
        try
        {
            if (RendererInfo.IsInteractive && (await state).User.Identity?.IsAuthenticated != true)
            {
                // Not with NavigateTo, which would ask about unsaved input.
                await InvokeAsync(async () =>
                    await js.InvokeVoidAsync(
                        "pilotLeave",
                        $"account/sign-in?ended=true&returnUrl={Uri.EscapeDataString(new Uri(navigation.Uri).PathAndQuery)}"
                    )
                );
            }
        }
        catch (Exception exception)
            when (exception is JSException or JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The page is already gone, or goes with this call. No one awaits an event: its exception would end the host.
        }
    }
}
