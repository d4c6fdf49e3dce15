namespace PromptPilot.Core.Models;

/// <summary>What everybody may see of a profile: enough to choose it, no endpoint, no key.</summary>
public sealed record ModelProfileName(string Id, string Name, string Provider, string Model, bool Enabled);

/// <summary>A profile as an admin sees it. The key itself never leaves the server.</summary>
/// <param name="Prices">In USD per million tokens.</param>
/// <param name="UsedBy">How many workflows have it in their draft or published version.</param>
public sealed record ModelProfileView(
    string Id,
    string Name,
    string Provider,
    string? Endpoint,
    string Model,
    bool HasApiKey,
    ModelParameters Parameters,
    PricesInUsd Prices,
    ModelLimits Limits,
    BudgetsInUsd Budgets,
    bool StructuredOutput,
    bool Enabled,
    int UsedBy,
    string? CreatedBy,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision);

/// <summary>Prices in USD per million tokens.</summary>
public sealed record PricesInUsd(decimal InputPerMillion, decimal OutputPerMillion);

/// <summary>What calls may cost in a day and in a calendar month (UTC), in USD; null: no limit.</summary>
public sealed record BudgetsInUsd(decimal? Day, decimal? Month);

/// <summary>A profile as somebody wants it.</summary>
public sealed record ModelProfileContent
{
    public string? Name { get; init; }

    /// <summary>In any case; stored under its canonical name.</summary>
    public string? Provider { get; init; }

    public string? Endpoint { get; init; }

    public string? Model { get; init; }

    /// <summary>Null keeps the stored key, an empty text removes it.</summary>
    public string? ApiKey { get; init; }

    public ModelParameters Parameters { get; init; } = new();

    public PricesInUsd Prices { get; init; } = new(0, 0);

    public ModelLimits Limits { get; init; } = new();

    public BudgetsInUsd Budgets { get; init; } = new(null, null);

    /// <summary>Null: as <see cref="Providers.HasStructuredOutput"/> says of the provider.</summary>
    public bool? StructuredOutput { get; init; }

    /// <summary>Null keeps what it is; a new profile is enabled.</summary>
    public bool? Enabled { get; init; }
}

/// <summary>What a test call gave.</summary>
/// <param name="Answer">The model's text; of a failed call, what had arrived.</param>
/// <param name="FirstTokenMs">Null when no token came.</param>
/// <param name="Cost">In USD.</param>
/// <param name="Fault">Null when the model answered.</param>
public sealed record ModelTest(string Answer, string ModelUsed, long DurationMs, long? FirstTokenMs, int InputTokens, int OutputTokens, decimal Cost, ModelFault? Fault);
