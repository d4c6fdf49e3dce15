using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>Model calls. A log is inserted once, when its call ends.</summary>
internal sealed class CallFactSource : RollupSource<CallRollup>
{
    public override RollupFacts Facts => RollupFacts.Calls;

    protected override string Table => "ExecutionLogs";

    protected override string KeySql => "\"Id\"";

    protected override IQueryable<CallRollup> Between(PromptPilotDbContext db, long after, long upTo) =>
        Rows(db.ExecutionLogs.FromSqlRaw(Between(db), after, upTo));

    protected override IQueryable<CallRollup> Doomed(PromptPilotDbContext db, RollupRemoval removal, long upTo)
    {
        var counted = db.ExecutionLogs.FromSqlRaw(UpTo(db), upTo);
        return Rows(removal.Logs.Where(log => counted.Any(one => one.Id == log.Id)));
    }

    private static IQueryable<CallRollup> Rows(IQueryable<ExecutionLog> logs) =>
        logs.AsNoTracking()
            .Select(log => new CallRollup
            {
                Start = log.Timestamp,
                WorkflowId = log.WorkflowId ?? "",
                PromptVersionId = log.PromptVersionId,
                ModelProfileId = log.ModelProfileId,
                Status = log.Status,
                Calls = 1,
                InputTokens = log.InputTokens,
                OutputTokens = log.OutputTokens,
                Cost = log.Cost,
                Latency = LatencyBuckets.Of(log.DurationMs),
            });
}
