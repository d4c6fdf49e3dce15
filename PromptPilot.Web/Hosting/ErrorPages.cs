namespace PromptPilot.Web.Hosting;

/// <summary>What a person sees instead of a blank page. The API has problems of its own (Api/ApiProblems.cs).</summary>
internal static class ErrorPages
{
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
            }
        );
}
