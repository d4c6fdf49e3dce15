using PromptPilot.Core.Audit;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Web.Features.Audit;

/// <summary>The audit log as a file, for the page.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder app) =>
        app.MapGet(
                "/audit/export.csv",
                async (
                    HttpContext http,
                    AuditService audit,
                    string? person,
                    string? action,
                    string? kind,
                    string? text,
                    string? from,
                    string? to,
                    CancellationToken cancellationToken
                ) =>
                {
                    var actor = CurrentActor.Of(http.User);
                    var file = await audit.ExportAsync(actor, Filter(person, action, kind, text, from, to), cancellationToken);
                    return ApiResults.From(file, value => Results.File(value.Content, "text/csv; charset=utf-8", value.Name));
                }
            )
            .ExcludeFromDescription();

    /// <summary>The filter in the query string; unknown values do not filter.</summary>
    public static AuditFilter Filter(string? person, string? action, string? kind, string? text, string? from, string? to) =>
        new(
            person,
            Enum.TryParse<AuditAction>(action, ignoreCase: true, out var wanted) && Enum.IsDefined(wanted) ? wanted : null,
            kind,
            text,
            RunTimes.Parse(from),
            RunTimes.Parse(to)
        );
}
