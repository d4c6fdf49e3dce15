using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Api;

/// <summary>Checks the format of a body: UTF-8, uncompressed, and of a type that its endpoint accepts.</summary>
internal static class BodyFormat
{
    private const string Json = "application/json";

    /// <summary>Why a body cannot be read at any address; null if it can.</summary>
    public static Problem? Refusal(HttpRequest request)
    {
        if (
            request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding
            && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)
        )
        {
            return Refuse("Send the body uncompressed, without Content-Encoding.");
        }

        return
            request.ContentType is { Length: > 0 } type
            && MediaTypeHeaderValue.TryParse(type, out var media)
            && media.Charset.Value?.Trim('"') is { Length: > 0 } charset
            && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)
            && PortalAuthentication.IsApi(request)
            ? Refuse("Send the body as UTF-8. Other charsets are not supported.")
            : null;
    }

    /// <summary>Names the accepted content types. Routing refused the request, so the endpoint is looked up again.</summary>
    public static Problem Unsupported(HttpContext http)
    {
        var types = RouteTable
            .At(http)
            .Where(endpoint => RouteTable.Methods(endpoint).Contains(http.Request.Method, StringComparer.OrdinalIgnoreCase))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes ?? [])
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToList();
        return types.Count > 1
            ? Refuse($"Set Content-Type to the format of the body, one of {string.Join(", ", types)}.")
            : Refuse($"Send the body with Content-Type: {types.FirstOrDefault() ?? Json}.");
    }

    private static Problem Refuse(string message) => new(ProblemKind.UnsupportedType, message, []);
}
