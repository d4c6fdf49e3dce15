using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Account;

/// <summary>One's own name, preferences and API keys.</summary>
public sealed partial class AccountPage(PageServices services, AccountService accounts, ModelProfileService models, Browser browser)
    : PortalPage(services)
{
    private Actor _actor = Actor.Nobody;
    private Core.Users.Account? _account;
    private IReadOnlyList<ModelProfileName> _profiles = [];
    private string _name = "";
    private string _theme = "";
    private string _model = "";
    private bool _singleKeys = true;
    private bool _isSaved;

    /// <summary>A password was just changed.</summary>
    [SupplyParameterFromQuery]
    public bool PasswordChanged { get; set; }

    /// <summary>The outcome of linking the account to the identity provider.</summary>
    [SupplyParameterFromQuery(Name = "openId")]
    public string? OpenId { get; set; }

    private FieldErrors Errors => new(Problem);

    private IEnumerable<(string Id, string Name)> Choices =>
        _profiles.Where(p => (p.Enabled && p.MayUse) || p.Id == _account?.DefaultModel).Select(p => (p.Id, p.Name));

    protected override async Task OnInitializedAsync()
    {
        _actor = await ActorAsync();
        var names = await models.ListNamesAsync(_actor, Left);
        _profiles = names.IsOk ? names.Value : [];
        Show(await accounts.FindAsync(_actor, Left));
    }

    private Task SaveAsync() =>
        OnceAsync(async () =>
        {
            Theme? theme = Enum.TryParse<Theme>(_theme, ignoreCase: true, out var chosen) ? chosen : null;
            var saved = await accounts.UpdateAsync(
                _actor,
                new AccountChange(_name, _model.Length > 0 ? _model : null, theme, !_singleKeys),
                _account?.Revision,
                Left
            );
            Show(saved);
            _isSaved = saved.IsOk;
            if (saved.IsOk)
            {
                await browser.SetThemeAsync(theme?.ToString().ToLowerInvariant());
                await browser.SetSingleKeysAsync(_singleKeys);
            }
        });

    private void Show(Result<Core.Users.Account> account)
    {
        Problem = account.Problem;
        if (account.IsOk)
        {
            _account = account.Value;
            _name = account.Value.Name;
            _theme = account.Value.Theme?.ToString().ToLowerInvariant() ?? "";
            _model = account.Value.DefaultModel ?? "";
            _singleKeys = !account.Value.NoSingleKeys;
        }
    }
}
