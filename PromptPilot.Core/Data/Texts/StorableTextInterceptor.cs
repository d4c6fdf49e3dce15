using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Data.Texts;

/// <summary>
/// The last check of every text on its way to the database, since PostgreSQL refuses what SQLite stores: U+0000, and more characters than a
/// column has. What people and programs wrote, which are the audited rows, is refused at its field. All other rows hold texts of machines,
/// and queries texts to compare with: these are cleaned and cut, so that nothing fails for a character.
/// Runs after the audit, which has detected the changes, and before the write gate is taken.
/// </summary>
internal sealed class StorableTextInterceptor : DbCommandInterceptor, ISaveChangesInterceptor
{
    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        var tracker = eventData.Context!.ChangeTracker;
        var detects = tracker.AutoDetectChangesEnabled;
        tracker.AutoDetectChangesEnabled = false;
        try
        {
            foreach (var row in tracker.Entries().Where(row => row.State is EntityState.Added or EntityState.Modified))
            {
                Check(row);
            }
        }
        finally
        {
            tracker.AutoDetectChangesEnabled = detects;
        }

        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result
    ) => Clean(command, result);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default
    ) => ValueTask.FromResult(Clean(command, result));

    public override InterceptionResult<object> ScalarExecuting(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<object> result
    ) => Clean(command, result);

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<object> result,
        CancellationToken cancellationToken = default
    ) => ValueTask.FromResult(Clean(command, result));

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<int> result
    ) => Clean(command, result);

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command,
        CommandEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    ) => ValueTask.FromResult(Clean(command, result));

    /// <exception cref="UnstorableTextException">Someone wrote a text into the row that cannot be stored.</exception>
    private static void Check(EntityEntry row)
    {
        var isWrittenBySomeone = AuditCatalog.Audited.ContainsKey(row.Metadata.ClrType);
        foreach (var (path, property) in AuditChanges.Properties(row))
        {
            if (row.State == EntityState.Modified && !property.IsModified)
            {
                continue;
            }

            if (!isWrittenBySomeone)
            {
                CleanText(property);
            }
            else if (Fault(property) is { } fault)
            {
                throw new UnstorableTextException(AuditChanges.Field(path), fault);
            }
        }
    }

    private static string? Fault(PropertyEntry property) =>
        property.CurrentValue switch
        {
            null => null,
            string text => Unicode.Fault(text) ?? LengthFault(text, property.Metadata.GetMaxLength()),
            IEnumerable<string> texts => texts.Select(text => Unicode.Fault(text)).FirstOrDefault(fault => fault is not null),
            // JSON has it as an escape.
            var value => property.Metadata.GetTypeMapping().Converter?.ConvertToProvider(value) is string json
            && JsonText.WithoutNul(json) != json
                ? Unicode.Nul
                : null,
        };

    private static string? LengthFault(string text, int? most) =>
        text.Length > most ? $"The limit is {most:N0} characters; this has {text.Length:N0}." : null;

    private static void CleanText(PropertyEntry property)
    {
        if (property.CurrentValue is not string text || property.Metadata.IsKey())
        {
            return;
        }

        var clean = Unicode.WellFormed(property.Metadata.GetMaxLength() is { } most ? Shorten.Cut(text, most) : text);
        if (!ReferenceEquals(clean, text))
        {
            property.CurrentValue = clean;
        }
    }

    private static InterceptionResult<T> Clean<T>(DbCommand command, InterceptionResult<T> result)
    {
        for (var i = 0; i < command.Parameters.Count; i++)
        {
            var parameter = command.Parameters[i];
            switch (parameter.Value)
            {
                case string text when Unicode.Fault(text) is not null:
                    parameter.Value = Unicode.WellFormed(text);
                    break;
                case IReadOnlyCollection<string> texts when texts.Any(text => Unicode.Fault(text) is not null):
                    parameter.Value = texts.Select(text => text is null ? null : Unicode.WellFormed(text)).ToArray();
                    break;
            }
        }

        return result;
    }
}
