using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Features.Users;

public sealed partial class PasswordLinkCard(NavigationManager navigation, PortalAddress portal)
{
    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    [Parameter, EditorRequired]
    public PasswordLink Link { get; set; } = default!;

    [Parameter]
    public EventCallback OnDone { get; set; }

    private string Shown => portal.LinkTo(Link.Path ?? "/", new Uri(navigation.BaseUri));

    private string Until => Link.ExpiresAt.ToString("d MMMM, HH:mm", CultureInfo.InvariantCulture) + " UTC";
}
