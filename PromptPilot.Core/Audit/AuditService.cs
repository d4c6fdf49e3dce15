using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Audit;

/// <summary>Reads the audit log, for admins. There is no way to write it from outside.</summary>
public sealed class AuditService(Operations operations, AuditLog log, TimeProvider time)
{
    /// <summary>The most entries in one file: the newest of those that fit.</summary>
    public const int MaxExported = 20_000;

    /// <summary>Entries, the newest first.</summary>
    public Task<Result<Page<AuditItem>>> ListAsync(
        Actor actor,
        AuditFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<AuditItem>>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                long? before = null;
                if (page.After is { } after)
                {
                    if (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
                    {
                        return PageRequest.WrongCursor;
                    }

                    before = sequence;
                }

                var items = await Filtered(db, filter)
                    .Where(e => before == null || e.Sequence < before)
                    .OrderByDescending(e => e.Sequence)
                    .Take(page.Take + 1)
                    .Select(e => Item(e))
                    .ToListAsync(cancellationToken);
                return Page.Of(items, page, last => last.Sequence.ToString(CultureInfo.InvariantCulture));
            },
            cancellationToken
        );

    /// <summary>The kinds of objects that entries are about, for the filter.</summary>
    public Task<Result<IReadOnlyList<string>>> ListKindsAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<IReadOnlyList<string>>(
            actor,
            Permission.Admin,
            _ => new List<string>(AuditCatalog.Kinds),
            cancellationToken
        );

    /// <summary>The newest <see cref="MaxExported"/> matching entries as CSV. The export is recorded too.</summary>
    public Task<Result<AuditFile>> ExportAsync(Actor actor, AuditFilter filter, CancellationToken cancellationToken) =>
        operations.ReadAsync<AuditFile>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                var items = await Filtered(db, filter)
                    .OrderByDescending(e => e.Sequence)
                    .Take(MaxExported)
                    .Select(e => Item(e))
                    .ToListAsync(cancellationToken);
                await log.WriteAsync(
                    actor,
                    AuditEntry.Of(AuditAction.Exported, AuditCatalog.AuditLog, null, $"{items.Count} entries"),
                    cancellationToken
                );
                return new AuditFile($"audit-{time.GetUtcNow():yyyyMMdd-HHmmss}.csv", AuditCsv.Write(items));
            },
            cancellationToken
        );

    private static IQueryable<AuditEntry> Filtered(PromptPilotDbContext db, AuditFilter filter)
    {
        var entries = db.AuditEntries.AsNoTracking();
        if (filter.ActorId is { Length: > 0 } actorId)
        {
            entries = entries.Where(e => e.ActorId == actorId);
        }

        if (filter.Action is { } action)
        {
            entries = entries.Where(e => e.Action == action);
        }

        if (filter.Kind is { Length: > 0 } kind)
        {
            entries = entries.Where(e => e.Kind == kind);
        }

        if (filter.From is { } from)
        {
            entries = entries.Where(e => e.At >= from);
        }

        if (filter.To is { } to)
        {
            entries = entries.Where(e => e.At < to);
        }

        if (filter.Text?.Trim() is { Length: > 0 } text)
        {
            var pattern = LikePattern.Containing(text);
            entries = entries.Where(e =>
                SqlText.Matches(e.SubjectName, pattern)
                || SqlText.Matches(e.ActorName, pattern)
                || SqlText.Matches(e.ApiKeyName!, pattern)
                || SqlText.Matches(e.RemoteAddress!, pattern)
                || e.SubjectId == text
            );
        }

        return entries;
    }

    private static AuditItem Item(AuditEntry e) =>
        new(
            e.Sequence,
            e.At,
            e.ActorKind,
            e.ActorId,
            e.ActorName,
            e.ApiKeyName,
            e.Action,
            e.Kind,
            e.SubjectId,
            e.SubjectName,
            e.RemoteAddress,
            e.UserAgent,
            e.Changes
        );
}
