using PromptPilot.Core.Shared;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Account;

public sealed partial class TwoFactorCard(PageServices services, TwoFactorService twoFactor) : PortalComponent(services)
{
    private const int Most = 10;
    private TwoFactorState? _state;
    private TwoFactorOffer? _offer;
    private IReadOnlyList<string>? _codes;
    private string _code = "";
    private string _password = "";

    private FieldErrors Errors => new(Problem);

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var state = await twoFactor.FindAsync(await ActorAsync(), Left);
        Problem = state.Problem;
        _state = state.IsOk ? state.Value : null;
    }

    private async Task OfferAsync()
    {
        var offer = await twoFactor.OfferAsync(await ActorAsync(), Left);
        Problem = offer.Problem;
        _offer = offer.IsOk ? offer.Value : null;
    }

    private async Task ConfirmAsync() => await ShowAsync(await twoFactor.ConfirmAsync(await ActorAsync(), _code, Left));

    private async Task RenewAsync() => await ShowAsync(await twoFactor.RenewCodesAsync(await ActorAsync(), _password, Left));

    private async Task SwitchOffAsync()
    {
        var done = await twoFactor.SwitchOffAsync(await ActorAsync(), _password, Left);
        (_password, _codes, Problem) = ("", null, done.Problem);
        if (done.IsOk)
        {
            await LoadAsync();
        }
    }

    private async Task ShowAsync(Result<IReadOnlyList<string>> codes)
    {
        (_code, _password, Problem) = ("", "", codes.Problem);
        if (codes.IsOk)
        {
            (_codes, _offer) = (codes.Value, null);
            await LoadAsync();
        }
    }
}
