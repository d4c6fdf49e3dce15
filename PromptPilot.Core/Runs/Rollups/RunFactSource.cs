using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Runs.Rollups;

/// <summary>Ended runs, in the order of their last events. The run's own row is no guide: it is inserted when the run is queued.</summary>
internal sealed class RunFactSource : RollupSource<RunRollup>
{
    /// <summary>Rows that hold the last event of a run, alone or after others of the same commit.</summary>
    private const string IsFinished = "(\"Type\" = 'Finished' OR \"Following\" LIKE '%\"type\":\"finished\"%')";

    public override RollupFacts Facts => RollupFacts.Runs;

    protected override string Table => "RunEvents";

    protected override string KeySql => "\"RunId\" || ' ' || \"Seq\"";

    protected override string IsKeySql => "\"RunId\" = {0} AND \"Seq\" = {1}";

    /// <summary>The runs whose last event is in rows after the first row id, up to and including the second.</summary>
    public static IQueryable<WorkflowRun> Ended(PromptPilotDbContext db, long after, long upTo) =>
        from ended in db.RunEvents.FromSqlRaw(new RunFactSource().Between(db, IsFinished), after, upTo)
        join run in db.WorkflowRuns on ended.RunId equals run.Id
        where !run.IsDraft && run.Priority != RunPriority.Experiment
        select run;

    protected override IQueryable<RunRollup> Between(PromptPilotDbContext db, long after, long upTo) => Rows(Ended(db, after, upTo));

    protected override IQueryable<RunRollup> Doomed(PromptPilotDbContext db, RollupRemoval removal, long upTo)
    {
        var ended = db.RunEvents.FromSqlRaw(UpTo(db, IsFinished), upTo);
        return Rows(removal.Runs.Where(run => ended.Any(one => one.RunId == run.Id)));
    }

    protected override IEnumerable<object> KeyValues(string key)
    {
        var space = key.IndexOf(' ', StringComparison.Ordinal);
        return [key[..space], int.Parse(key[(space + 1)..], CultureInfo.InvariantCulture)];
    }

    private static IQueryable<RunRollup> Rows(IQueryable<WorkflowRun> runs) =>
        runs.AsNoTracking()
            .Where(run => !run.IsDraft && run.Priority != RunPriority.Experiment)
            .Select(run => new RunRollup
            {
                Start = run.QueuedAt,
                WorkflowId = run.WorkflowId,
                TriggerKind = run.TriggerKind,
                UserId = run.StartedBy ?? "",
                Status = run.Status,
                Runs = 1,
                InputTokens = run.InputTokens,
                OutputTokens = run.OutputTokens,
                Cost = run.Cost,
                Latency = LatencyBuckets.Of(run.DurationMs),
            });
}
