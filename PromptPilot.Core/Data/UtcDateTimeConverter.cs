using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace PromptPilot.Core.Data;

/// <summary>Times are UTC everywhere; databases return them without a kind.</summary>
internal sealed class UtcDateTimeConverter()
    : ValueConverter<DateTime, DateTime>(
        value => value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value,
        value => DateTime.SpecifyKind(value, DateTimeKind.Utc)
    );
