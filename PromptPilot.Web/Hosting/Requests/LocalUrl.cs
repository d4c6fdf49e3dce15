using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Hosting.Requests;

/// <summary>The address to continue to after signing in: never outside the portal.</summary>
internal static class LocalUrl
{
    /// <summary>The address if it is a path of this portal, else Home, relative to the base path.</summary>
    public static string OrHome(string? url) => url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : "";

    /// <summary>The same for what others wrote, which must not leave the portal's base path either.</summary>
    public static string OrHome(string? url, NavigationManager navigation) =>
        OrHome(url) is { Length: > 0 } path
        && navigation.ToAbsoluteUri(path).AbsoluteUri.StartsWith(navigation.BaseUri, StringComparison.OrdinalIgnoreCase)
            ? path
            : "";

    /// <summary>The page on which people sign in and come back to this one, relative to the base path.</summary>
    public static string SignInAndBack(NavigationManager navigation) =>
        $"account/sign-in?returnUrl={Uri.EscapeDataString(new Uri(navigation.Uri).AbsolutePath)}";
}
