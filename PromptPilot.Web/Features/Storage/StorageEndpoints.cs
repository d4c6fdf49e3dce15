using System.Net.Mime;
using Microsoft.AspNetCore.Mvc;
using PromptPilot.Core.Data.Hosts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Storage;
using PromptPilot.Web.Api;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Storage;

/// <summary>
/// The download of a backup: a form of the page posts here, so that the passphrase is in no address, and the browser saves what comes.
/// </summary>
internal static class StorageEndpoints
{
    /// <summary>The hosts, under <c>/api/v1</c>: for admins.</summary>
    public static IEndpointRouteBuilder MapHosts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/hosts", ListHostsAsync)
            .WithTags("Hosts")
            .WithSummary("List the hosts that share the database and their condition. Empty on SQLite")
            .Produces<HostList>();
        return api;
    }

    private static async Task<IResult> ListHostsAsync(
        HttpContext http,
        StorageService storage,
        HostIdentity here,
        CancellationToken cancellationToken
    ) =>
        ApiResults.From(
            await storage.ListHostsAsync(http.Actor(), cancellationToken),
            hosts => new StreamedJson(new HostList([.. hosts.Select(host => HostItem.Of(host, here.Id))]))
        );

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
