namespace PromptPilot.Web.Features.Models;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class ModelsEndpoints
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder api) => api;
}
