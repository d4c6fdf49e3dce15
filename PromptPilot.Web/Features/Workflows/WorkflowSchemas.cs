using Microsoft.OpenApi;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>Adds to the API's description what the types alone do not say.</summary>
internal static class WorkflowSchemas
{
    /// <summary>A review may be sent as <c>true</c> or <c>false</c> too.</summary>
    public static void Describe(OpenApiDocument document)
    {
        if (
            document.Components?.Schemas?.TryGetValue(nameof(StepBody), out var step) == true
            && step.Properties?.TryGetValue("review", out var review) == true
            && review is OpenApiSchema { OneOf: { } forms }
        )
        {
            forms.Add(new OpenApiSchema { Type = JsonSchemaType.Boolean });
        }
    }
}
