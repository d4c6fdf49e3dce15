using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace PromptPilot.Core.Data;

/// <summary>
/// Times are UTC everywhere; databases return them without a kind, and PostgreSQL refuses to store one without.
/// </summary>
internal sealed class UtcDateTimeConverter()
    : ValueConverter<DateTime, DateTime>(
        value => value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : DateTime.SpecifyKind(value, DateTimeKind.Utc),
        value => DateTime.SpecifyKind(value, DateTimeKind.Utc)
    );
