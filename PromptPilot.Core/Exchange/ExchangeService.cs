using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Exchange;

/// <summary>What is exported; workflows bring the prompts that they use along.</summary>
/// <param name="AsFile">A single prompt or workflow as its file; false: always an archive.</param>
public sealed record ExportSelection(IReadOnlyList<string> PromptIds, IReadOnlyList<string> WorkflowIds, bool AsFile = false)
{
    /// <summary>Nothing chosen means everything.</summary>
    public bool IsAll => PromptIds.Count == 0 && WorkflowIds.Count == 0;
}

/// <summary>A file for the asker.</summary>
public sealed record ExportedFile(string Name, string ContentType, byte[] Content);

/// <summary>
/// Prompts and workflows as files, out and in. An export has no secret, since no file format has a place for one; an import runs nothing,
/// calls nobody and publishes nothing.
/// </summary>
public sealed class ExchangeService(
    Access access,
    IDbContextFactory<PromptPilotDbContext> contexts,
    WriteGate gate,
    LiveLimits limits,
    AuditLog log,
    TimeProvider time
)
{
    /// <summary>A .zip of <c>prompts/*.md</c> and <c>workflows/*.yaml</c>, equal byte by byte as long as the content is.</summary>
    public async Task<Result<ExportedFile>> ExportAsync(Actor actor, ExportSelection selection, CancellationToken cancellationToken)
    {
        var principal = await access.RequireAsync(actor, Permission.Read, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var files = await Exporter.WriteAsync(db, selection, cancellationToken);
        if (files.Count == 0 && !selection.IsAll)
        {
            return Problem.NotFound("prompt or workflow");
        }

        await log.WriteAsync(
            actor,
            AuditEntry.Of(AuditAction.Exported, AuditCatalogue.Library, null, files.Count == 1 ? files[0].Path : $"{files.Count} files"),
            cancellationToken
        );
        if (selection.AsFile && files.Count == 1)
        {
            var (path, text) = files[0];
            return new ExportedFile(
                path[(path.LastIndexOf('/') + 1)..],
                ExchangeArchive.IsPrompt(path) ? "text/markdown; charset=utf-8" : "application/yaml; charset=utf-8",
                ExchangeText.Bytes(text)
            );
        }

        return new ExportedFile("promptpilot.zip", "application/zip", ExchangeArchive.Pack(files));
    }

    /// <summary>What an import would do. Writes nothing.</summary>
    public async Task<Result<ImportReport>> PreviewAsync(
        Actor actor,
        IReadOnlyList<ImportFile> files,
        ImportChoices choices,
        CancellationToken cancellationToken
    )
    {
        var principal = await access.RequireAsync(actor, Permission.Write, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        var parsed = await ParseAsync(files, cancellationToken);
        if (!parsed.IsOk)
        {
            return parsed.Problem;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return (await PlanAsync(db, parsed.Value, choices, principal.Value.Role, cancellationToken)).Report(applied: false);
    }

    /// <summary>Imports, all in one transaction or nothing. What is there is looked at again: a preview is no promise.</summary>
    public async Task<Result<ImportReport>> ImportAsync(
        Actor actor,
        IReadOnlyList<ImportFile> files,
        ImportChoices choices,
        CancellationToken cancellationToken
    )
    {
        var principal = await access.RequireAsync(actor, Permission.Write, cancellationToken);
        if (!principal.IsOk)
        {
            return principal.Problem;
        }

        // Before the gate: everybody else's writes wait behind it.
        var parsed = await ParseAsync(files, cancellationToken);
        if (!parsed.IsOk)
        {
            return parsed.Problem;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        PlannedImport plan;
        await using (var transaction = await gate.BeginAsync(db, cancellationToken))
        {
            plan = await PlanAsync(db, parsed.Value, choices, principal.Value.Role, cancellationToken);
            if (Refusal(plan, choices) is { } refusal)
            {
                return refusal;
            }

            await ImportWriter.WriteAsync(db, plan, principal.Value, time.GetUtcNow().UtcDateTime, cancellationToken);
            if (principal.Value.UserId is { } importer)
            {
                db.Notifications.Add(ImportFacts.Done(importer, plan.Prompts.Count, plan.Workflows.Count, time.GetUtcNow().UtcDateTime));
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        foreach (var workflow in plan.Workflows)
        {
            limits.Drop(workflow.Id);
        }

        return plan.Report(applied: true);
    }

    private static Problem? Refusal(PlannedImport plan, ImportChoices choices)
    {
        if (choices.Fingerprint is { } seen && seen != plan.Fingerprint())
        {
            return new Problem(
                ProblemKind.Stale,
                "Something changed here since the preview, so nothing was imported. Look at the new preview, then import.",
                []
            );
        }

        var refused = plan.Items.Where(item => item.Action == ImportAction.Refuse).ToList();
        return refused.Count == 0 || choices.LeaveOutRefused
            ? null
            : Problem.Invalid(
                $"Nothing was imported: {(refused.Count == 1 ? "a file was" : $"{refused.Count:N0} files were")} refused.",
                [.. refused.Take(100).SelectMany(item => item.Reasons.Select(reason => new FieldError(item.File, reason)))]
            );
    }

    private static async Task<PlannedImport> PlanAsync(
        PromptPilotDbContext db,
        IReadOnlyList<ParsedFile> files,
        ImportChoices choices,
        Role author,
        CancellationToken cancellationToken
    )
    {
        var (prompts, plannedPrompts) = await PromptPlanner.PlanAsync(db, files, cancellationToken);
        var planner = new WorkflowPlanner(db, plannedPrompts, choices, author);
        var (workflows, plannedWorkflows) = await planner.PlanAsync(files, cancellationToken);
        return new PlannedImport(
            [.. prompts.Concat(workflows).OrderBy(item => item.File, StringComparer.Ordinal)],
            planner.MissingModels,
            plannedPrompts,
            plannedWorkflows
        );
    }

    /// <summary>On another thread: a page that imports stays alive meanwhile.</summary>
    private static Task<Result<IReadOnlyList<ParsedFile>>> ParseAsync(
        IReadOnlyList<ImportFile> files,
        CancellationToken cancellationToken
    ) => Task.Run(() => ExchangeArchive.Unpack(files).Map(unpacked => ImportParser.Parse(unpacked, cancellationToken)), cancellationToken);
}
