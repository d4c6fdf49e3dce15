using Microsoft.AspNetCore.Http.Extensions;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>The address of a request as its sender wrote it, host included.</summary>
internal static class RequestAddress
{
    public static Uri Asked(this HttpContext http) => new(http.Request.GetEncodedUrl());
}
