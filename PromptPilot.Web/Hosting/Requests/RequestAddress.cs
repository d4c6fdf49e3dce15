using Microsoft.AspNetCore.Http.Extensions;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>Where a request says that it went; its sender wrote the host.</summary>
internal static class RequestAddress
{
    public static Uri Asked(this HttpContext http) => new(http.Request.GetEncodedUrl());
}
