using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Core.Audit;

/// <summary>Describes a tracked row in the audit log.</summary>
internal static class AuditChanges
{
    /// <summary>Longer values are cut: the log says that something changed, versions keep whole texts.</summary>
    public const int MaxValue = 2000;

    private const string Set = "(set)";

    /// <summary>The entry for a row that is about to be written; null if none of its changes are audited.</summary>
    public static AuditEntry? Of(EntityEntry row)
    {
        if (
            row.State is not (EntityState.Added or EntityState.Modified or EntityState.Deleted)
            || !AuditCatalog.Audited.TryGetValue(row.Metadata.ClrType, out var kind)
            || !AuditCatalog.IsAudited(row.Entity)
        )
        {
            return null;
        }

        var changes = Properties(row)
            .Select(property => Change(row.State, kind, property.Path, property.Value))
            .OfType<AuditChange>()
            .ToList();
        if (row.State == EntityState.Modified && changes.Count == 0)
        {
            return null;
        }

        return new AuditEntry
        {
            Action = row.State switch
            {
                EntityState.Added => AuditAction.Created,
                EntityState.Deleted => AuditAction.Deleted,
                _ => AuditAction.Changed,
            },
            Kind = kind.Kind,
            SubjectId = Key(row),
            SubjectName = Shorten.Text(kind.Name(row.Entity), AuditConfiguration.MaxName),
            Changes = changes,
            IsDerived = true,
        };
    }

    /// <summary>All properties by their path, those of complex ones too.</summary>
    internal static IEnumerable<(string Path, PropertyEntry Value)> Properties(EntityEntry row) =>
        row
            .Properties.Select(property => (property.Metadata.Name, property))
            .Concat(
                row.ComplexProperties.SelectMany(complex =>
                    complex.Properties.Select(property => ($"{complex.Metadata.Name}.{property.Metadata.Name}", property))
                )
            );

    private static AuditChange? Change(EntityState state, AuditedKind kind, string path, PropertyEntry value)
    {
        var isSecret = kind.Secret.Contains(path);
        if (!isSecret && !kind.Shown.Contains(path))
        {
            return null;
        }

        var before = state == EntityState.Added ? null : Text(value.OriginalValue);
        var after = state == EntityState.Deleted ? null : Text(value.CurrentValue);
        if (before == after)
        {
            return null;
        }

        return isSecret
            ? new AuditChange(
                Field(path),
                before is null ? null : Set,
                after is null ? null
                    : before is null ? Set
                    : "(changed)"
            )
            : new AuditChange(
                Field(path),
                before is null ? null : Shorten.Text(before, MaxValue),
                after is null ? null : Shorten.Text(after, MaxValue)
            );
    }

    /// <summary>The display text; null for a missing or empty value.</summary>
    private static string? Text(object? value) =>
        value switch
        {
            null or "" => null,
            string text => text,
            Enum word => JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
            DateTime at => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            bool flag => flag ? "yes" : "no",
            byte[] => Set,
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => JsonSerializer.Serialize(value, AppJson.Options) is not ("[]" or "{}") and var json ? json : null,
        };

    private static string Key(EntityEntry row) =>
        string.Join(
            '/',
            row.Metadata.FindPrimaryKey()!
                .Properties.Select(property =>
                    row.Property(property.Name).CurrentValue is byte[] bytes
                        ? Shorten.Cut(Convert.ToHexStringLower(bytes), 16)
                        : $"{row.Property(property.Name).CurrentValue}"
                )
        );

    /// <summary>The path of a property as it is shown, in camelCase.</summary>
    internal static string Field(string path) => string.Join('.', path.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
