namespace PromptPilot.Web.Features.Workflows;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class WorkflowsEndpoints
{
    public static IEndpointRouteBuilder MapWorkflows(this IEndpointRouteBuilder api) => api;
}
