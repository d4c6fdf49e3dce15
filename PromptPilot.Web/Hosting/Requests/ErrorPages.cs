using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>Error pages for people, instead of blank ones. The API has its own problems (Api/ApiProblems.cs).</summary>
internal static class ErrorPages
{
    private static readonly object Form = new();

    /// <summary>On an error page: whether a form was sent to the original address.</summary>
    public static bool WasForm(HttpContext http) => http.Items[Form] is true;

    public static IApplicationBuilder UseErrorPages(this WebApplication app) =>
        app.UseWhen(
            http => !PortalAuthentication.IsForPrograms(http.Request),
            pages =>
            {
                if (!app.Environment.IsDevelopment())
                {
                    pages.UseExceptionHandler("/error", createScopeForErrors: true);
                }

                pages.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
                pages.Use(ReadAsync);
                pages.Use(RefuseAsync);
            }
        );

    /// <summary>
    /// A page that says what went wrong is read, whatever was sent: sent again to that page, a form would be refused once more, without a
    /// word. HEAD is answered as GET; the server leaves out the body.
    /// </summary>
    private static Task ReadAsync(HttpContext http, RequestDelegate next)
    {
        var isAgain =
            http.Features.Get<IStatusCodeReExecuteFeature>() is not null || http.Features.Get<IExceptionHandlerPathFeature>() is not null;
        if (isAgain || HttpMethods.IsHead(http.Request.Method))
        {
            http.Items[Form] = HttpMethods.IsPost(http.Request.Method);
            http.Request.Method = HttpMethods.Get;
        }

        return next(http);
    }

    /// <summary>A request that cannot be read is its sender's error, not a bug: it gets a page, and at most one line in the log.</summary>
    private static async Task RefuseAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = exception.StatusCode;
        }
        catch (InvalidDataException) when (!http.Response.HasStarted && HttpMethods.IsPost(http.Request.Method))
        {
            // A form of too many fields, or of too long ones.
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
        }

        if (http.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false } && HttpMethods.IsPost(http.Request.Method))
        {
            // Of a page that says nothing: only an answer without a type gets the page that does.
            http.Response.ContentType = null;
            var token = http.Features.Get<IAntiforgeryValidationFeature>();
            http.RequestServices.GetRequiredService<RefusalLog>()
                .Note(
                    http,
                    token is { IsValid: false } ? "the form's token is missing or belongs to another session" : "the form cannot be read"
                );
        }
    }
}
