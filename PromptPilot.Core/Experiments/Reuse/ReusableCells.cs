using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;

namespace PromptPilot.Core.Experiments.Reuse;

/// <summary>Finds results of earlier experiments for the calls of a planned one.</summary>
internal static class ReusableCells
{
    private const int AtOnce = 500;

    /// <summary>
    /// An earlier result for as many calls as there are, the newest first. Each is used once, so that repetitions stay separate answers.
    /// </summary>
    public static async Task<Dictionary<CallPlace, ExperimentCell>> FindAsync(
        PromptPilotDbContext db,
        PlannedExperiment plan,
        int repetitions,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, Queue<ExperimentCell>>(StringComparer.Ordinal);
        foreach (var chunk in plan.Fingerprints.Values.Distinct().Chunk(AtOnce))
        {
            var cells = await db
                .ExperimentCells.AsNoTracking()
                .Where(cell =>
                    chunk.Contains(cell.Fingerprint)
                    && (cell.Status == CellStatus.Passed || cell.Status == CellStatus.Failed || cell.Status == CellStatus.Unchecked)
                    && db.ExecutionLogs.Any(log => log.Id == cell.LogId)
                )
                .OrderByDescending(cell => cell.Id)
                .ToListAsync(cancellationToken);
            foreach (var cell in cells.DistinctBy(cell => cell.LogId))
            {
                if (!found.TryGetValue(cell.Fingerprint!, out var queue))
                {
                    found[cell.Fingerprint!] = queue = new Queue<ExperimentCell>();
                }

                queue.Enqueue(cell);
            }
        }

        var places = new Dictionary<CallPlace, ExperimentCell>();
        for (var repetition = 1; repetition <= repetitions; repetition++)
        {
            foreach (var ((variant, caseId), fingerprint) in plan.Fingerprints)
            {
                if (found.TryGetValue(fingerprint, out var queue) && queue.TryDequeue(out var cell))
                {
                    places[new CallPlace(variant, caseId, repetition)] = cell;
                }
            }
        }

        return places;
    }

    /// <summary>Puts an earlier result into a cell.</summary>
    public static void Copy(ExperimentCell from, ExperimentCell to)
    {
        (to.Status, to.RunId, to.LogId, to.Verdicts) = (from.Status, from.RunId, from.LogId, from.Verdicts);
        (to.InputTokens, to.OutputTokens, to.DurationMs) = (from.InputTokens, from.OutputTokens, from.DurationMs);
        (to.Cost, to.JudgeCost) = (from.Cost, from.JudgeCost);
        to.ReusedFrom = from.ReusedFrom ?? from.ExperimentId;
    }
}

/// <summary>A call of an experiment.</summary>
internal sealed record CallPlace(int Variant, string CaseId, int Repetition);
