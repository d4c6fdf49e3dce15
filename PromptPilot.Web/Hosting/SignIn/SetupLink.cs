using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.Setup;

namespace PromptPilot.Web.Hosting.SignIn;

/// <summary>Logs, while there is no user, the link that creates the first admin.</summary>
internal static class SetupLink
{
    public static async Task LogAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var first = app.Services.GetRequiredService<FirstAdmin>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("PromptPilot");
        var address =
            Address(app.Services.GetRequiredService<IServer>()) + app.Services.GetRequiredService<IOptions<HttpOptions>>().Value.PathBase;
        if (await first.IsNeededAsync(cancellationToken))
        {
            await first.ShareCodeAsync(cancellationToken);
            log.LogWarning(
                "There are no users yet. Open this link to create the first admin. It works once, until the next start:\n\n    "
                    + "{Address}/setup?code={Code}\n",
                address,
                first.Code
            );
        }
        else
        {
            log.LogInformation("PromptPilot is ready at {Address}", address);
        }
    }

    private static string Address(IServer server)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:5080";
        return address
            .Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .Replace("[::]", "localhost", StringComparison.Ordinal)
            .TrimEnd('/');
    }
}
