using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Storage;

/// <summary>Sizes in bytes.</summary>
/// <param name="KeyRing">Null when the keys are in the database.</param>
/// <param name="Free">What is left on the disk; null when the database is on another machine.</param>
public sealed record StorageSizes(long Database, long? KeyRing, long? Free);

/// <summary>Rows and their bytes, as <see cref="IDatabaseCare.SizeNote"/> says.</summary>
public sealed record StorageShare(string Name, long Rows, long Bytes);

/// <summary>Disk usage, largest first.</summary>
/// <param name="Texts">What people wrote to test prompts or ran in batches, which can be personal; in the tables too.</param>
public sealed record StorageUse(
    IReadOnlyList<StorageShare> Tables,
    IReadOnlyList<StorageShare> Workflows,
    IReadOnlyList<StorageShare> Texts
);

/// <summary>The runs of a workflow that the next sweep would remove.</summary>
/// <param name="Rule">The retention rule that applies.</param>
public sealed record OverdueShare(string WorkflowId, string Workflow, RetentionRule Rule, int Runs);

/// <param name="Calls">Calls outside runs.</param>
public sealed record RetentionPreview(IReadOnlyList<OverdueShare> Workflows, int Calls);

/// <summary>Shows admins disk usage, the next clean-up and an integrity check. Read-only; takes a while on large databases.</summary>
public sealed class StorageService(Operations operations, IDatabaseCare care, IOptions<RunsOptions> options, TimeProvider time)
{
    /// <inheritdoc cref="IDatabaseCare.FindSizesAsync"/>
    public Task<Result<StorageSizes>> FindSizesAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<StorageSizes>(
            actor,
            Permission.Admin,
            async _ => await care.FindSizesAsync(cancellationToken),
            cancellationToken
        );

    /// <inheritdoc cref="IDatabaseCare.ListHostsAsync"/>
    public Task<Result<IReadOnlyList<HostView>>> ListHostsAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<IReadOnlyList<HostView>>(
            actor,
            Permission.Admin,
            async _ => (List<HostView>)[.. await care.ListHostsAsync(cancellationToken)],
            cancellationToken
        );

    /// <inheritdoc cref="IDatabaseCare.MeasureAsync"/>
    public Task<Result<StorageUse>> MeasureAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<StorageUse>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var tables = db.Model.GetEntityTypes().Select(type => type.GetTableName()).OfType<string>().Distinct().ToList();
                return await care.MeasureAsync(tables, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Previews what retention would remove now.</summary>
    public Task<Result<RetentionPreview>> PreviewRetentionAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.ReadAsync<RetentionPreview>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                var shares = new List<OverdueShare>();
                foreach (
                    var workflow in await db
                        .Workflows.AsNoTracking()
                        .OrderBy(w => w.Name)
                        .Select(w => new
                        {
                            w.Id,
                            w.Name,
                            w.Limits,
                        })
                        .ToListAsync(cancellationToken)
                )
                {
                    var rule = RetentionRule.Of(workflow.Limits, options.Value);
                    var overdue = await OverdueRuns.OfAsync(db, workflow.Id, rule, now, cancellationToken);
                    var ids = overdue.Select(query => query.Select(run => run.Id)).ToList();
                    var runs = ids.Count == 0 ? 0 : await ids.Aggregate((one, other) => one.Union(other)).CountAsync(cancellationToken);
                    shares.Add(new OverdueShare(workflow.Id, workflow.Name, rule, runs));
                }

                var calls =
                    options.Value.KeepDays == 0
                        ? 0
                        : await OverdueRuns.Calls(db, now.AddDays(-options.Value.KeepDays)).CountAsync(cancellationToken);
                return new RetentionPreview(shares, calls);
            },
            cancellationToken
        );

    /// <inheritdoc cref="IDatabaseCare.CheckAsync"/>
    public Task<Result<List<string>>> CheckAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<List<string>>(
            actor,
            Permission.Admin,
            async _ => (await care.CheckAsync(cancellationToken)).ToList(),
            cancellationToken
        );
}
