using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Mvc;
using MudBlazor;
using MudBlazor.Services;
using PromptPilot.Web.Components;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Layout;
using PromptPilot.Web.Components.Pages;
using PromptPilot.Web.Features.Account.SignIn;
using PromptPilot.Web.Features.Feedback;

namespace PromptPilot.Web.Hosting;

/// <summary>
/// Blazor and MudBlazor. Pages are interactive on the server, but for those of Features/Account/SignIn, which are plain HTML.
/// </summary>
internal static class Pages
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        // At the top right, its usual place, a message would cover the buttons that it speaks of.
        services.AddMudServices(mud => mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter);
        services.AddScoped<Browser>().AddScoped<PageServices>().AddTransient<FeedbackChoices>().AddScoped<ThemeSwitch>();

        // A long text pasted into a field arrives as one message.
        services
            .AddRazorComponents()
            .AddInteractiveServerComponents()
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = 4 * 1024 * 1024);
        return services;
    }

    /// <summary>The most that the form of a page may hold, in bytes. The longest is a passkey with its certificates.</summary>
    public const int MaxForm = 256 * 1024;

    public static WebApplication MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(server =>
            {
                server.ContentSecurityFrameAncestorsPolicy = "'none'";

                // Else each page keeps a compressor between its messages: a third of a megabyte, as much as half of all else of a page.
                server.ConfigureWebSocketAcceptContext = (_, socket) =>
                {
                    socket.DisableServerContextTakeover = true;
                    return Task.CompletedTask;
                };
            })
            .Add(LimitForm);
        return app;
    }

    /// <summary>
    /// Of pages with forms only: the connection of an open page, when it is not a web socket, posts more, and a page that replaces
    /// another comes when the body was read.
    /// </summary>
    private static void LimitForm(EndpointBuilder endpoint)
    {
        if (
            endpoint.Metadata.OfType<ComponentTypeMetadata>().FirstOrDefault() is { } page
            && page.Type != typeof(NotFoundPage)
            && page.Type != typeof(ErrorPage)
        )
        {
            endpoint.Metadata.Add(new RequestSizeLimitAttribute(MaxForm));
        }
    }
}
