using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.SignIn;

namespace PromptPilot.Web.Hosting.SignIn;

/// <summary>
/// Checks the person of an open page again and again: when they were locked, demoted or deleted, their password changed or their session
/// ended, the page is no longer theirs.
/// A page also stays with whom it was opened by: when its connection comes back with another cookie, it ends.
/// </summary>
internal sealed class CircuitAuthentication : RevalidatingServerAuthenticationStateProvider
{
    private static readonly Func<PromptPilotDbContext, string, string, string, CancellationToken, Task<bool>> IsCurrent =
        EF.CompileAsyncQuery(
            (PromptPilotDbContext db, string id, string stamp, string session, CancellationToken _) =>
                db.Users.Any(u =>
                    u.Id == id && u.SecurityStamp == stamp && !u.IsLocked && db.Sessions.Any(s => s.Id == session && s.UserId == id)
                )
        );

    private readonly IDbContextFactory<PromptPilotDbContext> _contexts;
    private readonly IOptions<UsersOptions> _options;
    private readonly string _stampClaim;
    private (string User, string Session)? _first;

    public CircuitAuthentication(
        ILoggerFactory logs,
        IDbContextFactory<PromptPilotDbContext> contexts,
        IOptions<UsersOptions> options,
        IOptions<IdentityOptions> identity
    )
        : base(logs)
    {
        (_contexts, _options, _stampClaim) = (contexts, options, identity.Value.ClaimsIdentity.SecurityStampClaimType);
        AuthenticationStateChanged += OnChanged;
    }

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(_options.Value.RevalidationSeconds);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState,
        CancellationToken cancellationToken
    )
    {
        var stamp = authenticationState.User.FindFirstValue(_stampClaim);
        if (stamp is null || Of(authenticationState.User) is not { } person)
        {
            return false;
        }

        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        return await IsCurrent(db, person.User, stamp, person.Session, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        AuthenticationStateChanged -= OnChanged;
        base.Dispose(disposing);
    }

    private static (string User, string Session)? Of(ClaimsPrincipal person) =>
        person.FindFirstValue(ClaimTypes.NameIdentifier) is { } user && Session.IdOf(person) is { } session ? (user, session) : null;

    private async void OnChanged(Task<AuthenticationState> state)
    {
        if (Of((await state).User) is not { } person)
        {
            return;
        }

        _first ??= person;
        if (_first != person)
        {
            SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
        }
    }
}
