using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Queue;

namespace PromptPilot.Core.Runs.Cluster;

/// <summary>The waiting runs of all hosts and the number of running ones, as read from their rows.</summary>
internal sealed class QueueRows
{
    /// <summary>Minimum number of runs to read per workflow and priority.</summary>
    public const int Fewest = 50;

    public static readonly QueueRows Empty = new();

    private const string Queued = "\"Status\" = 'Queued'";
    private const string Due = "(\"Status\" = 'Waiting' AND \"ResumeAt\" <= now())";
    private const string Released = "(\"Status\" = 'Running' AND \"LeaseUntil\" IS NULL)";
    private const string Lost = "(\"Status\" = 'Running' AND \"LeaseUntil\" < now())";

    private readonly QueueEntries _entries = new();
    private readonly Dictionary<string, QueueEntry> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);

    private sealed record WaitingRow(string Id, string WorkflowId, string Priority, DateTime QueuedAt, bool IsLost);

    private sealed record RunningRow(string WorkflowId, int Count);

    public int Count => _byId.Count;

    public IReadOnlyCollection<string> Workflows => [.. _entries.Workflows];

    /// <summary>SQL condition for runs that may be claimed, as of the start of the transaction.</summary>
    /// <param name="isSweep">True: also parked runs that are due, and running ones that their host released.</param>
    /// <param name="mayTakeOver">True: with a sweep, also running ones whose lease has expired.</param>
    public static string Condition(bool isSweep, bool mayTakeOver) =>
        !isSweep ? Queued
        : mayTakeOver ? $"{Queued} OR {Due} OR {Released} OR {Lost}"
        : $"{Queued} OR {Due} OR {Released}";

    /// <summary>True when there is a run that may be claimed. Cheaper than reading the runs.</summary>
    /// <param name="own">Runs that this host executes, which it must not take over.</param>
    public static async Task<bool> AnyAsync(PromptPilotDbContext db, string condition, string[] own)
    {
        var sql = $"SELECT EXISTS (SELECT 1 FROM \"WorkflowRuns\" WHERE ({condition}) AND \"Id\" <> ALL({{0}})) AS \"Value\"";
        return (await db.Database.SqlQueryRaw<bool>(sql, [own]).ToListAsync())[0];
    }

    /// <param name="most">Number of runs to read per workflow and priority, the oldest first.</param>
    public static async Task<QueueRows> ReadAsync(PromptPilotDbContext db, string condition, string[] own, int most)
    {
        var rows = new QueueRows();
        var (running, waiting) = (RunningSql(condition), WaitingSql(condition));
        foreach (var row in await db.Database.SqlQueryRaw<RunningRow>(running, [own]).ToListAsync())
        {
            rows._entries.Start(row.WorkflowId, row.Count);
        }

        foreach (var row in await db.Database.SqlQueryRaw<WaitingRow>(waiting, own, most).ToListAsync())
        {
            var entry = new QueueEntry(row.Id, row.WorkflowId, Enum.Parse<RunPriority>(row.Priority), rows.Count, row.QueuedAt);
            rows._byId[row.Id] = entry;
            rows._entries.Add(entry);
            if (row.IsLost)
            {
                rows._lost.Add(row.Id);
            }
        }

        return rows;
    }

    /// <summary>True when the run's executor did not renew its lease.</summary>
    public bool IsLost(string runId) => _lost.Contains(runId);

    /// <summary>Sets the limit of concurrent runs of a workflow; null: no limit.</summary>
    public void Limit(string workflowId, int? limit) => _entries.Limit(workflowId, limit);

    /// <inheritdoc cref="RunAdmission.Admit"/>
    public IReadOnlyList<QueueEntry> Admit(int freeSlots, Func<string, int> freePermits, DateTime now)
    {
        var admitted = RunAdmission.Admit(_entries, freeSlots, freePermits, now);
        foreach (var run in admitted)
        {
            _byId.Remove(run.RunId);
        }

        return admitted;
    }

    /// <inheritdoc cref="RunAdmission.Position"/>
    public int? Position(string runId, DateTime now) =>
        _byId.TryGetValue(runId, out var run) ? RunAdmission.Position(_entries, run, now) : null;

    private static string RunningSql(string condition) =>
        $$"""
            SELECT "WorkflowId", count(*)::int AS "Count" FROM "WorkflowRuns"
            WHERE "Status" = 'Running' AND NOT (({{condition}}) AND "Id" <> ALL({0})) GROUP BY "WorkflowId"
            """;

    private static string WaitingSql(string condition) =>
        $$"""
            SELECT "Id", "WorkflowId", "Priority", "QueuedAt", "IsLost" FROM (
              SELECT "Id", "WorkflowId", "Priority", "QueuedAt", coalesce({{Lost}}, false) AS "IsLost",
                row_number() OVER (PARTITION BY "WorkflowId", "Priority" ORDER BY "QueuedAt", "Id") AS "Number"
              FROM "WorkflowRuns" WHERE ({{condition}}) AND "Id" <> ALL({0})) AS w
            WHERE "Number" <= {1} ORDER BY "QueuedAt", "Id"
            """;
}
