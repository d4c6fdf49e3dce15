using PromptPilot.Core.Models.Extras;
using PromptPilot.Core.Models.Protocols;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Models;

/// <summary>Puts what someone wants into a profile.</summary>
internal static class ModelProfileChanges
{
    public static string Normalize(string name) => name.Trim().ToUpperInvariant();

    /// <param name="content">Checked by <see cref="ModelProfileRules"/>.</param>
    public static void Apply(ModelProfileContent content, ModelProfile profile, ModelKeys keys, DateTime now)
    {
        profile.Name = content.Name!.Trim();
        profile.NormalizedName = Normalize(content.Name);
        var provider = Providers.Find(content.Provider)!;
        profile.Provider = provider.Key;
        profile.Endpoint = ModelEndpoints.Tidy(content.Endpoint);
        profile.Model = content.Model!.Trim();
        (profile.ApiKey, profile.ApiKeySetAt) = (provider.IsBuiltIn, content.ApiKey?.Trim()) switch
        {
            (true, _) or (_, "") => (null, null),
            (_, null) => (profile.ApiKey, profile.ApiKeySetAt),
            (_, var key) => (keys.Encrypt(key), now),
        };
        profile.Parameters = new ModelParameters
        {
            Temperature = content.Parameters.Temperature,
            MaxTokens = content.Parameters.MaxTokens,
            TopP = content.Parameters.TopP,
            Effort = provider.IsBuiltIn ? null : content.Parameters.Effort,
            Seed = provider.IsBuiltIn ? null : content.Parameters.Seed,
            Stop = [.. content.Parameters.Stop],
        };
        profile.Prices = new ModelPrices
        {
            InputPerMillion = Money.ToNanos(content.Prices.InputPerMillion),
            OutputPerMillion = Money.ToNanos(content.Prices.OutputPerMillion),
            CachedInputPerMillion = Nanos(content.Prices.CachedInputPerMillion),
            CacheWritePerMillion = Nanos(content.Prices.CacheWritePerMillion),
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
        profile.EndsOn = provider.IsBuiltIn ? null : content.EndsOn;
        profile.TakesPictures = provider.IsBuiltIn ? null : content.TakesPictures;
        profile.ContextTokens = provider.IsBuiltIn ? null : content.ContextTokens;
        profile.Fallbacks = [.. content.Fallbacks];
        profile.CachesPrompts = provider.AsksForCaching && content.CachesPrompts;
        profile.ExtraBody = provider.IsBuiltIn || string.IsNullOrWhiteSpace(content.ExtraBody) ? null : content.ExtraBody.Trim();
        profile.ExtraHeaders = HeadersOf(provider, content, profile, keys);
        profile.StructuredOutput = !provider.IsBuiltIn && (content.StructuredOutput ?? provider.HasStructuredOutput);
        profile.HideThinking = content.HideThinking;
        profile.MaxTokensField = provider.HasServerSwitches && content.MaxTokensField is { Length: > 0 } field ? field : null;
        profile.SendsStreamOptions = !provider.HasServerSwitches || content.SendsStreamOptions;
        profile.Enabled = content.Enabled ?? profile.Enabled;
        profile.UpdatedAt = now;
    }

    private static string? HeadersOf(ProviderDescriptor provider, ModelProfileContent content, ModelProfile profile, ModelKeys keys)
    {
        if (provider.IsBuiltIn || content.ExtraHeaders.Count == 0)
        {
            return null;
        }

        var stored = StoredHeaders(profile, keys);
        return keys.Encrypt(
            ExtraHeaders.Write(
                content.ExtraHeaders.ToDictionary(header => header.Key, header => header.Value ?? stored.GetValueOrDefault(header.Key, ""))
            )
        );
    }

    /// <summary>The headers that are stored and can be decrypted.</summary>
    public static IReadOnlyDictionary<string, string> StoredHeaders(ModelProfile? profile, ModelKeys keys) =>
        profile?.ExtraHeaders is { } headers && keys.CanDecrypt(headers)
            ? ExtraHeaders.Read(keys.Decrypt(headers))
            : new Dictionary<string, string>();

    private static long? Nanos(decimal? usd) => usd is { } amount ? Money.ToNanos(amount) : null;
}
