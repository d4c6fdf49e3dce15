namespace PromptPilot.Web.Hosting.Requests;

/// <summary>The address of the portal as the sender of a request wrote it: host and base path, without the page.</summary>
internal static class RequestAddress
{
    public static Uri Asked(this HttpContext http) =>
        new($"{http.Request.Scheme}://{http.Request.Host.ToUriComponent()}{http.Request.PathBase.ToUriComponent()}/");
}
