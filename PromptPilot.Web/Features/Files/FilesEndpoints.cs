using System.Net.Mime;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using PromptPilot.Core.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Files;

/// <summary>
/// Pictures and documents in and out: under <c>/api/v1/files</c> by key, and <c>/files</c> for a browser that is signed in.
/// </summary>
internal static class FilesEndpoints
{
    /// <summary>What a form writes around its file.</summary>
    private const int FormBytes = 64 * 1024;

    public static IEndpointRouteBuilder MapFiles(this IEndpointRouteBuilder api)
    {
        api.MapPost("/files", UploadAsync)
            .WithTags("Files")
            .WithSummary("Upload a picture or document")
            .WithDescription(
                "Send one file as multipart/form-data. The response is the reference to send as the value of an input or variable. Unused "
                    + "files are deleted after a day."
            )
            .Accepts<IFormFile>(MediaTypeNames.Multipart.FormData)
            .Produces<FileReference>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);
        api.MapGet("/files/{hash}", DownloadAsync)
            .WithTags("Files")
            .WithSummary("Download a picture or document that a run, test case or call uses, or that you sent")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypeNames.Application.Octet)
            .ProducesProblem(StatusCodes.Status404NotFound);
        return api;
    }

    public static void MapFileDownloads(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/files/{hash}",
                (HttpContext http, string hash, FileService files, CancellationToken cancellationToken, string? name = null) =>
                    SendAsync(http, CurrentActor.Of(http.User), hash, name, files, cancellationToken)
            )
            .ExcludeFromDescription();

    private static async Task<IResult> UploadAsync(
        HttpContext http,
        FileService files,
        IOptions<FilesOptions> options,
        CancellationToken cancellationToken
    )
    {
        var limits = options.Value;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = (limits.MaxFileMegabytes * 1024L * 1024) + FormBytes;
        }

        if (!http.Request.HasFormContentType)
        {
            return ApiResults.From(
                new Problem(ProblemKind.UnsupportedType, "Send the file as multipart/form-data, in a field named “file”.", [])
            );
        }

        try
        {
            var form = await http.Request.ReadFormAsync(
                new FormOptions { MultipartBodyLengthLimit = (limits.MaxFileMegabytes * 1024L * 1024) + 1, ValueCountLimit = 10 },
                cancellationToken
            );
            if (form.Files.Count != 1)
            {
                return ApiResults.From(Problem.AtField("file", "Send exactly one file, in a field named “file”."));
            }

            await using var content = form.Files[0].OpenReadStream();
            var saved = await files.UploadAsync(http.Actor(), form.Files[0].FileName, content, cancellationToken);
            return ApiResults.From(saved, file => Results.Created($"/api/v1/files/{file.File}", file));
        }
        catch (InvalidDataException)
        {
            return TooLarge(limits);
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(limits);
        }
        catch (IOException error) when (error is not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            return ApiResults.From(Problem.Invalid($"The form cannot be read. {error.Message}"));
        }
    }

    private static IResult TooLarge(FilesOptions limits) =>
        ApiResults.From(
            new Problem(ProblemKind.TooLarge, $"The form cannot be read, or its file is larger than {limits.MaxFileMegabytes} MB.", [])
        );

    private static Task<IResult> DownloadAsync(
        HttpContext http,
        string hash,
        FileService files,
        CancellationToken cancellationToken,
        string? name = null
    ) => SendAsync(http, http.Actor(), hash, name, files, cancellationToken);

    private static async Task<IResult> SendAsync(
        HttpContext http,
        Actor actor,
        string hash,
        string? name,
        FileService files,
        CancellationToken cancellationToken
    )
    {
        var opened = await files.OpenAsync(actor, hash, cancellationToken);
        if (!opened.IsOk)
        {
            return ApiResults.From(opened.Problem);
        }

        var (file, chunks) = opened.Value;
        SecurityHeaders.Isolate(http);
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(FileReference.CleanName(name, file.MediaType));
        http.Response.Headers.ContentDisposition = disposition.ToString();
        http.Response.ContentType = file.MediaType;
        http.Response.ContentLength = file.Size;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            await http.Response.Body.WriteAsync(chunk, cancellationToken);
        }

        return Results.Empty;
    }
}
