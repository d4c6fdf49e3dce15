using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Components.Layout;

public sealed partial class UserMenu(PageServices services, AccountService accounts, Browser browser) : PortalComponent(services)
{
    private static readonly (string Name, string? Theme, string Icon)[] Themes =
    [
        ("System", null, Icons.Material.Outlined.Contrast),
        ("Light", "light", Icons.Material.Outlined.LightMode),
        ("Dark", "dark", Icons.Material.Outlined.DarkMode),
    ];

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

    private async Task ChooseAsync(string? theme)
    {
        await browser.SetThemeAsync(theme);
        var actor = await ActorAsync();
        if (await accounts.FindAsync(actor, Left) is { IsOk: true } account)
        {
            Theme? chosen = Enum.TryParse<Theme>(theme, ignoreCase: true, out var known) ? known : null;
            await accounts.UpdateAsync(
                actor,
                new AccountChange(account.Value.Name, account.Value.DefaultModel, chosen, account.Value.NoSingleKeys),
                null,
                Left
            );
        }
    }
}
