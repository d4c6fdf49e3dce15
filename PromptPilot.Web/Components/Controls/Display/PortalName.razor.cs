using Microsoft.Extensions.Options;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Shared.Settings;

namespace PromptPilot.Web.Components.Controls.Display;

public sealed partial class PortalName(IOptionsMonitor<PortalSettings> settings)
{
    private IDisposable? _following;

    public void Dispose() => _following?.Dispose();

    protected override void OnInitialized() => _following = settings.OnChange((_, _) => InvokeAsync(StateHasChanged));
}
