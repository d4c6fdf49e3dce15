using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary><c>users reset-password EMAIL</c>: the way back in when no admin can sign in.</summary>
internal static class UsersCommand
{
    public static Command Create()
    {
        var email = new Argument<string>("EMAIL") { Description = "The address that the user signs in with." };
        var (data, json) = (CommandOptions.Data(), CommandOptions.Json());
        var reset = new Command("reset-password", "Create a link to choose a new password. Needs a stopped portal.") { email, data, json };
        reset.SetAction(
            (parsed, cancellationToken) =>
                ResetAsync(parsed.GetRequiredValue(email), parsed.GetValue(data), CommandOutput.Of(parsed, json), cancellationToken)
        );
        return new Command("users", "Help users who cannot sign in.") { reset };
    }

    private static async Task<int> ResetAsync(string email, string? data, CommandOutput output, CancellationToken cancellationToken)
    {
        var (portal, failure) = await LocalPortal.OpenAsync(data, needsStopped: true, cancellationToken);
        if (portal is null)
        {
            return output.Fail(failure!.Text, failure.Code);
        }

        await using var _ = portal;
        await using var db = await portal.Get<IDbContextFactory<PromptPilotDbContext>>().CreateDbContextAsync(cancellationToken);
        var normalized = email.Trim().ToUpperInvariant();
        var userId = await db
            .Users.Where(user => user.NormalizedEmail == normalized)
            .Select(user => user.Id)
            .SingleOrDefaultAsync(cancellationToken);
        if (userId is null)
        {
            return output.Fail($"There is no user with the address {email}.");
        }

        var made = await portal.Get<UserService>().ResetPasswordAsync(Actor.System, userId, cancellationToken);
        if (!made.IsOk)
        {
            return output.Fail(made.Problem);
        }

        var (path, expiresAt) = (made.Value.Path, made.Value.ExpiresAt);
        var link = path is null ? null : portal.Get<PortalAddress>().LinkTo(path, new Uri("http://localhost/"));
        return output.Done(
            new
            {
                email,
                link,
                expiresAt,
                mailed = link is null,
            },
            link is null
                ? $"The link was e-mailed to {email}. Start the portal."
                : $"Start the portal, and open this link to choose a password. It works once, until {expiresAt:u}:\n\n    {link}\n"
        );
    }
}
