using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace PromptPilot.Core.Data;

/// <summary>Time is UTC everywhere; databases hand it back without saying so.</summary>
internal sealed class UtcDateTimeConverter()
    : ValueConverter<DateTime, DateTime>(
        value => value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value,
        value => DateTime.SpecifyKind(value, DateTimeKind.Utc)
    );
