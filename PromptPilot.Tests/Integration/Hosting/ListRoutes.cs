using System.Net.Http.Json;
using System.Text.Json;

namespace PromptPilot.Tests.Integration.Hosting;

/// <summary>The lists of the API with their query parameters, from its OpenAPI document.</summary>
internal static class ListRoutes
{
    /// <summary>Parameters that take any text. Another one has to refuse a word that it does not know.</summary>
    private static readonly string[] Free =
    [
        "text",
        "search",
        "category",
        "tag",
        "label",
        "author",
        "owner",
        "startedBy",
        "workflowId",
        "promptId",
        "runId",
        "testSetId",
        "modelProfileId",
        "userId",
    ];

    /// <summary>Each wrong value of each parameter of each list: address, and the field that the answer has to name.</summary>
    public static async Task<IReadOnlyList<(string Address, string Field)>> WrongAsync(
        HttpClient client,
        CancellationToken cancellationToken
    )
    {
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json", cancellationToken);
        return
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
            where path.Value.TryGetProperty("get", out _)
            let names = Names(path.Value.GetProperty("get"))
            where names.Contains("after")
            from name in names.Append("nosuch")
            from value in Wrong(name)
            select (
                $"{path.Name.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}?{name}={value}",
                name
            ),
        ];
    }

    private static List<string> Names(JsonElement route) =>
        route.TryGetProperty("parameters", out var parameters)
            ?
            [
                .. parameters
                    .EnumerateArray()
                    .Where(parameter => parameter.GetProperty("in").GetString() == "query")
                    .Select(parameter => parameter.GetProperty("name").GetString()!),
            ]
            : [];

    private static string[] Wrong(string name) =>
        name switch
        {
            "limit" => ["0", "-1", "201", "ten"],
            "after" => ["xyz", "~", ".", "%3F"],
            _ when Free.Contains(name) => [],
            _ => ["no-such-word", "99x"],
        };
}
