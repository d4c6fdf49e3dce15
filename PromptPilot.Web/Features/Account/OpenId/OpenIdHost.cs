using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.Users.OpenId;
using PromptPilot.Web.Hosting.Requests;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Account.OpenId;

/// <summary>
/// Sends browsers to the provider and answers them when they come back. The first request loads the library; the handlers are rebuilt when
/// the settings change.
/// </summary>
internal sealed class OpenIdHost(
    IOptionsMonitor<OpenIdOptions> options,
    OpenIdProvider provider,
    IDataProtectionProvider protection,
    ILogger<OpenIdHost> log
)
{
    private const string Ticket = "link";
    private const int LongestReason = 500;

    private Built? _built;

    public OpenIdOptions Settings => options.CurrentValue;

    /// <summary>Sends the browser to the provider.</summary>
    /// <param name="ticket">To link an account; null: to sign in.</param>
    public Task StartAsync(HttpContext http, string? returnUrl, string? ticket)
    {
        // Never empty: the handler would return to this address, which starts again.
        var local = LocalUrl.OrHome(returnUrl);
        var properties = new AuthenticationProperties { RedirectUri = local.Length > 0 ? local : http.Request.PathBase + "/" };
        if (ticket is not null)
        {
            properties.Items[Ticket] = ticket;
        }

        return GuardAsync(http, () => Handlers().ChallengeAsync(http, properties));
    }

    /// <summary>Reads the provider's answer and answers the browser.</summary>
    public Task ReceiveAsync(HttpContext http) => GuardAsync(http, () => Handlers().ReceiveAsync(http));

    /// <summary>Sends the browser to the provider's sign-out page, or to the sign-in page if there is none.</summary>
    public Task SignOutAsync(HttpContext http) =>
        GuardAsync(
            http,
            async () =>
            {
                var back = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}/account/sign-in";
                http.Response.Redirect(await Handlers().FindSignOutAsync(back, http.RequestAborted) ?? back);
            }
        );

    /// <summary>Whom a logout token signs out; null: it is not valid.</summary>
    public async Task<(string? Subject, string? ProviderSession)?> ReadLogoutAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            return await Handlers().ReadLogoutAsync(token, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log(exception);
            return null;
        }
    }

    private OpenIdHandlers Handlers()
    {
        var settings = options.CurrentValue;
        if (_built is { } built && ReferenceEquals(built.Settings, settings))
        {
            return built.Handlers;
        }

        var handlers = new OpenIdHandlers(settings, provider, protection, ReceivedAsync, FailedAsync);
        _built = new Built(settings, handlers);
        return handlers;
    }

    /// <summary>
    /// The library throws when the provider is down, does not know the client or returns nonsense: the person gets a message, and the log
    /// one line.
    /// </summary>
    private async Task GuardAsync(HttpContext http, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            Log(exception);
            Answer(
                http,
                OpenIdHandlers.IsRefusal(exception) ? OpenIdOutcome.Misconfigured : OpenIdOutcome.Unreachable,
                null,
                isLink: false
            );
        }
    }

    private async Task ReceivedAsync(HttpContext http, OpenIdIdentity who, TicketReceivedContext answer)
    {
        var signIn = http.RequestServices.GetRequiredService<OpenIdSignIn>();

        // Not cancelled: an attempt is recorded even if the browser disconnects.
        var always = CancellationToken.None;
        if (answer.Properties?.Items.TryGetValue(Ticket, out var ticket) == true && ticket is not null)
        {
            var linked = await signIn.LinkAsync(who, CurrentActor.Of(http.User), ticket, always);
            Answer(http, linked, null, isLink: true);
            return;
        }

        Answer(http, await signIn.SignInAsync(who, always), answer.ReturnUri, isLink: false);
    }

    private Task FailedAsync(HttpContext http, Exception? failure)
    {
        if (failure is not null)
        {
            Log(failure);
        }

        var isDenied = http.Request.Query["error"] == "access_denied" && http.Request.Query.ContainsKey("state");
        Answer(http, isDenied ? OpenIdOutcome.Denied : OpenIdOutcome.Failed, null, isLink: false);
        return Task.CompletedTask;
    }

    private static void Answer(HttpContext http, OpenIdOutcome outcome, string? returnUrl, bool isLink)
    {
        var target = LocalUrl.OrHome(returnUrl);
        http.Response.Redirect(
            outcome switch
            {
                OpenIdOutcome.SignedIn => target.Length > 0 ? target : http.Request.PathBase + "/",
                OpenIdOutcome.SecondFactor => $"{http.Request.PathBase}/account/second-factor?returnUrl={Uri.EscapeDataString(target)}",
                _ when isLink => $"{http.Request.PathBase}/account?openId={outcome}",
                _ => $"{http.Request.PathBase}/account/sign-in?openId={outcome}",
            }
        );
    }

    /// <summary>The reason can quote the request, which anyone may write.</summary>
    private void Log(Exception exception)
    {
        var reason = string.Concat(exception.GetBaseException().Message.Select(letter => char.IsControl(letter) ? ' ' : letter));
        log.LogWarning("A sign-in with OpenID Connect failed: {Reason}", Shorten.Text(reason, LongestReason));
    }

    private sealed record Built(OpenIdOptions Settings, OpenIdHandlers Handlers);
}
