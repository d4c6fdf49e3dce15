using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Models;

/// <summary>How long a model thinks before it answers.</summary>
public enum Effort
{
    None,
    Minimal,
    Low,
    Medium,
    High,
}

/// <summary>Parameters sent with each call.</summary>
public sealed class ModelParameters
{
    public const double MaxTemperature = 2;

    /// <summary>0 to 2; of Anthropic 0 to 1. Null is not sent: newer models refuse calls that name one.</summary>
    public double? Temperature { get; set; } = 0.7;

    /// <summary>The longest answer, in tokens.</summary>
    public int MaxTokens { get; set; } = 1024;

    /// <summary>0 to 1; null is not sent.</summary>
    public double? TopP { get; set; }

    /// <summary>Sent as the provider's own value. Null: not sent.</summary>
    public Effort? Effort { get; set; }

    /// <summary>Requests the same answer to the same prompt, where the provider supports that. Null: not sent.</summary>
    public int? Seed { get; set; }

    /// <summary>Texts at which the model stops; it does not write them. Empty: none is sent.</summary>
    public List<string> Stop { get; set; } = [];
}

/// <summary>Prices in nano-USD per million tokens. Zero if free or unknown.</summary>
public sealed class ModelPrices
{
    public long InputPerMillion { get; set; }

    public long OutputPerMillion { get; set; }

    /// <summary>Price of cached input; null: same as other input.</summary>
    public long? CachedInputPerMillion { get; set; }

    /// <summary>Price of input that is written to the provider's cache; null: same as other input.</summary>
    public long? CacheWritePerMillion { get; set; }

    /// <summary>Cost of a call in nano-USD.</summary>
    /// <param name="inputTokens">All of them.</param>
    /// <param name="cachedTokens">The input tokens that came from the provider's cache.</param>
    /// <param name="writtenTokens">The input tokens that were written to it.</param>
    public long Cost(int inputTokens, int outputTokens, int cachedTokens = 0, int writtenTokens = 0)
    {
        var cached = Math.Clamp(cachedTokens, 0, inputTokens);
        var written = Math.Clamp(writtenTokens, 0, inputTokens - cached);
        return (long)(
            (
                ((Int128)InputPerMillion * (inputTokens - cached - written))
                + ((Int128)(CachedInputPerMillion ?? InputPerMillion) * cached)
                + ((Int128)(CacheWritePerMillion ?? InputPerMillion) * written)
                + ((Int128)OutputPerMillion * outputTokens)
            ) / 1_000_000
        );
    }
}

/// <summary>Timeouts of a model call, in seconds.</summary>
public sealed class ModelLimits
{
    /// <summary>Until the first token.</summary>
    public int FirstTokenSeconds { get; set; } = 60;

    /// <summary>Between two tokens.</summary>
    public int IdleSeconds { get; set; } = 30;

    /// <summary>One attempt in all.</summary>
    public int AttemptSeconds { get; set; } = 900;

    /// <summary>The most concurrent calls; null: no limit.</summary>
    public int? ConcurrentCalls { get; set; }

    /// <summary>The most calls that may start in any minute; null: no limit.</summary>
    public int? RequestsPerMinute { get; set; }
}

/// <summary>Budgets of a profile, in nano-USD. A call that could exceed one is not made.</summary>
public sealed class ModelBudgets
{
    /// <summary>Per day (UTC); null: no limit.</summary>
    public long? Day { get; set; }

    /// <summary>Per calendar month (UTC); null: no limit.</summary>
    public long? Month { get; set; }
}

/// <summary>Parameters that a step sends instead of its profile's; null: the profile's.</summary>
public sealed record ParameterChanges(double? Temperature = null, int? MaxTokens = null, double? TopP = null, Effort? Effort = null)
{
    /// <summary>The errors in them, each at <paramref name="field"/><c>.NAME</c>.</summary>
    public IEnumerable<FieldError> Problems(string field)
    {
        if (Temperature is not (null or (>= 0 and <= 2)))
        {
            yield return new FieldError($"{field}.temperature", "The temperature must be a number from 0 to 2.");
        }

        if (MaxTokens is not (null or (>= 1 and <= 1_000_000)))
        {
            yield return new FieldError($"{field}.maxTokens", "Max tokens must be from 1 to 1,000,000.");
        }

        if (TopP is not (null or (>= 0 and <= 1)))
        {
            yield return new FieldError($"{field}.topP", "Top-p must be a number from 0 to 1.");
        }
    }
}

/// <summary>Provider, endpoint, model, encrypted key, parameters, prices and limits.</summary>
public sealed class ModelProfile : IRevised
{
    public string Id { get; set; } = Ids.New();

    public required string Name { get; set; }

    /// <summary>The name in upper case (invariant); unique.</summary>
    public required string NormalizedName { get; set; }

    /// <summary>One of the canonical names in <see cref="Providers"/>.</summary>
    public required string Provider { get; set; }

    /// <summary>Base URL; null if the provider's URL is fixed or it has none.</summary>
    public string? Endpoint { get; set; }

    /// <summary>The provider's name of the model.</summary>
    public required string Model { get; set; }

    /// <summary>Encrypted by Data Protection; never leaves the server. Null without a key.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The time the key was set or replaced; null without a key.</summary>
    public DateTime? ApiKeySetAt { get; set; }

    /// <summary>Roles that can use it besides admins; empty: everyone with the run permission.</summary>
    public List<Role> Roles { get; set; } = [];

    public ModelParameters Parameters { get; set; } = new();

    public ModelPrices Prices { get; set; } = new();

    public ModelLimits Limits { get; set; } = new();

    public ModelBudgets Budgets { get; set; } = new();

    /// <summary>
    /// Ids of the profiles that steps use instead while this one fails, in the order in which they are tried. Empty: steps fail with it.
    /// </summary>
    public List<string> Fallbacks { get; set; } = [];

    /// <summary>
    /// Requests JSON output from the provider (<c>response_format</c>). Off for servers that refuse it; the answer is validated either
    /// way.
    /// </summary>
    public bool StructuredOutput { get; set; }

    /// <summary>
    /// Calls mark the system message and the messages before the last one for the provider's cache, if it caches only on request.
    /// </summary>
    public bool CachesPrompts { get; set; }

    /// <summary>Fields that are added to the body of each call: a JSON object; null: none.</summary>
    public string? ExtraBody { get; set; }

    /// <summary>
    /// Headers that are added to each call: a JSON object of names and values, encrypted like the key. Null: none.
    /// </summary>
    public string? ExtraHeaders { get; set; }

    /// <summary>True: the model's thinking is removed from its answer.</summary>
    public bool HideThinking { get; set; }

    /// <summary>
    /// The field for the maximum answer length of an openai-compatible server, <c>max_tokens</c> or <c>max_completion_tokens</c>;
    /// null: the provider's usual one.
    /// </summary>
    public string? MaxTokensField { get; set; }

    /// <summary>
    /// Calls ask for the usage at the stream's end (<c>stream_options</c>). Off where an openai-compatible server refuses that; usage is
    /// then estimated.
    /// </summary>
    public bool SendsStreamOptions { get; set; } = true;

    /// <summary>
    /// The day on which the provider shuts the model down, as listed there or entered by an admin; null: see <see cref="ModelEnd"/>.
    /// </summary>
    public DateOnly? EndsOn { get; set; }

    /// <summary>Whether the model takes pictures; null: as known of the model, see <see cref="KnownModels"/>.</summary>
    public bool? TakesPictures { get; set; }

    /// <summary>The most tokens that the model takes and writes in one call; null: as known of the model.</summary>
    public int? ContextTokens { get; set; }

    /// <summary>A disabled profile fails publishing and refuses calls.</summary>
    public bool Enabled { get; set; } = true;

    public string? CreatedBy { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public int Revision { get; set; } = 1;
}
