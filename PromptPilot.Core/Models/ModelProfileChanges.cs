using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models;

/// <summary>Puts what somebody wants into a profile.</summary>
internal static class ModelProfileChanges
{
    public static string Normalize(string name) => name.Trim().ToUpperInvariant();

    /// <param name="content">Checked by <see cref="ModelProfileRules"/>.</param>
    public static void Apply(ModelProfileContent content, ModelProfile profile, ModelKeys keys, DateTime now)
    {
        profile.Name = content.Name!.Trim();
        profile.NormalizedName = Normalize(content.Name);
        profile.Provider = Providers.Canonical(content.Provider)!;
        profile.Endpoint = ModelEndpoints.Tidy(content.Endpoint);
        profile.Model = content.Model!.Trim();
        (profile.ApiKey, profile.ApiKeySetAt) = (profile.Provider, content.ApiKey?.Trim()) switch
        {
            (Providers.Offline, _) or (_, "") => (null, null),
            (_, null) => (profile.ApiKey, profile.ApiKeySetAt),
            (_, var key) => (keys.Encrypt(key), now),
        };
        profile.Parameters = new ModelParameters
        {
            Temperature = content.Parameters.Temperature,
            MaxTokens = content.Parameters.MaxTokens,
            TopP = content.Parameters.TopP,
            Stop = [.. content.Parameters.Stop],
        };
        profile.Prices = new ModelPrices
        {
            InputPerMillion = Money.ToNanos(content.Prices.InputPerMillion),
            OutputPerMillion = Money.ToNanos(content.Prices.OutputPerMillion),
            CachedInputPerMillion = Nanos(content.Prices.CachedInputPerMillion),
        };
        profile.Roles = [.. content.Roles.Distinct().Order()];
        profile.Limits = new ModelLimits
        {
            FirstTokenSeconds = content.Limits.FirstTokenSeconds,
            IdleSeconds = content.Limits.IdleSeconds,
            AttemptSeconds = content.Limits.AttemptSeconds,
            ConcurrentCalls = content.Limits.ConcurrentCalls,
            RequestsPerMinute = content.Limits.RequestsPerMinute,
        };
        profile.Budgets = new ModelBudgets { Day = Nanos(content.Budgets.Day), Month = Nanos(content.Budgets.Month) };
        profile.StructuredOutput =
            profile.Provider != Providers.Offline && (content.StructuredOutput ?? Providers.HasStructuredOutput(profile.Provider));
        profile.HideThinking = content.HideThinking;
        var isCompatible = profile.Provider == Providers.OpenAICompatible;
        profile.MaxTokensField = isCompatible && content.MaxTokensField is { Length: > 0 } field ? field : null;
        profile.SendsStreamOptions = !isCompatible || content.SendsStreamOptions;
        profile.Enabled = content.Enabled ?? profile.Enabled;
        profile.UpdatedAt = now;
    }

    private static long? Nanos(decimal? usd) => usd is { } amount ? Money.ToNanos(amount) : null;
}
