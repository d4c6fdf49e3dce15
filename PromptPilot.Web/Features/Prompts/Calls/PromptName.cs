using Microsoft.AspNetCore.Http.Features;

namespace PromptPilot.Web.Features.Prompts.Calls;

/// <summary>The name of a prompt in an address.</summary>
internal static class PromptName
{
    /// <summary>
    /// The framework decodes all of a path but %2F, so that a name with a slash and one with the text %2F would look alike: those are read
    /// from the address as it was sent.
    /// </summary>
    /// <param name="name">The route's value.</param>
    public static string Of(HttpContext http, string name)
    {
        if (!name.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            return name;
        }

        var segments = (http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").Split('?')[0].Split('/');
        var place = Array.FindIndex(segments, segment => segment.Equals("by-name", StringComparison.OrdinalIgnoreCase)) + 1;
        return place > 0 && place < segments.Length ? Uri.UnescapeDataString(segments[place]) : name;
    }
}
