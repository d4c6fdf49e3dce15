using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>Switches on a second factor.</summary>
public sealed partial class TwoFactorPage(TwoFactorService twoFactor, NavigationManager navigation)
{
    private Problem? _problem;
    private TwoFactorOffer? _offer;
    private IReadOnlyList<string>? _codes;
    private bool _isOn;

    private bool IsOver => _isOn || _codes is not null;

    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "confirm-two-factor")]
    private CodeForm Form { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Form ??= new CodeForm();
        var state = await twoFactor.FindAsync(CurrentActor.Of(Http.User), Http.RequestAborted);
        if (!state.IsOk)
        {
            navigation.NavigateTo(LocalUrl.SignInAndBack(navigation));
            return;
        }

        _isOn = state.Value.IsOn;
    }

    private async Task BeginAsync()
    {
        var offer = await twoFactor.OfferAsync(CurrentActor.Of(Http.User), Http.RequestAborted);
        _problem = offer.Problem;
        _offer = offer.IsOk ? offer.Value : null;
        await LookAgainAsync(offer.Problem);
    }

    private async Task ConfirmAsync()
    {
        // Not cancelled: an attempt is counted even if the browser hangs up.
        var codes = await twoFactor.ConfirmAsync(CurrentActor.Of(Http.User), Form.Code ?? "", CancellationToken.None);
        _problem = codes.Problem;
        _codes = codes.IsOk ? codes.Value : null;
        await LookAgainAsync(codes.Problem);
    }

    /// <summary>A refusal can be the result of another tab or a second click that turned it on.</summary>
    private async Task LookAgainAsync(Problem? refusal)
    {
        if (refusal is not null && await twoFactor.FindAsync(CurrentActor.Of(Http.User), Http.RequestAborted) is { IsOk: true } state)
        {
            _isOn = state.Value.IsOn;
            _problem = _isOn ? null : refusal;
        }
    }

    private sealed class CodeForm
    {
        public string? Code { get; set; }
    }
}
