using System.Text.RegularExpressions;

namespace PromptPilot.Core.Models.Known;

/// <summary>A model's price on the provider's price page on a given day. A suggestion to check, never used on its own.</summary>
/// <param name="InputPerMillion">USD per million tokens.</param>
/// <param name="OutputPerMillion">USD per million tokens.</param>
/// <param name="AsOf">The day on which the page was checked.</param>
/// <param name="Page">The provider's price page.</param>
/// <param name="Note">Costs that the two prices do not include.</param>
public sealed record KnownPrice(
    string Vendor,
    string Model,
    decimal InputPerMillion,
    decimal OutputPerMillion,
    DateOnly AsOf,
    string Page,
    string? Note = null
)
{
    /// <summary>The day on which the provider shuts the model down; null if it has announced none.</summary>
    public DateOnly? EndsOn { get; init; }

    /// <summary>The replacement that the provider recommends.</summary>
    public string? Replacement { get; init; }
}

/// <summary>The page with the announced ends of a vendor's models, and the day of what is known of it.</summary>
/// <param name="Provider">The provider whose models these are. Resellers have their own dates.</param>
public sealed record KnownEnds(string Provider, string Vendor, string Page, DateOnly AsOf);

/// <summary>
/// Standard prices of well-known models, without discounts for batches and caches. Prices change often and without notice: each has its
/// date, and the page asks to check them.
/// </summary>
public static partial class KnownPrices
{
    private const string OpenAI = "https://developers.openai.com/api/docs/pricing";
    private const string Anthropic = "https://platform.claude.com/docs/en/about-claude/pricing";
    private const string Google = "https://ai.google.dev/gemini-api/docs/pricing";
    private const string To272K = "For prompts up to 272,000 tokens; longer ones cost more.";
    private const string To200K = "For prompts up to 200,000 tokens; longer ones cost more.";

    /// <summary>The pages with the announced shutdown dates.</summary>
    public static IReadOnlyList<KnownEnds> Ends { get; } =
    [
        new(Providers.OpenAI, "OpenAI", "https://developers.openai.com/api/docs/deprecations", new(2026, 11, 29)),
        new(Providers.Anthropic, "Anthropic", "https://platform.claude.com/docs/en/about-claude/model-deprecations", new(2026, 11, 26)),
        new(Providers.Gemini, "Google", "https://ai.google.dev/gemini-api/docs/deprecations", new(2026, 11, 10)),
    ];

    /// <summary>By vendor, the newest models first.</summary>
    public static IReadOnlyList<KnownPrice> All { get; } =
    [
        new("OpenAI", "gpt-6-astra", 10m, 50m, new(2026, 10, 9), OpenAI, To272K),
        new("OpenAI", "gpt-6.1-sol", 2m, 10m, new(2026, 10, 9), OpenAI, To272K),
        new("OpenAI", "gpt-6-luna", 0.10m, 0.50m, new(2026, 10, 9), OpenAI, To272K),
        new("OpenAI", "gpt-5.4", 2.50m, 15m, new(2026, 5, 22), OpenAI, To272K),
        new("OpenAI", "gpt-5.4-mini", 0.75m, 4.50m, new(2026, 5, 22), OpenAI),
        new("OpenAI", "gpt-5.4-nano", 0.20m, 1.25m, new(2026, 5, 22), OpenAI),
        new("OpenAI", "gpt-5", 1.25m, 10m, new(2026, 3, 21), OpenAI) { EndsOn = new(2026, 12, 11), Replacement = "gpt-6.1-sol" },
        new("OpenAI", "gpt-5-mini", 0.25m, 2m, new(2026, 3, 21), OpenAI) { EndsOn = new(2026, 12, 11), Replacement = "gpt-6.1-terra" },
        new("OpenAI", "gpt-5-nano", 0.05m, 0.40m, new(2026, 3, 21), OpenAI) { EndsOn = new(2026, 12, 11), Replacement = "gpt-6-luna" },
        new("OpenAI", "gpt-4.1", 2m, 8m, new(2026, 3, 21), OpenAI) { EndsOn = new(2027, 1, 14), Replacement = "gpt-6.1-sol" },
        new("OpenAI", "gpt-4.1-mini", 0.40m, 1.60m, new(2026, 3, 21), OpenAI) { EndsOn = new(2027, 1, 14), Replacement = "gpt-6-luna" },
        new("OpenAI", "gpt-4.1-nano", 0.10m, 0.40m, new(2026, 3, 21), OpenAI) { EndsOn = new(2026, 10, 23), Replacement = "gpt-6-luna" },
        new("OpenAI", "gpt-4o", 2.50m, 10m, new(2026, 3, 21), OpenAI) { EndsOn = new(2027, 1, 14), Replacement = "gpt-6.1-sol" },
        new("OpenAI", "gpt-4o-mini", 0.15m, 0.60m, new(2026, 3, 21), OpenAI) { EndsOn = new(2027, 1, 14), Replacement = "gpt-6-luna" },
        new("OpenAI", "o3", 2m, 8m, new(2026, 3, 21), OpenAI) { EndsOn = new(2026, 12, 11), Replacement = "gpt-6.1-sol" },
        new("OpenAI", "o4-mini", 1.10m, 4.40m, new(2026, 3, 21), OpenAI) { EndsOn = new(2026, 10, 23), Replacement = "gpt-6.1-terra" },
        new("Anthropic", "claude-opus-5-5", 4m, 20m, new(2026, 10, 10), Anthropic),
        new("Anthropic", "claude-sonnet-5-5", 2m, 10m, new(2026, 10, 10), Anthropic),
        new(
            "Anthropic",
            "claude-haiku-5-5",
            0.10m,
            0.50m,
            new(2026, 10, 10),
            Anthropic,
            "For prompts up to 100,000 tokens; longer ones cost five times as much."
        ),
        new("Anthropic", "claude-opus-4-6", 5m, 25m, new(2026, 10, 10), Anthropic),
        new("Anthropic", "claude-opus-4-5", 5m, 25m, new(2026, 10, 10), Anthropic)
        {
            EndsOn = new(2027, 1, 22),
            Replacement = "claude-opus-5-5",
        },
        new("Anthropic", "claude-opus-4-1", 15m, 75m, new(2026, 10, 10), Anthropic)
        {
            EndsOn = new(2026, 8, 5),
            Replacement = "claude-opus-5-5",
        },
        new("Anthropic", "claude-sonnet-4-6", 3m, 15m, new(2026, 10, 10), Anthropic),
        new("Anthropic", "claude-sonnet-4-5", 3m, 15m, new(2026, 10, 10), Anthropic),
        new("Anthropic", "claude-haiku-4-5", 1m, 5m, new(2026, 10, 10), Anthropic),
        new(
            "Google",
            "gemini-3.8-flash",
            0.75m,
            3.75m,
            new(2026, 10, 7),
            Google,
            "Until the end of 2026; from 1 January 2027 it costs $1.50 and $7.50."
        ),
        new("Google", "gemini-3.5-flash", 1.50m, 9m, new(2026, 10, 7), Google),
        new("Google", "gemini-3.5-flash-lite", 0.30m, 2.50m, new(2026, 10, 7), Google),
        new("Google", "gemini-3.1-pro-preview", 2m, 12m, new(2026, 10, 7), Google, To200K),
        new("Google", "gemini-2.5-pro", 1.25m, 10m, new(2025, 8, 1), Google, To200K)
        {
            EndsOn = new(2026, 12, 1),
            Replacement = "gemini-3.8-flash",
        },
        new("Google", "gemini-2.5-flash", 0.30m, 2.50m, new(2025, 8, 1), Google)
        {
            EndsOn = new(2026, 12, 1),
            Replacement = "gemini-3.5-flash-lite",
        },
        new("Google", "gemini-2.5-flash-lite", 0.10m, 0.40m, new(2025, 8, 1), Google),
    ];

    /// <summary>
    /// The price of a model by the name it is called by: with or without the vendor before it and a date after it. Null when it is not
    /// known.
    /// </summary>
    public static KnownPrice? Find(string model)
    {
        var name = model.Trim().ToLowerInvariant();
        name = name[(name.LastIndexOf('/') + 1)..];
        return Exact(name) ?? Exact(Dated().Replace(name, ""));
    }

    private static KnownPrice? Exact(string name) => All.FirstOrDefault(price => price.Model == name);

    [GeneratedRegex(@"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")]
    private static partial Regex Dated();
}
