using MudBlazor;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;

namespace PromptPilot.Web.Components.Layout;

/// <summary>Chooses the theme in this browser and for the account.</summary>
public sealed class ThemeSwitch(AccountService accounts, Browser browser)
{
    /// <summary>The themes there are; null follows the system.</summary>
    internal static IReadOnlyList<(string Name, string? Theme, string Icon)> All { get; } =
    [
        ("System", null, Icons.Material.Outlined.Contrast),
        ("Light", "light", Icons.Material.Outlined.LightMode),
        ("Dark", "dark", Icons.Material.Outlined.DarkMode),
    ];

    /// <param name="theme"><c>light</c>, <c>dark</c>, or null.</param>
    public async Task ChooseAsync(Actor actor, string? theme, CancellationToken cancellationToken)
    {
        await browser.SetThemeAsync(theme);
        if (await accounts.FindAsync(actor, cancellationToken) is { IsOk: true } account)
        {
            Theme? chosen = Enum.TryParse<Theme>(theme, ignoreCase: true, out var known) ? known : null;
            await accounts.UpdateAsync(
                actor,
                new AccountChange(account.Value.Name, account.Value.DefaultModel, chosen, account.Value.NoSingleKeys),
                null,
                cancellationToken
            );
        }
    }
}
