using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Features.Models;

/// <summary>The fields to create or replace a profile.</summary>
/// <param name="ApiKey">Write-only. Left out or null keeps the stored key, an empty text removes it; a changed provider or endpoint needs
/// it again.</param>
/// <param name="Parameters">Left out: temperature 0.7 (of anthropic none, since its newer models refuse calls that name one), maxTokens
/// 1024, no topP, no stop. Parameters without a temperature: none is sent. Stop: up to 4 texts.</param>
/// <param name="Prices">In USD per million tokens; left out: 0. CachedInputPerMillion is of input from the provider's cache; left out: as
/// other input.</param>
/// <param name="Limits">Times in seconds; left out: 60 to the first token, 30 between two, 900 in all. Calls at the same time and a minute;
/// left out: no limit.</param>
/// <param name="Budgets">What its calls may cost in a day and in a month (UTC), in USD; left out: no limit. A call that could exceed one is
/// not made.</param>
/// <param name="StructuredOutput">Requests JSON output from the provider. Left out: yes for openai and ollama, no for
/// openai-compatible, where some servers refuse such calls.</param>
/// <param name="HideThinking">Removes the model's thinking (such as &lt;think&gt;…&lt;/think&gt;) from the
/// answer.</param>
/// <param name="MaxTokensField">Of openai-compatible: the name under which the longest answer is sent, max_tokens or
/// max_completion_tokens; left out: max_tokens.</param>
/// <param name="SendStreamOptions">Of openai-compatible: ask for the usage at the stream's end (stream_options); left out: yes.</param>
/// <param name="Enabled">Left out: a new profile is enabled, another stays what it is.</param>
/// <param name="Roles">Who may use it besides admins: collaborator, architect, or admin alone; left out or empty: everyone who may
/// run.</param>
/// <param name="Fallbacks">Ids of up to 5 profiles that steps use instead while this one fails, in the order in which they are tried; left
/// out: none.</param>
/// <param name="CachePrompts">For anthropic: marks the system message and the messages before the last one for the provider's cache; left
/// out: no.</param>
/// <param name="ExtraBody">An object whose fields are added to the body of each call, at most 8 KB; left out: none.</param>
/// <param name="ExtraHeaders">Names and values of headers that are added to each call. Values are write-only: null keeps the stored one.
/// Headers that are left out are removed.</param>
/// <param name="TakesPictures">Whether the model takes pictures; left out: as the portal knows of the model, else the provider
/// decides.</param>
/// <param name="ContextTokens">The most tokens of a call, input and answer together; left out: as the portal knows of the model.</param>
/// <param name="EndsOn">The day on which the provider shuts the model down, if the portal does not know it.</param>
internal sealed record ModelProfileBody(
    string? Name,
    string? Provider,
    string? Endpoint,
    string? Model,
    string? ApiKey,
    ParametersBody? Parameters,
    PricesBody? Prices,
    LimitsBody? Limits,
    bool? Enabled,
    BudgetsBody? Budgets = null,
    bool? StructuredOutput = null,
    IReadOnlyList<Role>? Roles = null,
    bool? HideThinking = null,
    string? MaxTokensField = null,
    bool? SendStreamOptions = null,
    IReadOnlyList<string>? Fallbacks = null,
    bool? CachePrompts = null,
    JsonElement? ExtraBody = null,
    IReadOnlyDictionary<string, string?>? ExtraHeaders = null,
    DateOnly? EndsOn = null,
    bool? TakesPictures = null,
    int? ContextTokens = null
)
{
    public ModelProfileContent ToContent() =>
        new()
        {
            Name = Name,
            Provider = Provider,
            Endpoint = Endpoint,
            Model = Model,
            ApiKey = ApiKey,
            Parameters = Parameters is { } p
                ? new ModelParameters
                {
                    Temperature = p.Temperature,
                    MaxTokens = p.MaxTokens ?? 1024,
                    TopP = p.TopP,
                    Effort = p.Effort,
                    Seed = p.Seed,
                    Stop = [.. p.Stop ?? []],
                }
                : new ModelParameters { Temperature = Providers.Find(Provider)?.DefaultTemperature },
            Prices = new PricesInUsd(
                Prices?.InputPerMillion ?? 0,
                Prices?.OutputPerMillion ?? 0,
                Prices?.CachedInputPerMillion,
                Prices?.CacheWritePerMillion
            ),
            Limits = new ModelLimits
            {
                FirstTokenSeconds = Limits?.FirstTokenSeconds ?? 60,
                IdleSeconds = Limits?.IdleSeconds ?? 30,
                AttemptSeconds = Limits?.AttemptSeconds ?? 900,
                ConcurrentCalls = Limits?.ConcurrentCalls,
                RequestsPerMinute = Limits?.RequestsPerMinute,
            },
            Budgets = new BudgetsInUsd(Budgets?.Day, Budgets?.Month),
            StructuredOutput = StructuredOutput,
            HideThinking = HideThinking ?? false,
            MaxTokensField = MaxTokensField,
            SendsStreamOptions = SendStreamOptions ?? true,
            Enabled = Enabled,
            Roles = Roles ?? [],
            Fallbacks = Fallbacks ?? [],
            EndsOn = EndsOn,
            TakesPictures = TakesPictures,
            ContextTokens = ContextTokens,
            CachesPrompts = CachePrompts ?? false,
            ExtraBody = ExtraBody is null or { ValueKind: JsonValueKind.Null } ? null : ExtraBody.Value.GetRawText(),
            ExtraHeaders = ExtraHeaders ?? new Dictionary<string, string?>(),
        };
}

/// <param name="Effort">How long the model thinks: none, minimal, low, medium or high; left out: not sent.</param>
/// <param name="Seed">Requests the same answer to the same prompt, where the provider supports that; left out: not sent.</param>
internal sealed record ParametersBody(
    double? Temperature,
    int? MaxTokens,
    double? TopP,
    IReadOnlyList<string>? Stop = null,
    Effort? Effort = null,
    int? Seed = null
);

internal sealed record PricesBody(
    decimal? InputPerMillion,
    decimal? OutputPerMillion,
    decimal? CachedInputPerMillion = null,
    decimal? CacheWritePerMillion = null
);

internal sealed record LimitsBody(
    int? FirstTokenSeconds,
    int? IdleSeconds,
    int? AttemptSeconds,
    int? ConcurrentCalls,
    int? RequestsPerMinute
);

internal sealed record BudgetsBody(decimal? Day, decimal? Month);

/// <summary>A profile as the API answers it: the key is never in it.</summary>
internal sealed record ModelProfileAnswer(
    string Id,
    string Name,
    string Provider,
    string? Endpoint,
    string Model,
    bool HasApiKey,
    DateTime? ApiKeySetAt,
    ParametersBody Parameters,
    PricesBody Prices,
    LimitsBody Limits,
    BudgetsBody Budgets,
    bool StructuredOutput,
    bool HideThinking,
    string? MaxTokensField,
    bool SendStreamOptions,
    bool Enabled,
    IReadOnlyList<Role> Roles,
    IReadOnlyList<string> Fallbacks,
    bool CachePrompts,
    JsonElement? ExtraBody,
    IReadOnlyDictionary<string, string?>? ExtraHeaders,
    DateOnly? EndsOn,
    bool? TakesPictures,
    int? ContextTokens,
    int UsedBy,
    string? CreatedBy,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    int Revision
)
{
    public static ModelProfileAnswer From(ModelProfileView v) =>
        new(
            v.Id,
            v.Name,
            v.Provider,
            v.Endpoint,
            v.Model,
            v.HasApiKey,
            v.ApiKeySetAt,
            new ParametersBody(
                v.Parameters.Temperature,
                v.Parameters.MaxTokens,
                v.Parameters.TopP,
                v.Parameters.Stop is { Count: > 0 } stop ? stop : null,
                v.Parameters.Effort,
                v.Parameters.Seed
            ),
            new PricesBody(
                v.Prices.InputPerMillion,
                v.Prices.OutputPerMillion,
                v.Prices.CachedInputPerMillion,
                v.Prices.CacheWritePerMillion
            ),
            new LimitsBody(
                v.Limits.FirstTokenSeconds,
                v.Limits.IdleSeconds,
                v.Limits.AttemptSeconds,
                v.Limits.ConcurrentCalls,
                v.Limits.RequestsPerMinute
            ),
            new BudgetsBody(v.Budgets.Day, v.Budgets.Month),
            v.StructuredOutput,
            v.HideThinking,
            v.MaxTokensField,
            v.SendsStreamOptions,
            v.Enabled,
            v.Roles,
            v.Fallbacks,
            v.CachesPrompts,
            v.ExtraBody is { } body ? JsonElement.Parse(body) : null,
            v.ExtraHeaders.Count == 0 ? null : v.ExtraHeaders.ToDictionary(name => name, _ => (string?)null),
            v.End?.On,
            v.TakesPictures,
            v.ContextTokens,
            v.UsedBy,
            v.CreatedBy,
            v.CreatedAt,
            v.UpdatedAt,
            v.Revision
        );
}

/// <summary>The result of a test call.</summary>
/// <param name="Ok">The model answered.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record ModelTestAnswer(
    bool Ok,
    string Answer,
    string ModelUsed,
    long DurationMs,
    long? FirstTokenMs,
    int InputTokens,
    int OutputTokens,
    decimal Cost,
    ModelTestError? Error
)
{
    public static ModelTestAnswer From(ModelTest t) =>
        new(
            t.Fault is null,
            t.Answer,
            t.ModelUsed,
            t.DurationMs,
            t.FirstTokenMs,
            t.InputTokens,
            t.OutputTokens,
            t.Cost,
            t.Fault is { } f ? new ModelTestError(f.Code, f.Message) : null
        );
}

internal sealed record ModelTestError(ErrorCode Code, string Message);
