using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared.Work;

namespace PromptPilot.Core.Files;

/// <summary>
/// Removes the uses of runs, test cases, calls and received requests that are gone, then the files that nothing uses and nobody has sent
/// for a day.
/// </summary>
internal sealed class FileCleaning(IDbContextFactory<PromptPilotDbContext> contexts, TimeProvider time, ILogger<FileCleaning> log)
    : ICleaning
{
    /// <summary>How long an unused file stays, and a use whose owner is not stored yet.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>Rows deleted in one transaction.</summary>
    private const int Batch = 20;

    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var before = time.GetUtcNow().UtcDateTime - Grace;
        var uses = db.FileUses.Where(use => use.CreatedAt < before);
        var ofRuns = uses.Where(use => use.Owner == FileOwner.Run && !db.WorkflowRuns.Any(run => run.Id == use.OwnerId));
        var ofCases = uses.Where(use => use.Owner == FileOwner.TestCase && !db.TestCases.Any(test => test.Id == use.OwnerId));
        var ofCalls = uses.Where(use => use.Owner == FileOwner.Call && !db.ExecutionLogs.Any(call => call.Id == use.OwnerId));
        var ofReceipts = uses.Where(use => use.Owner == FileOwner.Receipt && !db.WebhookReceipts.Any(row => row.Id == use.OwnerId));
        foreach (var orphans in new[] { ofRuns, ofCases, ofCalls, ofReceipts })
        {
            await orphans.ExecuteDeleteAsync(cancellationToken);
        }

        var removed = 0;
        var unused = db.StoredFiles.Where(file => file.LastSentAt < before && !db.FileUses.Any(use => use.Hash == file.Hash));
        while (await unused.Select(file => file.Hash).Take(Batch).ToListAsync(cancellationToken) is { Count: > 0 } hashes)
        {
            // Asks again, because a run may have started with one of them.
            var count = await unused.Where(file => hashes.Contains(file.Hash)).ExecuteDeleteAsync(cancellationToken);
            removed += count;
            if (count == 0)
            {
                break;
            }
        }

        if (removed > 0)
        {
            log.LogInformation("Removed {Files} unused files", removed);
        }
    }
}
