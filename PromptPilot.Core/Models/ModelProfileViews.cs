using PromptPilot.Core.Models.Extras;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

/// <summary>The part of a profile that everyone may see: enough to choose it, no endpoint, no key.</summary>
/// <param name="MayUse">The caller may use it.</param>
public sealed record ModelProfileName(string Id, string Name, string Provider, string Model, bool Enabled, bool MayUse)
{
    /// <summary>The announced end of the model; null if none is known.</summary>
    public ModelEnd? End { get; init; }

    /// <summary>Whether the model takes pictures; null: not known.</summary>
    public bool? TakesPictures { get; init; }

    /// <summary>The most tokens of a call; null: not known.</summary>
    public int? ContextTokens { get; init; }
}

/// <summary>A profile as an admin sees it. The key itself never leaves the server.</summary>
/// <param name="ApiKeySetAt">When the key was set or replaced; null without a key.</param>
/// <param name="Prices">In USD per million tokens.</param>
/// <param name="Roles">Roles that can use it besides admins; empty: everyone with the run permission.</param>
/// <param name="UsedBy">The number of workflows with it in their draft or published version.</param>
public sealed record ModelProfileView(
    string Id,
    string Name,
    string Provider,
    string? Endpoint,
    string Model,
    bool HasApiKey,
    DateTime? ApiKeySetAt,
    ModelParameters Parameters,
    PricesInUsd Prices,
    ModelLimits Limits,
    BudgetsInUsd Budgets,
    bool StructuredOutput,
    bool Enabled,
    IReadOnlyList<Role> Roles,
    int UsedBy,
    string? CreatedBy,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision
)
{
    /// <summary>The key is stored and can no longer be decrypted, since the key ring was replaced: it has to be entered again.</summary>
    public bool IsKeyLost { get; init; }

    /// <inheritdoc cref="ModelProfile.Fallbacks"/>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];

    /// <inheritdoc cref="ModelProfile.EndsOn"/>
    public DateOnly? EndsOn { get; init; }

    /// <inheritdoc cref="ModelProfile.TakesPictures"/>
    public bool? TakesPictures { get; init; }

    /// <inheritdoc cref="ModelProfile.ContextTokens"/>
    public int? ContextTokens { get; init; }

    /// <inheritdoc cref="ModelProfile.CachesPrompts"/>
    public bool CachesPrompts { get; init; }

    /// <inheritdoc cref="ModelProfile.ExtraBody"/>
    public string? ExtraBody { get; init; }

    /// <summary>Names of the extra headers; their values never leave the server.</summary>
    public IReadOnlyList<string> ExtraHeaders { get; init; } = [];

    /// <inheritdoc cref="ModelProfile.HideThinking"/>
    public bool HideThinking { get; init; }

    /// <inheritdoc cref="ModelProfile.MaxTokensField"/>
    public string? MaxTokensField { get; init; }

    /// <inheritdoc cref="ModelProfile.SendsStreamOptions"/>
    public bool SendsStreamOptions { get; init; }

    /// <summary>The announced end of the model; null if none is known.</summary>
    public ModelEnd? End => ModelEnd.Of(Provider, Model, EndsOn);

    internal static ModelProfileView Of(ModelProfile p, int usedBy, ModelKeys keys) =>
        new(
            p.Id,
            p.Name,
            p.Provider,
            p.Endpoint,
            p.Model,
            p.ApiKey is not null,
            p.ApiKeySetAt,
            p.Parameters,
            new PricesInUsd(
                Money.ToUsd(p.Prices.InputPerMillion),
                Money.ToUsd(p.Prices.OutputPerMillion),
                Usd(p.Prices.CachedInputPerMillion),
                Usd(p.Prices.CacheWritePerMillion)
            ),
            p.Limits,
            new BudgetsInUsd(Usd(p.Budgets.Day), Usd(p.Budgets.Month)),
            p.StructuredOutput,
            p.Enabled,
            p.Roles,
            usedBy,
            p.CreatedBy,
            p.CreatedAt,
            p.UpdatedAt,
            p.Revision
        )
        {
            IsKeyLost = (p.ApiKey is { } key && !keys.CanDecrypt(key)) || (p.ExtraHeaders is { } lost && !keys.CanDecrypt(lost)),
            Fallbacks = p.Fallbacks,
            EndsOn = p.EndsOn,
            TakesPictures = p.TakesPictures,
            ContextTokens = p.ContextTokens,
            CachesPrompts = p.CachesPrompts,
            ExtraBody = p.ExtraBody,
            ExtraHeaders =
                p.ExtraHeaders is { } headers && keys.CanDecrypt(headers)
                    ? [.. Extras.ExtraHeaders.Read(keys.Decrypt(headers)).Keys.Order(StringComparer.OrdinalIgnoreCase)]
                    : [],
            HideThinking = p.HideThinking,
            MaxTokensField = p.MaxTokensField,
            SendsStreamOptions = p.SendsStreamOptions,
        };

    private static decimal? Usd(long? nanos) => nanos is { } amount ? Money.ToUsd(amount) : null;
}

/// <summary>Prices in USD per million tokens.</summary>
/// <param name="CachedInputPerMillion">Price of cached input; null: same as other input.</param>
public sealed record PricesInUsd(
    decimal InputPerMillion,
    decimal OutputPerMillion,
    decimal? CachedInputPerMillion = null,
    decimal? CacheWritePerMillion = null
);

/// <summary>Budgets per day and calendar month (UTC), in USD; null: no limit.</summary>
public sealed record BudgetsInUsd(decimal? Day, decimal? Month);

/// <summary>A profile as someone wants it.</summary>
public sealed record ModelProfileContent
{
    public string? Name { get; init; }

    /// <summary>The provider's name in any case; stored in canonical form.</summary>
    public string? Provider { get; init; }

    public string? Endpoint { get; init; }

    public string? Model { get; init; }

    /// <summary>Null keeps the stored key, an empty text removes it.</summary>
    public string? ApiKey { get; init; }

    public ModelParameters Parameters { get; init; } = new();

    public PricesInUsd Prices { get; init; } = new(0, 0);

    public ModelLimits Limits { get; init; } = new();

    public BudgetsInUsd Budgets { get; init; } = new(null, null);

    /// <inheritdoc cref="ModelProfile.Fallbacks"/>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];

    /// <inheritdoc cref="ModelProfile.EndsOn"/>
    public DateOnly? EndsOn { get; init; }

    /// <inheritdoc cref="ModelProfile.TakesPictures"/>
    public bool? TakesPictures { get; init; }

    /// <inheritdoc cref="ModelProfile.ContextTokens"/>
    public int? ContextTokens { get; init; }

    /// <inheritdoc cref="ModelProfile.CachesPrompts"/>
    public bool CachesPrompts { get; init; }

    /// <inheritdoc cref="ModelProfile.ExtraBody"/>
    public string? ExtraBody { get; init; }

    /// <summary>Names and values of extra headers; a value of null keeps the stored one. Headers that are not listed are removed.</summary>
    public IReadOnlyDictionary<string, string?> ExtraHeaders { get; init; } = new Dictionary<string, string?>();

    /// <summary>Null: as <see cref="ProviderDescriptor.HasStructuredOutput"/> says.</summary>
    public bool? StructuredOutput { get; init; }

    /// <inheritdoc cref="ModelProfile.HideThinking"/>
    public bool HideThinking { get; init; }

    /// <inheritdoc cref="ModelProfile.MaxTokensField"/>
    public string? MaxTokensField { get; init; }

    /// <inheritdoc cref="ModelProfile.SendsStreamOptions"/>
    public bool SendsStreamOptions { get; init; } = true;

    /// <summary>Null keeps what it is; a new profile is enabled.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Roles that can use it besides admins; empty: everyone with the run permission.</summary>
    public IReadOnlyList<Role> Roles { get; init; } = [];
}

/// <summary>The result of a test call.</summary>
/// <param name="Answer">The model's text; of a failed call, what had arrived.</param>
/// <param name="FirstTokenMs">Null when no token came.</param>
/// <param name="Cost">In USD.</param>
/// <param name="Fault">Null when the model answered.</param>
public sealed record ModelTest(
    string Answer,
    string ModelUsed,
    long DurationMs,
    long? FirstTokenMs,
    int InputTokens,
    int OutputTokens,
    decimal Cost,
    ModelFault? Fault
)
{
    /// <summary>The part of the input that came from the provider's cache.</summary>
    public int CachedTokens { get; init; }

    /// <summary>The provider did not count the tokens of input, output or both.</summary>
    public bool EstimatedTokens { get; init; }

    internal static ModelTest Of(ModelReply reply, TimeSpan elapsed) =>
        new(
            reply.Text,
            reply.ModelUsed,
            (long)elapsed.TotalMilliseconds,
            (long?)reply.FirstTokenAfter?.TotalMilliseconds,
            reply.InputTokens,
            reply.OutputTokens,
            Money.ToUsd(reply.Cost),
            reply.Fault
        )
        {
            CachedTokens = reply.CachedTokens,
            EstimatedTokens = reply.HasEstimatedUsage,
        };
}

/// <summary>A model that a provider offers.</summary>
/// <param name="Id">The name used in calls.</param>
/// <param name="Title">The provider's display name; null if it has none.</param>
/// <param name="EndsOn">The day on which the provider shuts it down; null if it lists none.</param>
public sealed record OfferedModel(string Id, string? Title, DateOnly? EndsOn = null);

/// <summary>A step that uses a profile.</summary>
/// <param name="Prompt">The prompt that it sends.</param>
/// <param name="InDraft">True if the workflow's draft uses it.</param>
/// <param name="IsPublished">True if its published version uses it.</param>
public sealed record ModelProfileStep(string OutputKey, string PromptId, string Prompt, bool InDraft, bool IsPublished);

/// <summary>A workflow that uses a profile.</summary>
/// <param name="Schedules">The number of enabled schedules of its published version, if that uses the profile.</param>
public sealed record ModelProfileUser(string WorkflowId, string Workflow, IReadOnlyList<ModelProfileStep> Steps, int Schedules)
{
    /// <inheritdoc cref="ModelProfileUse.Words"/>
    public static string Words(IReadOnlyCollection<ModelProfileUser> users) => ModelProfileUse.Words(users);
}
