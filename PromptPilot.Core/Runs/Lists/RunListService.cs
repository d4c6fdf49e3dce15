using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Lists;

/// <summary>Lists of runs that refresh while runs progress, for any number of viewers.</summary>
public sealed class RunListService(Operations operations, IDbContextFactory<PromptPilotDbContext> contexts, RunFeed feed, TimeProvider time)
{
    private readonly SharedReads<(RunFilter Filter, PageRequest Page), Result<Page<RunListItem>>> _reads = new(
        time,
        TimeSpan.FromSeconds(1)
    );

    /// <summary>Signals when any run changes.</summary>
    public Task<Result<RunListWatch>> WatchAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<RunListWatch>(actor, Permission.Read, _ => new RunListWatch(feed.ListChanged), cancellationToken);

    /// <summary>
    /// Like <see cref="RunService.ListAsync"/>, but read at most once a second for all viewers of the same page and filter.
    /// </summary>
    public Task<Result<Page<RunListItem>>> RefreshAsync(
        Actor actor,
        RunFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<Page<RunListItem>>(
            actor,
            Permission.Read,
            _ => _reads.ReadAsync((filter, page), () => ReadAsync(filter, page), cancellationToken),
            cancellationToken
        );

    private async Task<Result<Page<RunListItem>>> ReadAsync(RunFilter filter, PageRequest page)
    {
        await using var db = await contexts.CreateDbContextAsync();
        return await RunQuery.ListAsync(db, filter, page, CancellationToken.None);
    }
}
