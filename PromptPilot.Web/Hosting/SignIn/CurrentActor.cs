using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Hosting.SignIn;

/// <summary>
/// The actor of a page: the person signed in on this circuit. Only who they are is taken from the cookie; what they may is asked of the
/// database by the services.
/// </summary>
public sealed class CurrentActor(AuthenticationStateProvider authentication)
{
    public async Task<Actor> GetAsync() => Of((await authentication.GetAuthenticationStateAsync()).User);

    /// <summary>The user that a cookie names, in its session. A cookie without a session identifies no one.</summary>
    public static Actor Of(ClaimsPrincipal person) =>
        person.FindFirstValue(ClaimTypes.NameIdentifier) is { } id && Session.IdOf(person) is { } session
            ? new Actor.Person(id, session)
            : Actor.Nobody;
}
