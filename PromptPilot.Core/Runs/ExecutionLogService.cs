using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs;

/// <summary>Filter of a list of execution logs; null means any.</summary>
public sealed record ExecutionLogFilter(
    string? WorkflowId = null,
    string? PromptId = null,
    string? RunId = null,
    ExecutionStatus? Status = null
);

/// <summary>Reads execution logs. They are written by the journal alone.</summary>
public sealed class ExecutionLogService(Operations operations)
{
    /// <summary>Logs by the start of their attempt, the newest first.</summary>
    public Task<Result<Page<ExecutionLog>>> ListAsync(
        Actor actor,
        ExecutionLogFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<ExecutionLog>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var logs = Filtered(db.ExecutionLogs.AsNoTracking(), filter);
                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, '_') is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    // The first condition lets the index on the timestamp find the place; the second keeps rows of the same instant apart.
                    logs = logs.Where(log => log.Timestamp <= cursor.At && (log.Timestamp < cursor.At || log.Id.CompareTo(cursor.Id) < 0));
                }

                var items = await logs.OrderByDescending(log => log.Timestamp)
                    .ThenByDescending(log => log.Id)
                    .Take(page.Take + 1)
                    .ToListAsync(cancellationToken);
                return Page.Of(items, page, last => new TimeCursor(last.Timestamp, last.Id).ToString('_'));
            },
            cancellationToken
        );

    /// <summary>One log, whole.</summary>
    public Task<Result<ExecutionLog>> FindAsync(Actor actor, string logId, CancellationToken cancellationToken) =>
        operations.ReadAsync<ExecutionLog>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var log = await db.ExecutionLogs.AsNoTracking().SingleOrDefaultAsync(l => l.Id == logId, cancellationToken);
                return log is null ? Problem.NotFound("execution log") : log;
            },
            cancellationToken
        );

    private static IQueryable<ExecutionLog> Filtered(IQueryable<ExecutionLog> logs, ExecutionLogFilter filter)
    {
        if (filter.WorkflowId is { } workflowId)
        {
            logs = logs.Where(log => log.WorkflowId == workflowId);
        }

        if (filter.PromptId is { } promptId)
        {
            logs = logs.Where(log => log.PromptId == promptId);
        }

        if (filter.RunId is { } runId)
        {
            logs = logs.Where(log => log.RunId == runId);
        }

        return filter.Status switch
        {
            null => logs,
            ExecutionStatus.Success => logs.Where(log => log.Status == ExecutionStatus.Success),

            // In the words of the index of what failed: few of a million.
            { } status => logs.Where(log => log.Status != ExecutionStatus.Success && log.Status == status),
        };
    }
}
