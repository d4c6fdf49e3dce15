using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Hosting;

/// <summary>The actor of a page: the person signed in on this circuit. Only who they are is taken from the cookie; what they may is asked of the database by the services.</summary>
internal sealed class CurrentActor(AuthenticationStateProvider authentication)
{
    public async Task<Actor> GetAsync()
    {
        var state = await authentication.GetAuthenticationStateAsync();
        return state.User.FindFirstValue(ClaimTypes.NameIdentifier) is { } id ? new Actor.Person(id) : Actor.Nobody;
    }
}
