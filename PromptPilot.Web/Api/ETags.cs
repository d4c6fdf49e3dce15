using System.Globalization;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Web.Api;

/// <summary>ETag and If-Match over an entity's <c>revision</c>.</summary>
internal static class ETags
{
    public static void Set(HttpContext http, int revision) => http.Response.Headers.ETag = Format(revision);

    /// <summary>The ETag of something that never changes under its id.</summary>
    public static void Set(HttpContext http, string id) => http.Response.Headers.ETag = $"\"{id}\"";

    /// <summary>Whether the caller already has this version, by If-None-Match.</summary>
    public static bool IsKnown(HttpContext http, string id) =>
        http.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == "*" || tag.Tag == $"\"{id}\"");

    /// <summary>The revision the caller saw; null if there is no If-Match or it is <c>*</c>.</summary>
    public static Result<int?> IfMatch(HttpContext http)
    {
        var header = http.Request.Headers.IfMatch.ToString();
        if (header is "" or "*")
        {
            return (int?)null;
        }

        return int.TryParse(header.Trim().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : Problem.AtField("If-Match", "If-Match must be one ETag from this API, for example \"3\".");
    }

    private static string Format(int revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");
}
