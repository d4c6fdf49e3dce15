using Microsoft.OpenApi;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>Adds to the API's description what the types alone do not say.</summary>
internal static class WorkflowSchemas
{
    /// <summary>Every step option can be null, and a review can be <c>true</c> or <c>false</c>.</summary>
    public static void Describe(OpenApiDocument document)
    {
        foreach (var name in new[] { nameof(StepBody), nameof(StepAnswer), nameof(ReviewFields) })
        {
            if (document.Components?.Schemas?.TryGetValue(name, out var described) != true || described is not { Properties: { } fields })
            {
                continue;
            }

            foreach (var option in StepOptionTable.All)
            {
                if (fields.TryGetValue(option.Key, out var field) && field is OpenApiSchemaReference known)
                {
                    var schema = new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, known] };
                    if (name == nameof(StepBody) && option.Field == "review")
                    {
                        schema.OneOf.Add(new OpenApiSchema { Type = JsonSchemaType.Boolean });
                    }

                    fields[option.Key] = schema;
                }
            }
        }
    }
}
