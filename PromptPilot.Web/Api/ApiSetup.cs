using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Api.Calls;
using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Web.Api;

/// <summary>The conventions that all routes under <c>/api/v1</c> share.</summary>
internal static class ApiSetup
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            AppJson.Apply(json.SerializerOptions);
            StepOptionJson.Apply(json.SerializerOptions);
        });
        services.AddProblemDetails();
        services.AddSingleton<RevocationWatch>();
        services.AddSingleton<LiveCall>();

        // In all environments alike: ApiProblems describes what is wrong with the body.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi(
            "v1",
            openApi =>
            {
                openApi.ShouldInclude = description =>
                    description.RelativePath is { } path
                    && (path.StartsWith("api/v1/", StringComparison.Ordinal) || path.StartsWith("hooks/", StringComparison.Ordinal));
                openApi.AddOperationTransformer(
                    (operation, _, _) =>
                    {
                        // Parameters that are gathered in a record have the names of its properties.
                        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
                        {
                            parameter.Name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Name ?? "");
                        }

                        return Task.CompletedTask;
                    }
                );
                openApi.AddDocumentTransformer(
                    (document, _, _) =>
                    {
                        document.Info = new OpenApiInfo
                        {
                            Title = "PromptPilot",
                            Version = "v1",
                            Description =
                                "Prompts, workflows and their runs. Send an API key as a bearer token; errors are RFC 9457 problems.",
                        };
                        document.Components ??= new OpenApiComponents();
                        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                        {
                            ["apiKey"] = new OpenApiSecurityScheme
                            {
                                Type = SecuritySchemeType.Http,
                                Scheme = "bearer",
                                Description = "An API key from the Account page.",
                            },
                        };
                        document.Security =
                        [
                            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("apiKey", document)] = [] },
                        ];
                        WorkflowSchemas.Describe(document);
                        return Task.CompletedTask;
                    }
                );
            }
        );
        return services;
    }

    /// <summary>The group that all features map their routes into.</summary>
    public static RouteGroupBuilder MapApi(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapApiReference();
        return app.MapGroup("/api/v1")
            .RequireAuthorization(new AuthorizationPolicyBuilder(ApiKeyAuthentication.Scheme).RequireAuthenticatedUser().Build())
            .AddEndpointFilterFactory(QueryParameters.Check)
            .AddEndpointFilterFactory(JsonBodies.AnswerUnreadable);
    }
}
