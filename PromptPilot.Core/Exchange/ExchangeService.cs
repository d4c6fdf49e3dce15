using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;
using PromptPilot.Core.Exchange.Import;
using PromptPilot.Core.Notifications;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows.Options;

namespace PromptPilot.Core.Exchange;

/// <summary>
/// The items to export. Workflows include the prompts that they use, prompts and workflows their test sets, and test sets what they test
/// and their judges.
/// </summary>
/// <param name="AsFile">A single item as its file, without what would come along; false: always an archive.</param>
public sealed record ExportSelection(IReadOnlyList<string> PromptIds, IReadOnlyList<string> WorkflowIds, bool AsFile = false)
{
    public IReadOnlyList<string> TestSetIds { get; init; } = [];

    /// <summary>Nothing chosen means everything.</summary>
    public bool IsAll => PromptIds.Count == 0 && WorkflowIds.Count == 0 && TestSetIds.Count == 0;
}

/// <summary>A file for the asker.</summary>
public sealed record ExportedFile(string Name, string ContentType, byte[] Content);

/// <summary>
/// Prompts, workflows and test sets as files, out and in. An export has no secret, since no file format has a place for one; an import
/// runs nothing, makes no calls and publishes nothing.
/// </summary>
public sealed class ExchangeService(Operations operations, LiveLimits limits, AuditLog log, ImportTurns turns, TimeProvider time)
{
    /// <summary>
    /// A .zip of <c>prompts/*.md</c>, <c>workflows/*.yaml</c> and <c>test-sets/*.yaml</c>, equal byte by byte as long as the content is.
    /// </summary>
    public Task<Result<ExportedFile>> ExportAsync(Actor actor, ExportSelection selection, CancellationToken cancellationToken) =>
        operations.ReadAsync<ExportedFile>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var files = await Exporter.WriteAsync(db, selection, cancellationToken);
                if (files.Count == 0 && !selection.IsAll)
                {
                    return Problem.NotFound("prompt, workflow or test set");
                }

                await log.WriteAsync(
                    actor,
                    AuditEntry.Of(
                        AuditAction.Exported,
                        AuditCatalog.Library,
                        null,
                        files.Count == 1 ? files[0].Path : $"{files.Count} files"
                    ),
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
            },
            cancellationToken
        );

    /// <summary>Previews an import. Writes nothing.</summary>
    public Task<Result<ImportReport>> PreviewAsync(
        Actor actor,
        IReadOnlyList<ImportFile> files,
        ImportChoices choices,
        CancellationToken cancellationToken
    ) => InTurnAsync(actor, files, parsed => PlanAsync(actor, parsed, choices, cancellationToken), cancellationToken);

    /// <summary>Imports everything in one transaction, or nothing. Checks the current state again: a preview is no promise.</summary>
    public Task<Result<ImportReport>> ImportAsync(
        Actor actor,
        IReadOnlyList<ImportFile> files,
        ImportChoices choices,
        CancellationToken cancellationToken
    ) => InTurnAsync(actor, files, parsed => WriteAsync(actor, parsed, choices, cancellationToken), cancellationToken);

    /// <summary>Reads the files before anything of the database is held, since everyone else's writes would wait for it.</summary>
    private Task<Result<ImportReport>> InTurnAsync(
        Actor actor,
        IReadOnlyList<ImportFile> files,
        Func<IReadOnlyList<ParsedFile>, Task<Result<ImportReport>>> use,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync(
            actor,
            Permission.Write,
            _ =>
                turns.RunAsync(
                    async () =>
                    {
                        var parsed = await ParseAsync(files, cancellationToken);
                        return parsed.IsOk ? await use(parsed.Value) : parsed.Problem;
                    },
                    cancellationToken
                ),
            cancellationToken
        );

    private Task<Result<ImportReport>> PlanAsync(
        Actor actor,
        IReadOnlyList<ParsedFile> files,
        ImportChoices choices,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<ImportReport>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
                return (await PlanAsync(db, files, choices, principal, cancellationToken)).Report(applied: false);
            },
            cancellationToken
        );

    private async Task<Result<ImportReport>> WriteAsync(
        Actor actor,
        IReadOnlyList<ParsedFile> files,
        ImportChoices choices,
        CancellationToken cancellationToken
    )
    {
        var written = await operations.ExclusiveAsync<PlannedImport>(
            actor,
            Permission.Write,
            async (db, principal) =>
            {
                var plan = await PlanAsync(db, files, choices, principal, cancellationToken);
                if (Refusal(plan, choices) is { } refusal)
                {
                    return refusal;
                }

                if (await ImportWriter.WriteAsync(db, plan, principal, time.GetUtcNow().UtcDateTime, cancellationToken) is { } refused)
                {
                    return refused;
                }

                if (principal.UserId is { } importer)
                {
                    db.Notifications.Add(
                        ImportFacts.Done(
                            importer,
                            plan.Prompts.Count,
                            plan.Workflows.Count,
                            plan.TestSets.Count,
                            time.GetUtcNow().UtcDateTime
                        )
                    );
                }

                await db.SaveChangesAsync(cancellationToken);
                return plan;
            },
            cancellationToken
        );
        if (!written.IsOk)
        {
            return written.Problem;
        }

        foreach (var workflow in written.Value.Workflows)
        {
            limits.Drop(workflow.Id);
        }

        return written.Value.Report(applied: true);
    }

    private static Problem? Refusal(PlannedImport plan, ImportChoices choices)
    {
        if (choices.Fingerprint is { } seen && seen != plan.Fingerprint())
        {
            return new Problem(
                ProblemKind.Stale,
                "Something changed here since the preview, so nothing was imported. Check the new preview, then import.",
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
        Principal author,
        CancellationToken cancellationToken
    )
    {
        var (prompts, plannedPrompts) = await PromptPlanner.PlanAsync(db, files, cancellationToken);
        var models = await ImportModels.LoadAsync(db, choices, cancellationToken);
        var (workflows, plannedWorkflows) = await new WorkflowPlanner(db, plannedPrompts, models, author.Role).PlanAsync(
            files,
            cancellationToken
        );
        var (sets, plannedSets) = await new TestSetPlanner(db, plannedPrompts, plannedWorkflows, models, author.UserId).PlanAsync(
            files,
            cancellationToken
        );
        var notes = files
            .Where(file => file.Notes.Count > 0)
            .DistinctBy(file => file.Path)
            .ToDictionary(file => file.Path, file => file.Notes);
        return new PlannedImport(
            [
                .. prompts
                    .Concat(workflows)
                    .Concat(sets)
                    .OrderBy(item => item.File, StringComparer.Ordinal)
                    .Select(item => notes.TryGetValue(item.File, out var told) ? item with { Notes = [.. told, .. item.Notes] } : item),
            ],
            models.Missing,
            plannedPrompts,
            plannedWorkflows,
            plannedSets
        );
    }

    /// <summary>On another thread, so that the importing page stays responsive.</summary>
    private static Task<Result<IReadOnlyList<ParsedFile>>> ParseAsync(
        IReadOnlyList<ImportFile> files,
        CancellationToken cancellationToken
    ) => Task.Run(() => ExchangeArchive.Unpack(files).Map(unpacked => ImportParser.Parse(unpacked, cancellationToken)), cancellationToken);
}
