namespace PromptPilot.Web.Features.Users;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class UsersEndpoints
{
    public static IEndpointRouteBuilder MapUsers(this IEndpointRouteBuilder api) => api;
}
