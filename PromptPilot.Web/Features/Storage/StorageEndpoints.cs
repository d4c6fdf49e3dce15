using System.Net.Mime;
using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Storage;

/// <summary>
/// The download of a backup: a form of the page posts here, so that the passphrase is in no address, and the browser saves what comes.
/// </summary>
internal static class StorageEndpoints
{
    public static void MapStorage(this IEndpointRouteBuilder app) =>
        app.MapPost(
                "/admin/storage/backup",
                async (HttpContext http, BackupService backups, [FromForm] string? passphrase, CancellationToken cancellationToken) =>
                {
                    var actor = CurrentActor.Of(http.User);
                    var made = await backups.CreateAsync(actor, passphrase ?? "", cancellationToken);
                    if (made.IsOk)
                    {
                        http.Response.Headers.CacheControl = "no-store";
                        return Results.File(made.Value.Content, MediaTypeNames.Application.Octet, made.Value.Name);
                    }

                    return made.Problem.Kind is ProblemKind.Forbidden or ProblemKind.Unauthenticated
                        ? Results.StatusCode(StatusCodes.Status403Forbidden)
                        : Results.LocalRedirect("~/admin/storage?problem=" + Uri.EscapeDataString(made.Problem.Kind.ToString()));
                }
            )
            .ExcludeFromDescription();
}
