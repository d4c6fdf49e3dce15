using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Components.Layout;

public sealed partial class UserMenu(PageServices services, AccountService accounts, Browser browser, ThemeSwitch themes)
    : PortalComponent(services)
{
    private string Initials =>
        string.Concat(
            Viewer!.Name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2).Select(word => char.ToUpperInvariant(word[0]))
        );

    /// <summary>The account knows theme and keys; this browser may not yet.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && await accounts.FindAsync(await ActorAsync(), Left) is { IsOk: true } account)
        {
            await browser.SetThemeAsync(account.Value.Theme?.ToString().ToLowerInvariant());
            await browser.SetSingleKeysAsync(!account.Value.NoSingleKeys);
        }
    }

    private async Task ChooseAsync(string? theme) => await themes.ChooseAsync(await ActorAsync(), theme, Left);
}
