namespace PromptPilot.Web.Features.Runs;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>.</summary>
internal static class RunsEndpoints
{
    public static IEndpointRouteBuilder MapRuns(this IEndpointRouteBuilder api) => api;
}
