using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Files;

/// <summary>
/// Texts that are kept beside files which they have as base64, such as the bodies of webhooks: a mark stands for each, so that a file is
/// stored once.
/// </summary>
public sealed partial class FileMarks(FileStore store, IDbContextFactory<PromptPilotDbContext> contexts, TimeProvider time)
{
    /// <summary>Characters. Shorter texts stay as they are.</summary>
    internal const int Shortest = 1024;

    /// <summary>A text with marks for files of a run, which it then keeps. In the caller's transaction; the caller saves.</summary>
    /// <param name="text">May have marks already, when its transaction is repeated.</param>
    internal async Task<string> MarkAsync(
        PromptPilotDbContext db,
        string text,
        string runId,
        FileOwner owner,
        string ownerId,
        CancellationToken cancellationToken
    )
    {
        var hashes = await db
            .FileUses.Where(use => use.Owner == FileOwner.Run && use.OwnerId == runId)
            .Select(use => use.Hash)
            .ToListAsync(cancellationToken);
        foreach (var hash in hashes)
        {
            if (await store.ReadAsync(hash, cancellationToken) is { } content)
            {
                text = text.Replace(Convert.ToBase64String(content), MarkOf(hash), StringComparison.Ordinal);
            }
        }

        var marked = hashes.FindAll(hash => text.Contains(MarkOf(hash), StringComparison.Ordinal));
        await FileUses.AddAsync(db, owner, ownerId, marked, time.GetUtcNow().UtcDateTime, cancellationToken);
        return text;
    }

    /// <summary>The text as it was. Only marks of files that are kept for it are followed: a sender can write a mark too.</summary>
    /// <returns>Or a problem: a file is no longer stored.</returns>
    internal async Task<Result<string>> RestoreAsync(string text, FileOwner owner, string ownerId, CancellationToken cancellationToken)
    {
        var found = Mark().Matches(text);
        if (found.Count == 0)
        {
            return text;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var kept = await db
            .FileUses.Where(use => use.Owner == owner && use.OwnerId == ownerId)
            .Select(use => use.Hash)
            .ToListAsync(cancellationToken);
        var (restored, from) = (new StringBuilder(), 0);
        foreach (var mark in found.Where(mark => kept.Contains(mark.Groups[1].Value)))
        {
            if (await store.ReadAsync(mark.Groups[1].Value, cancellationToken) is not { } content)
            {
                return Problem.Conflict("The file in this request is no longer stored. Ask the sender to send it again.");
            }

            restored.Append(text, from, mark.Index - from).Append(Convert.ToBase64String(content));
            from = mark.Index + mark.Length;
        }

        return restored.Append(text, from, text.Length - from).ToString();
    }

    private static string MarkOf(string hash) => $"[file {hash} as base64]";

    [GeneratedRegex(@"\[file ([0-9a-f]{64}) as base64\]", RegexOptions.NonBacktracking)]
    private static partial Regex Mark();
}
