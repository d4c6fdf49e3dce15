using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Api.Bodies;

/// <summary>
/// A parameter of a handler that holds the JSON body, read by <see cref="ApiBody"/>. The handler runs only if the body could be read:
/// otherwise <see cref="JsonBodies.AnswerUnreadable"/> answers with the problem.
/// </summary>
internal sealed record JsonBody<T>(Result<T> Read) : IJsonBody, IEndpointParameterMetadataProvider
    where T : class
{
    public T Value => Read.Value;

    public Problem? Problem => Read.Problem;

    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext http) => new(await ApiBody.ReadAsync<T>(http, http.RequestAborted));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
}

/// <summary>What the filter needs to know about a <see cref="JsonBody{T}"/>.</summary>
internal interface IJsonBody
{
    Problem? Problem { get; }
}

internal static class JsonBodies
{
    /// <summary>For handlers with a <see cref="JsonBody{T}"/>; others get no filter.</summary>
    public static EndpointFilterDelegate AnswerUnreadable(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var index = Array.FindIndex(
            context.MethodInfo.GetParameters(),
            parameter => typeof(IJsonBody).IsAssignableFrom(parameter.ParameterType)
        );
        return index < 0
            ? next
            : call => call.GetArgument<IJsonBody>(index).Problem is { } problem ? new(ApiResults.From(problem)) : next(call);
    }
}
