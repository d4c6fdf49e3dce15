using System.Text.RegularExpressions;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>
/// The path under which a reverse proxy shows the portal, e.g. <c>/promptpilot</c>: by the setting, or by <c>X-Forwarded-Prefix</c> of a
/// trusted proxy. The proxy can keep it in what it passes on, or strip it.
/// </summary>
internal static partial class BasePath
{
    /// <summary>Whether a text is a path like <c>/promptpilot</c>, so that it cannot be read as a host or leave its quotes.</summary>
    public static bool IsValid(string text) => Shape().IsMatch(text);

    /// <summary>Has to come before everything that looks at the path.</summary>
    public static IApplicationBuilder UseBasePath(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<HttpOptions>>();
        app.UseForwardedHeaders();
        return app.Use(
            (http, next) =>
            {
                Apply(http, options.Value.PathBase);
                if (http.Request.PathBase.HasValue)
                {
                    http.Response.OnStarting(() => CompleteLocation(http));
                    if (!http.Request.Path.HasValue)
                    {
                        // Addresses of pages are relative to the base, with its slash.
                        http.Response.Redirect($"{http.Request.PathBase.ToUriComponent()}/{http.Request.QueryString}", false, true);
                        return Task.CompletedTask;
                    }
                }

                return next(http);
            }
        );
    }

    private static void Apply(HttpContext http, string setting)
    {
        var request = http.Request;

        // The forwarded header has been put here, whatever it held.
        PathString basePath = request.PathBase.Value is { Length: > 0 } forwarded && IsValid(forwarded) ? forwarded : setting;
        request.PathBase = basePath;
        if (basePath.HasValue && request.Path.StartsWithSegments(basePath, out var rest))
        {
            request.Path = rest;
        }
    }

    /// <summary>The API answers with addresses of what it created, from the root of the portal.</summary>
    private static Task CompleteLocation(HttpContext http)
    {
        var location = http.Response.Headers.Location.ToString();
        if (
            http.Response.StatusCode is StatusCodes.Status201Created or StatusCodes.Status202Accepted or StatusCodes.Status409Conflict
            && location is ['/', ..]
        )
        {
            http.Response.Headers.Location = http.Request.PathBase.ToUriComponent() + location;
        }

        return Task.CompletedTask;
    }

    [GeneratedRegex("^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$", RegexOptions.NonBacktracking)]
    private static partial Regex Shape();
}
