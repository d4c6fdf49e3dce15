using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>The cases of a test set, under <c>/api/v1/test-sets/{id}/cases</c>.</summary>
internal static class TestCasesEndpoints
{
    public static void MapTestCases(this IEndpointRouteBuilder sets)
    {
        sets.MapPost("/{id}/cases", AddAsync).WithSummary("Add a test case").Produces<TestCaseItem>(StatusCodes.Status201Created);
        sets.MapPost("/{id}/cases/from-output", AddFromOutputAsync)
            .WithSummary("Create a test case from an execution log: its inputs, with the corrected output as the expected value")
            .Produces<TestCaseItem>(StatusCodes.Status201Created);
        sets.MapPost("/{id}/cases/from-run", AddFromRunAsync)
            .WithSummary(
                "Create a test case from a run of the workflow: its inputs, and its output as the expected value unless withOutput=false"
            )
            .Produces<TestCaseItem>(StatusCodes.Status201Created);
        sets.MapPost("/{id}/cases/import", ImportAsync)
            .WithSummary("Add test cases from a CSV file: a column per input, and name, expected and tags. Adds all rows or none")
            .Accepts<string>("text/csv")
            .Produces<CaseImport>();
        sets.MapGet(
                "/{id}/cases/export",
                async (HttpContext http, string id, TestCaseService service, CancellationToken cancellationToken) =>
                    Csv(await service.ExportAsync(http.Actor(), id, cancellationToken))
            )
            .WithSummary("Export the cases as CSV")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv");
        sets.MapPut("/{id}/cases/{caseId}", UpdateAsync).WithSummary("Change a test case").Produces<TestCaseItem>();
        sets.MapDelete("/{id}/cases/{caseId}", DeleteAsync)
            .WithSummary("Delete a test case, including from the versions used by experiments")
            .Produces(StatusCodes.Status204NoContent);
    }

    public static IResult Csv(Result<CaseFile> file) =>
        ApiResults.From(file, value => Results.File(value.Content, "text/csv; charset=utf-8", value.Name));

    private static async Task<IResult> AddAsync(
        HttpContext http,
        string id,
        JsonBody<TestCaseBody> body,
        TestCaseService service,
        CancellationToken cancellationToken
    ) => Created(id, await service.AddAsync(http.Actor(), id, body.Value.ToContent(), cancellationToken));

    private static async Task<IResult> AddFromOutputAsync(
        HttpContext http,
        string id,
        JsonBody<OutputBody> body,
        TestCaseService service,
        CancellationToken cancellationToken
    ) => Created(id, await service.AddFromOutputAsync(http.Actor(), id, body.Value.ExecutionId ?? "", cancellationToken));

    private static async Task<IResult> AddFromRunAsync(
        HttpContext http,
        string id,
        JsonBody<RunBody> body,
        RunCaseService service,
        CancellationToken cancellationToken
    ) => Created(id, await service.AddAsync(http.Actor(), id, body.Value.RunId ?? "", body.Value.WithOutput ?? true, cancellationToken));

    private static async Task<IResult> ImportAsync(
        HttpContext http,
        string id,
        TestCaseService service,
        CancellationToken cancellationToken
    )
    {
        using var content = new MemoryStream();
        await http.Request.Body.CopyToAsync(content, cancellationToken);
        return TextFile.Read(content.ToArray()) is { } csv
            ? ApiResults.From(await service.ImportAsync(http.Actor(), id, csv, cancellationToken))
            : ApiResults.From(Problem.AtField("file", "This is not a text file. Send CSV."));
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext http,
        string id,
        string caseId,
        JsonBody<TestCaseBody> body,
        TestCaseService service,
        CancellationToken cancellationToken
    ) => ApiResults.From(await service.UpdateAsync(http.Actor(), id, caseId, body.Value.ToContent(), cancellationToken));

    private static async Task<IResult> DeleteAsync(
        HttpContext http,
        string id,
        string caseId,
        TestCaseService service,
        CancellationToken cancellationToken
    ) => ApiResults.From(await service.DeleteAsync(http.Actor(), id, caseId, cancellationToken), _ => Results.NoContent());

    private static IResult Created(string setId, Result<TestCaseItem> result) =>
        ApiResults.From(result, test => Results.Created($"/api/v1/test-sets/{setId}", test));

    internal sealed record OutputBody(string? ExecutionId);

    internal sealed record RunBody(string? RunId, bool? WithOutput);

    internal sealed record TestCaseBody(
        string? Name,
        IReadOnlyDictionary<string, JsonElement>? Inputs,
        string? Expected,
        IReadOnlyList<string?>? Tags
    )
    {
        public TestCaseContent ToContent() =>
            new(Name ?? "", Inputs ?? new Dictionary<string, JsonElement>(), Expected, [.. (Tags ?? []).OfType<string>()]);
    }
}
