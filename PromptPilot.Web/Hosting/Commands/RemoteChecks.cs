using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Mail;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Hosting.Commands;

/// <summary>Checks of <c>doctor</c> that ask other machines.</summary>
internal sealed class RemoteChecks(LocalPortal portal)
{
    private const int MaxAnswer = 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="url">The address that people use; null: the setting.</param>
    public async Task<IReadOnlyList<Finding>> ProxyAsync(string? url, CancellationToken cancellationToken)
    {
        const string Check = "Proxy";
        var address = url ?? portal.Get<IConfiguration>()["PromptPilot:PublicUrl"];
        if (address is not { Length: > 0 } || !Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var root))
        {
            return [Finding.Skipped(Check, "Set PromptPilot:PublicUrl, or specify the portal's address with --url.")];
        }

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = MaxAnswer,
        };
        try
        {
            using var page = await http.GetAsync(new Uri(root, "account/sign-in"), cancellationToken);
            var text = await page.Content.ReadAsStringAsync(cancellationToken);
            return page.IsSuccessStatusCode
                ? [.. Judge(root, text, page.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [])]
                :
                [
                    Finding.Failed(
                        Check,
                        $"{root} answered {(int)page.StatusCode}. Is the portal running, and does the proxy forward to it?"
                    ),
                ];
        }
        catch (Exception exception)
            when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [Finding.Failed(Check, $"{root} cannot be reached: {exception.Message}")];
        }
    }

    /// <summary>What a page says about how the portal sees its proxy.</summary>
    internal static IEnumerable<Finding> Judge(Uri root, string page, IReadOnlyList<string> cookies)
    {
        const string Check = "Proxy";
        var isSecure = cookies.Any(cookie => cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));
        if (!page.Contains($"<base href=\"{root.AbsolutePath}\"", StringComparison.Ordinal))
        {
            yield return Finding.Failed(
                Check,
                $"The portal does not know that it is served under {root.AbsolutePath}. Set PromptPilot:Http:PathBase."
            );
        }
        else if (root.Scheme == Uri.UriSchemeHttps && !isSecure)
        {
            yield return Finding.Failed(
                Check,
                "The portal sees http instead of https. The proxy must send X-Forwarded-Proto, and its address must be in "
                    + "PromptPilot:Http:TrustedProxies."
            );
        }
        else if (root.Scheme == Uri.UriSchemeHttp && !root.IsLoopback)
        {
            yield return Finding.Warning(Check, $"{root} is not encrypted. Put a TLS proxy in front of it.");
        }
        else
        {
            yield return Finding.Ok(Check, $"{root} answers, and the portal sees its address and scheme.");
        }
    }

    public async Task<Finding> MailAsync(CancellationToken cancellationToken)
    {
        var smtp = portal.Get<IOptions<SmtpSettings>>().Value;
        return smtp.Host.Length == 0
            ? Finding.Skipped("Mail", "No mail server is set. Invitations are shown as links.")
            : await ConnectAsync("Mail", smtp.Host, smtp.Port ?? UsualPort(smtp.Security), cancellationToken);
    }

    /// <param name="callsModels">Makes a call of each, instead of a connection to its server.</param>
    public async Task<IReadOnlyList<Finding>> ProvidersAsync(bool callsModels, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var service = portal.Get<ModelProfileService>();
        var names = await service.ListNamesAsync(Actor.System, cancellationToken);
        foreach (var name in names.IsOk ? names.Value.Where(profile => profile.Enabled) : [])
        {
            var check = $"Model profile “{name.Name}”";
            if (callsModels)
            {
                var test = await service.TestAsync(Actor.System, name.Id, cancellationToken);
                findings.Add(
                    !test.IsOk ? Finding.Failed(check, test.Problem.Message)
                    : test.Value.Fault is { } fault ? Finding.Failed(check, fault.Message)
                    : Finding.Ok(check, "It answered a call.")
                );
                continue;
            }

            var profile = await service.FindAsync(Actor.System, name.Id, cancellationToken);
            findings.Add(
                profile is { IsOk: true, Value.IsKeyLost: true } ? Finding.Failed(check, "Its key cannot be decrypted. Enter it again.")
                : profile.IsOk && Uri.TryCreate(profile.Value.Endpoint, UriKind.Absolute, out var endpoint)
                    ? await ConnectAsync(check, endpoint.Host, endpoint.Port, cancellationToken)
                : Finding.Skipped(check, "It has no address of its own. Use --call-models to test it.")
            );
        }

        return findings;
    }

    private static int UsualPort(SmtpSecurity security) =>
        security switch
        {
            SmtpSecurity.StartTls => 587,
            SmtpSecurity.Tls => 465,
            SmtpSecurity.None => 25,
        };

    private static async Task<Finding> ConnectAsync(string check, string host, int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await client.ConnectAsync(host, port, limit.Token);
            return Finding.Ok(check, $"{host}:{port} accepts connections.");
        }
        catch (Exception exception)
            when (exception is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return Finding.Failed(check, $"{host}:{port} cannot be reached: {exception.Message}");
        }
    }
}
