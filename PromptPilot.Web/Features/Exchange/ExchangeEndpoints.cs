using System.Net.Mime;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Exchange;

/// <summary>Files out and in: under <c>/api/v1</c> by key, and <c>/export</c> for a browser that is signed in.</summary>
internal static class ExchangeEndpoints
{
    /// <summary>A whole upload in bytes, with what a form writes around its files.</summary>
    private const int MaxImportBody = ExchangeLimits.Upload + (128 * 1024);

    public static IEndpointRouteBuilder MapExchange(this IEndpointRouteBuilder api)
    {
        api.MapGet("/export", ExportAsync)
            .WithTags("Exchange")
            .WithSummary(
                "Export prompts, workflows and test sets as a .zip of Markdown and YAML files. Without ids, everything is exported. "
                    + "Repeat prompt, workflow and testSet to export several; as=file returns a single one as its own file"
            )
            .Produces(StatusCodes.Status200OK, contentType: MediaTypeNames.Application.Zip)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/import", ImportAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaxImportBody))
            .WithTags("Exchange")
            .WithSummary(
                "Import a .zip, .md or .yaml file, or several as a form. preview=true reports what would change and writes "
                    + "nothing. The import is all or nothing, unless leaveOutRefused=true. models is a JSON object that maps profile "
                    + "names in the files to names of your profiles"
            )
            .Accepts<byte[]>(
                MediaTypeNames.Application.Zip,
                "application/x-zip-compressed",
                MediaTypeNames.Application.Octet,
                "text/markdown",
                "text/plain",
                MediaTypeNames.Application.Json,
                "application/yaml",
                "application/x-yaml",
                "text/yaml",
                MediaTypeNames.Text.Csv,
                MediaTypeNames.Multipart.FormData
            )
            .Produces<ImportAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        return api;
    }

    public static void MapExports(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/export",
                async (
                    HttpContext http,
                    ExchangeService exchange,
                    string[]? prompt,
                    string[]? workflow,
                    string[]? testSet,
                    string? @as,
                    CancellationToken cancellationToken
                ) =>
                {
                    var actor = CurrentActor.Of(http.User);
                    return File(await exchange.ExportAsync(actor, Selection(prompt, workflow, testSet, @as), cancellationToken));
                }
            )
            .ExcludeFromDescription();

    private static async Task<IResult> ExportAsync(
        HttpContext http,
        ExchangeService exchange,
        string[]? prompt,
        string[]? workflow,
        string[]? testSet,
        string? @as,
        CancellationToken cancellationToken
    ) => File(await exchange.ExportAsync(http.Actor(), Selection(prompt, workflow, testSet, @as), cancellationToken));

    private static ExportSelection Selection(string[]? prompts, string[]? workflows, string[]? testSets, string? form) =>
        new(Ids(prompts), Ids(workflows), form == "file") { TestSetIds = Ids(testSets) };

    /// <summary>Repeated, or with commas between.</summary>
    private static string[] Ids(string[]? given) =>
        [.. (given ?? []).SelectMany(ids => ids.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static IResult File(Result<ExportedFile> file) =>
        ApiResults.From(file, value => Results.File(value.Content, value.ContentType, value.Name));

    private static async Task<IResult> ImportAsync(
        HttpContext http,
        ExchangeService exchange,
        CancellationToken cancellationToken,
        bool preview = false,
        bool leaveOutRefused = false,
        string? models = null,
        string? fingerprint = null,
        string? fileName = null
    )
    {
        var chosen = Models(models);
        if (!chosen.IsOk)
        {
            return ApiResults.From(chosen.Problem);
        }

        var files = await FilesAsync(http, fileName, cancellationToken);
        if (!files.IsOk)
        {
            return ApiResults.From(files.Problem);
        }

        var choices = new ImportChoices(chosen.Value, leaveOutRefused, fingerprint);
        var report = preview
            ? await exchange.PreviewAsync(http.Actor(), files.Value, choices, cancellationToken)
            : await exchange.ImportAsync(http.Actor(), files.Value, choices, cancellationToken);
        return ApiResults.From(report.Map(ImportAnswer.From));
    }

    private static Result<IReadOnlyDictionary<string, string>> Models(string? json)
    {
        try
        {
            return json is null ? new Dictionary<string, string>() : JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [];
        }
        catch (JsonException)
        {
            return Problem.AtField("models", "Write a JSON object, such as {\"Their profile\": \"My profile\"}.");
        }
    }

    private static async Task<Result<IReadOnlyList<ImportFile>>> FilesAsync(
        HttpContext http,
        string? fileName,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (http.Request.HasFormContentType)
            {
                var form = await http.Request.ReadFormAsync(
                    new FormOptions { MultipartBodyLengthLimit = ExchangeLimits.Upload + 1, ValueCountLimit = 100 },
                    cancellationToken
                );
                var files = new List<ImportFile>();
                foreach (var file in form.Files)
                {
                    await using var stream = file.OpenReadStream();
                    files.Add(new ImportFile(file.FileName, await ReadAsync(stream, cancellationToken)));
                }

                return files;
            }

            var type = http.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
            var name =
                fileName
                ?? type switch
                {
                    "text/markdown" or "text/plain" => "prompt.md",
                    MediaTypeNames.Application.Json => "import.json",
                    MediaTypeNames.Text.Csv => "cases.csv",
                    "application/yaml" or "application/x-yaml" or "text/yaml" => "workflow.yaml",
                    MediaTypeNames.Application.Zip or "application/x-zip-compressed" or MediaTypeNames.Application.Octet => "import.zip",
                    _ => null,
                };
            return name is null
                ? new Problem(
                    ProblemKind.UnsupportedType,
                    "Set Content-Type to application/zip, application/json, application/yaml, text/markdown or text/csv, or send files as "
                        + "multipart/form-data.",
                    []
                )
                : new List<ImportFile> { new(name, await ReadAsync(http.Request.Body, cancellationToken)) };
        }
        catch (InvalidDataException)
        {
            return new Problem(
                ProblemKind.TooLarge,
                $"The form cannot be read, or is larger than {ExchangeLimits.Upload / (1024 * 1024)} MB.",
                []
            );
        }
        catch (IOException error) when (error is not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            return Problem.Invalid($"The form cannot be read. {error.Message}");
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return new Problem(
                ProblemKind.TooLarge,
                $"An import can be at most {ExchangeLimits.Upload / (1024 * 1024)} MB. Import the folder in parts.",
                []
            );
        }
    }

    /// <summary>One byte more than is taken is enough to see that it is too much.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (
            var read = await stream.ReadAsync(buffer, cancellationToken);
            read > 0 && memory.Length <= ExchangeLimits.Upload;
            read = await stream.ReadAsync(buffer, cancellationToken)
        )
        {
            memory.Write(buffer, 0, read);
        }

        return memory.ToArray();
    }
}
