using System.Net;
using System.Net.Sockets;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.OpenId;

/// <summary>A browser without scripts that follows redirects between portal and provider, with cookies for both.</summary>
internal sealed class OpenIdBrowser : IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _portal;

    public OpenIdBrowser(PortalHost portal)
    {
        _portal = portal.BaseAddress;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    }

    /// <summary>A browser that knows one address of two hosts, behind which a balancer chooses one for each request.</summary>
    /// <param name="chosen">The host of the next request.</param>
    public OpenIdBrowser(PortalHost portal, Func<PortalHost> chosen)
    {
        _portal = portal.BaseAddress;
        _client = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                PooledConnectionLifetime = TimeSpan.Zero,
                ConnectCallback = async (context, cancellationToken) =>
                {
                    var to = context.DnsEndPoint;
                    var port = to.Port == portal.BaseAddress.Port ? chosen().BaseAddress.Port : to.Port;
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(new DnsEndPoint(to.Host, port), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        );
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Where it was, the last one first.</summary>
    public List<Uri> Visited { get; } = [];

    /// <summary>The text of the last page.</summary>
    public string Page { get; private set; } = "";

    public Uri At => Visited[0];

    /// <summary>The answer of the provider to the last sign-in.</summary>
    public Uri Callback => Visited.First(uri => uri.AbsolutePath == "/account/oidc/callback");

    /// <summary>Opens an address and follows redirects.</summary>
    /// <param name="until">Stops in front of the first address with this path.</param>
    public async Task<Uri> OpenAsync(string address, string? until = null)
    {
        for (var (uri, left) = (new Uri(_portal, address), 20); left > 0; left--)
        {
            Visited.Insert(0, uri);
            if (uri.AbsolutePath == until)
            {
                return uri;
            }

            using var answer = await _client.GetAsync(uri, Cancellation);
            if (answer.Headers.Location is not { } next)
            {
                Page = await answer.Content.ReadAsStringAsync(Cancellation);
                return uri;
            }

            uri = new Uri(uri, next);
        }

        throw new InvalidOperationException($"Redirected in circles: {string.Join(" ← ", Visited.Take(5))}");
    }

    public Task<Uri> SignInAsync(string returnUrl = "/account") => OpenAsync($"/account/oidc?returnUrl={Uri.EscapeDataString(returnUrl)}");

    public async Task<HttpStatusCode> PostAsync(Uri address, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await _client.PostAsync(new Uri(_portal, address), content, Cancellation);
        Page = await answer.Content.ReadAsStringAsync(Cancellation);
        return answer.StatusCode;
    }

    /// <summary>Signs in with a password.</summary>
    public async Task<bool> SignInAsync(string email, string password)
    {
        await OpenAsync("/account/sign-in");
        var token = Page.Split("name=\"__RequestVerificationToken\" value=\"")[1].Split('"')[0];
        await PostAsync(
            new Uri("/account/sign-in", UriKind.Relative),
            ("_handler", "sign-in"),
            ("__RequestVerificationToken", token),
            ("Form.Email", email),
            ("Form.Password", password)
        );
        return await IsInAsync();
    }

    /// <summary>Whether pages open.</summary>
    public async Task<bool> IsInAsync()
    {
        using var answer = await _client.GetAsync(new Uri(_portal, "/prompts"), Cancellation);
        return answer.IsSuccessStatusCode;
    }

    public void Dispose() => _client.Dispose();
}
