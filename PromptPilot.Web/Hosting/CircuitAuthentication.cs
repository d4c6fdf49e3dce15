using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Hosting;

/// <summary>Checks the person of an open page again and again: when they were locked, demoted or deleted, or their password changed, the page is theirs no more.</summary>
internal sealed class CircuitAuthentication(
    ILoggerFactory logs, IDbContextFactory<PromptPilotDbContext> contexts, IOptions<UsersOptions> options, IOptions<IdentityOptions> identity)
    : RevalidatingServerAuthenticationStateProvider(logs)
{
    private static readonly Func<PromptPilotDbContext, string, string, CancellationToken, Task<bool>> IsCurrent = EF.CompileAsyncQuery(
        (PromptPilotDbContext db, string id, string stamp, CancellationToken _) => db.Users.Any(u => u.Id == id && u.SecurityStamp == stamp && !u.IsLocked));

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(options.Value.RevalidationSeconds);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        var id = authenticationState.User.FindFirstValue(ClaimTypes.NameIdentifier);
        var stamp = authenticationState.User.FindFirstValue(identity.Value.ClaimsIdentity.SecurityStampClaimType);
        if (id is null || stamp is null)
        {
            return false;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await IsCurrent(db, id, stamp, cancellationToken);
    }
}
