using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Account.OpenId;

/// <summary>The user's link to the identity provider.</summary>
public sealed partial class OpenIdCard(PageServices services, OpenIdLinkService links, IOptions<OpenIdOptions> options)
    : PortalComponent(services)
{
    private OpenIdLink? _link;
    private string? _notice;

    /// <summary>The outcome of linking, from the page's address.</summary>
    [Parameter]
    public string? Outcome { get; set; }

    private OpenIdOptions Settings => options.Value;

    protected override async Task OnInitializedAsync()
    {
        _notice = OpenIdWords.Of(Outcome, Settings);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        if (Settings.IsConfigured)
        {
            var link = await links.FindAsync(await ActorAsync(), Left);
            Problem = link.Problem;
            _link = link.IsOk ? link.Value : null;
        }
    }

    private async Task LinkAsync()
    {
        var begun = await links.BeginAsync(await ActorAsync(), Left);
        Problem = begun.Problem;
        if (begun.IsOk)
        {
            Navigation.NavigateTo(begun.Value, forceLoad: true);
        }
    }

    private Task RemoveAsync() =>
        OnceAsync(async () =>
        {
            if (
                await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Remove the link to {Settings.Name}?",
                    "After that, you sign in with your password.",
                    "Remove link"
                )
            )
            {
                var removed = await links.RemoveAsync(await ActorAsync(), Left);
                _notice = null;
                await LoadAsync();
                Problem ??= removed.Problem;
            }
        });
}
