using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments.Batches;

/// <summary>Shows the rows of batches.</summary>
public sealed class BatchResultService(Operations operations, FrozenSets frozen)
{
    /// <summary>Rows in the order of the file.</summary>
    /// <param name="status">Only rows in this state; null: all.</param>
    /// <returns>Conflict when the experiment is not a batch.</returns>
    public Task<Result<BatchRows>> ListRowsAsync(
        Actor actor,
        string experimentId,
        BatchRowStatus? status,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<BatchRows>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var experiment = await db.Experiments.AsNoTracking().SingleOrDefaultAsync(e => e.Id == experimentId, cancellationToken);
                if (experiment is null || await frozen.FindAsync(db, experiment.TestSetVersionId, cancellationToken) is not { } version)
                {
                    return Problem.NotFound("experiment");
                }

                if (version.Columns is null)
                {
                    return Problem.Conflict("This experiment is not a batch, so it has no rows. Its cases are part of the experiment.");
                }

                var from = -1;
                if (page.After is { } after && !int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out from))
                {
                    return PageRequest.WrongCursor;
                }

                var cells = db.ExperimentCells.AsNoTracking().Where(cell => cell.ExperimentId == experimentId && cell.Order > from);
                if (status is { } wanted)
                {
                    var states = Enum.GetValues<CellStatus>().Where(state => BatchResults.StatusOf(state) == wanted).ToList();
                    cells = cells.Where(cell => states.Contains(cell.Status));
                }

                var orders = await cells
                    .OrderBy(cell => cell.Order)
                    .Select(cell => cell.Order)
                    .Take(page.Take + 1)
                    .ToListAsync(cancellationToken);
                var results = new BatchResults(experiment, version);
                var rows = await results.RowsAsync(db, cells.OrderBy(cell => cell.Order).Take(page.Take), cancellationToken);
                return new BatchRows(
                    results.Columns,
                    results.OutputKeys,
                    rows,
                    orders.Count > page.Take ? orders[page.Take - 1].ToString(CultureInfo.InvariantCulture) : null
                );
            },
            cancellationToken
        );
}
