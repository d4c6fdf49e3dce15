namespace PromptPilot.Core.Models.Faults;

/// <summary>
/// What providers mean, by the codes and words of their errors. Many send a fitting code with the wrong status, or the other way round;
/// some send only a sentence.
/// </summary>
internal static class FaultWords
{
    private static readonly string[] ContextCodes = ["context_length_exceeded", "string_above_max_length", "exceed_context_size_error"];

    /// <summary>As OpenAI and its kind, Anthropic, Gemini, llama.cpp, LM Studio, TGI, xAI, Cohere, Bedrock and Cloudflare say it.</summary>
    private static readonly string[] ContextTexts =
    [
        "maximum context length",
        "maximum prompt length",
        "prompt is too long",
        "input is too long",
        "exceeds the maximum number of tokens",
        "exceeds the available context size",
        "context size has been exceeded",
        "exceeds maximum context length",
        "exceeded this model context window",
        "context window exceeded",
        "context length exceeded",
        "exceed context window",
        "exceeds the context window",
        "input length exceeds",
        "range of input length should be",
        "`inputs` tokens + `max_new_tokens` must be",
        "`inputs` must have less than",
        "reduce the length of the messages",
        "context the overflows",
        "too many tokens",
    ];

    private static readonly string[] QuotaCodes =
    [
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_error",
        "billing_not_active",
        "insufficient_balance",
        "insufficient_credits",
        "insufficient_funds",
        "payment_required",
        "credit_limit_reached",
        "quota_exhausted",
        "access_terminated",
        "Arrearage",
    ];

    /// <summary>As Anthropic, DeepSeek, OpenRouter, xAI, Hugging Face, Cloudflare, OpenAI and Alibaba say it.</summary>
    private static readonly string[] QuotaTexts =
    [
        "credit balance is too low",
        "insufficient balance",
        "insufficient credit",
        "insufficient_quota",
        "requires more credits",
        "run out of credits",
        "out of credits",
        "used all available credits",
        "doesn't have any credits",
        "not enough credits",
        "monthly spending limit",
        "monthly included credits",
        "depleted your",
        "daily free allocation",
        "billing hard limit",
        "billing is not active",
        "account is not active, please check your billing",
        "payment required",
        "quota exceeded",
        "余额不足",
        "欠费",
    ];

    private static readonly string[] FilterCodes =
    [
        "content_filter",
        "content_policy_violation",
        "data_inspection_failed",
        "moderation_blocked",
    ];

    private static readonly string[] FilterTexts =
    [
        "content management policy",
        "content filter",
        "content_filter",
        "responsibleaipolicyviolation",
        "requires moderation",
        "input was flagged",
        "inappropriate content",
    ];

    private static readonly string[] AuthCodes =
    [
        "invalid_api_key",
        "authentication_error",
        "permission_error",
        "permission_denied",
        "unauthenticated",
        "unauthorized",
        "invalid_authentication",
        "AuthenticationError",
        "PermissionDeniedError",
        "forbidden",
    ];

    private static readonly string[] AuthTexts =
    [
        "api key not valid",
        "invalid api key",
        "incorrect api key",
        "invalid api-key",
        "no api key provided",
        "missing api key",
        "authentication error",
        "invalid proxy server token",
        "no auth credentials",
    ];

    private static readonly string[] RateCodes =
    [
        "rate_limit_error",
        "rate_limit_exceeded",
        "rate_limited",
        "too_many_requests",
        "RateLimitError",
        "resource_exhausted",
        "throttling",
        "tokens_limit_reached",
    ];

    private static readonly string[] RateTexts = ["rate limit", "too many requests"];

    private static readonly string[] ModelCodes =
    [
        "model_not_found",
        "not_found_error",
        "NotFoundError",
        "unknown_model",
        "model_not_supported",
        "DeploymentNotFound",
    ];

    private static readonly string[] ModelTexts =
    [
        "no such model",
        "model not found",
        "unknown model",
        "invalid model",
        "model does not exist",
        "not a valid model",
        "model name is invalid",
        "could not find model",
        "failed to load model",
    ];

    private static readonly string[] RequestCodes =
    [
        "invalid_request_error",
        "BadRequestError",
        "invalid_argument",
        "validation",
        "UnprocessableEntityError",
    ];

    public static bool IsContextLength(ProviderMessage said) => Has(said, ContextCodes, ContextTexts);

    /// <summary>
    /// Quota, not rate. Google describes its limits per minute like a used-up quota, but with a separate code: those are rate limits.
    /// </summary>
    public static bool IsQuota(ProviderMessage said) =>
        said.RetryAfter is null
        && !said.Code.Equals("resource_exhausted", StringComparison.OrdinalIgnoreCase)
        && Has(said, QuotaCodes, QuotaTexts);

    public static bool IsFiltered(ProviderMessage said) => Has(said, FilterCodes, FilterTexts);

    public static bool IsAuth(ProviderMessage said) => Has(said, AuthCodes, AuthTexts);

    public static bool IsRateLimit(ProviderMessage said) => Has(said, RateCodes, RateTexts);

    public static bool IsUnknownModel(ProviderMessage said) =>
        Has(said, ModelCodes, ModelTexts)
        || (
            said.Text.Contains("model", StringComparison.OrdinalIgnoreCase)
            && (
                said.Text.Contains("not found", StringComparison.OrdinalIgnoreCase)
                || said.Text.Contains("does not exist", StringComparison.OrdinalIgnoreCase)
            )
        );

    public static bool IsBadRequest(ProviderMessage said) => Has(said, RequestCodes, []);

    private static bool Has(ProviderMessage said, string[] codes, string[] texts) =>
        codes.Contains(said.Code, StringComparer.OrdinalIgnoreCase)
        || texts.Any(text => said.Text.Contains(text, StringComparison.OrdinalIgnoreCase));
}
