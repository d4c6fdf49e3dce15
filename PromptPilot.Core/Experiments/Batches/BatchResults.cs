using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.TestSets;

namespace PromptPilot.Core.Experiments.Batches;

/// <summary>Reads the rows of a batch.</summary>
/// <param name="experiment">The batch.</param>
/// <param name="version">Its rows.</param>
internal sealed class BatchResults(Experiment experiment, TestSetVersion version)
{
    /// <summary>Rows whose outputs are in memory at the same time.</summary>
    private const int RowsAtOnce = 200;

    private readonly Dictionary<string, FrozenCase> _cases = version.Cases.ToDictionary(row => row.Id);

    public IReadOnlyList<string> Columns => version.Columns ?? [];

    /// <summary>Of the workflow, in the order of its steps.</summary>
    public IReadOnlyList<string> OutputKeys { get; } =
    [.. (experiment.Definitions?[0].Steps ?? []).OrderBy(step => step.Order).Select(step => step.OutputKey)];

    /// <summary>Rows in the order of the file, with their outputs.</summary>
    /// <param name="cells">Which ones, ordered.</param>
    public async Task<List<BatchRow>> RowsAsync(
        PromptPilotDbContext db,
        IQueryable<ExperimentCell> cells,
        CancellationToken cancellationToken
    )
    {
        var found = await cells
            .Select(cell => new
            {
                Cell = cell,
                Outputs = db.WorkflowRuns.Where(run => run.Id == cell.RunId).Select(run => run.Outputs).FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        return found.ConvertAll(row => Row(row.Cell, row.Cell.Status == CellStatus.Unchecked ? row.Outputs : null));
    }

    /// <summary>
    /// All rows as CSV: the columns of the file first, then the outputs, then how the run went. Names that the file has already get a blank
    /// and a number.
    /// </summary>
    public static async Task<byte[]> ExportAsync(PromptPilotDbContext db, string experimentId, CancellationToken cancellationToken)
    {
        var experiment = await db.Experiments.AsNoTracking().SingleAsync(e => e.Id == experimentId, cancellationToken);
        var version = await db.TestSetVersions.AsNoTracking().SingleAsync(v => v.Id == experiment.TestSetVersionId, cancellationToken);
        return await new BatchResults(experiment, version).ExportAsync(db, cancellationToken);
    }

    public static BatchRowStatus StatusOf(CellStatus status) =>
        status switch
        {
            CellStatus.Waiting => BatchRowStatus.Queued,
            CellStatus.Running => BatchRowStatus.Running,
            CellStatus.Error => BatchRowStatus.Failed,
            CellStatus.Passed or CellStatus.Failed or CellStatus.Unchecked => BatchRowStatus.Succeeded,
        };

    private async Task<byte[]> ExportAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var lines = new List<string?[]>();
        var cells = db.ExperimentCells.AsNoTracking().Where(cell => cell.ExperimentId == experiment.Id).OrderBy(cell => cell.Order);
        while (await RowsAsync(db, cells.Skip(lines.Count).Take(RowsAtOnce), cancellationToken) is { Count: > 0 } rows)
        {
            lines.AddRange(rows.Select(Line));
        }

        return CsvText.Write(Heads(), lines);
    }

    private List<string> Heads()
    {
        List<string> heads = [.. Columns];
        foreach (var name in OutputKeys.Concat(["status", "error", "costUsd", "durationMs", "runId"]))
        {
            var free = name;
            for (var i = 2; heads.Contains(free); i++)
            {
                free = $"{name} {i}";
            }

            heads.Add(free);
        }

        return heads;
    }

    private string?[] Line(BatchRow row) =>
        [
            .. row.Cells,
            .. OutputKeys.Select(key => row.Outputs?.TryGetValue(key, out var value) == true ? CaseValues.Text(value) : null),
            JsonNamingPolicy.CamelCase.ConvertName(row.Status.ToString()),
            row.Message,
            CsvText.Number(row.Cost),
            row.DurationMs is { } milliseconds ? CsvText.Number(milliseconds) : null,
            row.RunId,
        ];

    private BatchRow Row(ExperimentCell cell, IReadOnlyDictionary<string, JsonElement>? outputs)
    {
        var row = _cases.GetValueOrDefault(cell.CaseId);
        return new BatchRow(
            row?.Number ?? cell.Order + 1,
            row?.Row ?? [],
            StatusOf(cell.Status),
            cell.Message,
            outputs,
            Money.ToUsd(cell.Cost),
            cell.Status == CellStatus.Unchecked ? cell.DurationMs : null,
            cell.RunId
        );
    }
}
