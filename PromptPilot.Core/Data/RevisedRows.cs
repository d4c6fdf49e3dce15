using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Data;

internal static class RevisedRows
{
    /// <summary>Reads a row for a change, tracked by the context.</summary>
    /// <param name="what">What the row is, as in “There is no such prompt”.</param>
    /// <param name="ifRevision">The revision that the author saw; null: any.</param>
    /// <returns>Not found without such a row; stale if it has changed since.</returns>
    public static async Task<Result<TRow>> ToChangeAsync<TRow>(
        this IQueryable<TRow> row,
        string what,
        int? ifRevision,
        CancellationToken cancellationToken
    )
        where TRow : class, IRevised =>
        await row.SingleOrDefaultAsync(cancellationToken) switch
        {
            null => Problem.NotFound(what),
            var found when (ifRevision ?? found.Revision) != found.Revision => Problem.Stale(what),
            var found => found,
        };
}
