namespace PromptPilot.Web.Hosting;

/// <summary>Where to go on after signing in: never away from the portal.</summary>
internal static class LocalUrl
{
    /// <summary>The address if it is a path of this portal, else Home.</summary>
    public static string OrHome(string? url) => url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : "/";
}
