using System.Security.Claims;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Api;

/// <summary>The actor behind an API request: the owner of an API key, or no one.</summary>
internal static class ApiActor
{
    public const string KeyIdClaim = "promptpilot:key";
    public const string ScopeClaim = "promptpilot:scope";

    public static Actor Actor(this HttpContext http) => Of(http.User);

    public static Actor Of(ClaimsPrincipal? principal) =>
        principal?.FindFirstValue(KeyIdClaim) is { } keyId
        && principal.FindFirstValue(ClaimTypes.NameIdentifier) is { } userId
        && Enum.TryParse<Permission>(principal.FindFirstValue(ScopeClaim), out var scope)
            ? new Actor.KeyHolder(keyId, userId, scope)
            : Core.Users.Actor.Nobody;
}
