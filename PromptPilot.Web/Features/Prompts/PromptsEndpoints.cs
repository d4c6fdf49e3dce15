namespace PromptPilot.Web.Features.Prompts;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class PromptsEndpoints
{
    public static IEndpointRouteBuilder MapPrompts(this IEndpointRouteBuilder api) => api;
}
