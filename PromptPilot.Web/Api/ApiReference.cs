using Scalar.AspNetCore;

namespace PromptPilot.Web.Api;

/// <summary>
/// The browsable API reference at <c>/scalar</c>. Its scripts come from this host; the inline ones carry a nonce, which
/// <see cref="Hosting.SecurityHeaders"/> adds to the policy of this page alone.
/// </summary>
internal static class ApiReference
{
    public static void MapApiReference(this IEndpointRouteBuilder app) => app.MapScalarApiReference(Configure).AllowAnonymous();

    /// <summary>The nonce of the inline scripts in this response; null for every other page.</summary>
    public static string? NonceOf(HttpContext http) => http.Items[ScalarOptions.NonceHttpContextItemKey] as string;

    /// <summary>Nothing on the page may call another host: no fonts, proxy, telemetry or assistant.</summary>
    private static void Configure(ScalarOptions options) =>
        options
            .WithNonce()
            .WithTitle("PromptPilot API")
            .WithFavicon("../favicon.svg")
            .AddHeadContent("<script src=\"../js/api-reference.js\"></script>")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools();
}
