using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Web.Api;

/// <summary>
/// 200 with a value as JSON. It goes to the connection while it is serialized, so a long answer is never held as a whole.
/// </summary>
internal sealed class StreamedJson(object value) : IResult
{
    private static readonly JsonSerializerOptions Options = Create();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        await response.StartAsync(httpContext.RequestAborted);
        await JsonSerializer.SerializeAsync(response.BodyWriter, value, value.GetType(), Options, httpContext.RequestAborted);
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(AppJson.Options);
        StepOptionJson.Apply(options);
        return options;
    }
}
