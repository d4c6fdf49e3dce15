using PromptPilot.Web.Api;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>Security headers of every response, and the origin check of the hub.</summary>
internal static class SecurityHeaders
{
    private const string OwnScripts = "script-src 'self'";
    private const string ContentSecurityPolicy =
        $"default-src 'self'; {OwnScripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>For what people uploaded: even if a browser shows it, it can load and run nothing.</summary>
    private const string Sandbox = "sandbox; default-src 'none'; frame-ancestors 'none'";

    private static readonly object SandboxMark = new();

    /// <summary>Makes this response one that a browser isolates from the portal.</summary>
    public static void Isolate(HttpContext http) => http.Items[SandboxMark] = true;

    public static IApplicationBuilder UseSecurityHeaders(this WebApplication app)
    {
        // Says something over TLS only, and not on localhost.
        app.UseHsts();
        return app.Use(
            async (http, next) =>
            {
                // At the last moment: an error page clears what was set before it, and Blazor adds a policy of its own.
                http.Response.OnStarting(() =>
                {
                    Set(http.Response.Headers, ApiReference.NonceOf(http));
                    if (http.Items.ContainsKey(SandboxMark))
                    {
                        http.Response.Headers.ContentSecurityPolicy = Sandbox;
                    }

                    KeepOutOfCaches(http);
                    return Task.CompletedTask;
                });
                if (IsForeignAtHub(http.Request))
                {
                    http.Response.StatusCode = StatusCodes.Status403Forbidden;
                    return;
                }

                await next(http);
            }
        );
    }

    private static void Set(IHeaderDictionary headers, string? scriptNonce)
    {
        headers.ContentSecurityPolicy = scriptNonce is null
            ? ContentSecurityPolicy
            : ContentSecurityPolicy.Replace(OwnScripts, $"{OwnScripts} 'nonce-{scriptNonce}'", StringComparison.Ordinal);
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }

    /// <summary>
    /// A response without cache headers is for one user and moment. One with an ETag may be kept by its recipient, for later requests.
    /// </summary>
    private static void KeepOutOfCaches(HttpContext http)
    {
        var headers = http.Response.Headers;
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = headers.ETag.Count > 0 ? "private, no-cache" : "no-store";
        }
    }

    /// <summary>Web sockets are not held to the same origin by the browser, so we do it.</summary>
    private static bool IsForeignAtHub(HttpRequest request) =>
        request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase)
        && request.Headers.Origin.ToString() is { Length: > 0 } origin
        && !(
            Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && string.Equals(from.Authority, Own(request.Host, from), StringComparison.OrdinalIgnoreCase)
        );

    // The scheme is not compared: behind a proxy that ends TLS the host sees http.
    private static string Own(HostString host, Uri like) =>
        host.Port is { } port && !(like.IsDefaultPort && port == like.Port) ? $"{host.Host}:{port}" : host.Host;
}
