using System.Text.RegularExpressions;

namespace PromptPilot.Core.Models.Known;

/// <summary>
/// The one list of well-known models. To update it: read a maker's pages, change its rows, and set the day of each price that you read and
/// of <see cref="KnownMaker.Ends"/>. Pages show these days.
/// </summary>
/// <remarks>
/// Prices are standard prices, without discounts for batches and caches. Contexts and pictures are only for warnings and refusals before a
/// call: a profile can say otherwise, and of a model that is not listed nothing is assumed. Contexts are rounded down where sources differ.
/// </remarks>
public static partial class KnownModels
{
    private const int Million = 1_000_000;
    private const string To272K = "For prompts up to 272,000 tokens; longer ones cost more.";
    private const string To200K = "For prompts up to 200,000 tokens; longer ones cost more.";
    private const string To100K = "For prompts up to 100,000 tokens; longer ones cost five times as much.";
    private const string To2027 = "Until the end of 2026; from 1 January 2027 it costs $1.50 and $7.50.";

    // The days on which price pages were read.
    private static readonly DateOnly August25 = new(2025, 8, 1);
    private static readonly DateOnly March = new(2026, 3, 21);
    private static readonly DateOnly May = new(2026, 5, 22);
    private static readonly DateOnly October = new(2026, 10, 9);
    private static readonly DateOnly October7 = new(2026, 10, 7);
    private static readonly DateOnly October10 = new(2026, 10, 10);

    /// <summary>
    /// Where contexts and pictures are from, besides makers' pages: a reseller's listing. Not each row was compared with its maker's page.
    /// </summary>
    public static KnownSource Abilities { get; } = new("Vercel", "https://vercel.com/ai-gateway/models", new(2026, 11, 29));

    public static IReadOnlyList<KnownMaker> Makers { get; } =
    [
        new KnownMaker
        {
            Name = "OpenAI",
            Provider = Providers.OpenAI,
            PricePage = "https://developers.openai.com/api/docs/pricing",
            Ends = new("OpenAI", "https://developers.openai.com/api/docs/deprecations", new(2026, 11, 29)),
            Models =
            [
                new("gpt-6", ContextTokens: 1_050_000, TakesPictures: true),
                new("gpt-6-astra", new(10m, 50m, October, To272K)),
                new("gpt-6.1-sol", new(2m, 10m, October, To272K), 1_050_000, true),
                new("gpt-6-luna", new(0.10m, 0.50m, October, To272K)),
                new("gpt-5.6", ContextTokens: 1_050_000, TakesPictures: true),
                new("gpt-5.6-luna", ContextTokens: 400_000, TakesPictures: true),
                new("gpt-5.4", new(2.50m, 15m, May, To272K), 1_050_000, true),
                new("gpt-5.4-mini", new(0.75m, 4.50m, May), 400_000, true),
                new("gpt-5.4-nano", new(0.20m, 1.25m, May), 400_000, true),
                new("gpt-5", new(1.25m, 10m, March), 400_000, true, new(2026, 12, 11), "gpt-6.1-sol"),
                new("gpt-5-mini", new(0.25m, 2m, March), EndsOn: new(2026, 12, 11), Replacement: "gpt-6.1-terra"),
                new("gpt-5-nano", new(0.05m, 0.40m, March), EndsOn: new(2026, 12, 11), Replacement: "gpt-6-luna"),
                new("gpt-4.1", new(2m, 8m, March), Million, true, new(2027, 1, 14), "gpt-6.1-sol"),
                new("gpt-4.1-mini", new(0.40m, 1.60m, March), EndsOn: new(2027, 1, 14), Replacement: "gpt-6-luna"),
                new("gpt-4.1-nano", new(0.10m, 0.40m, March), EndsOn: new(2026, 10, 23), Replacement: "gpt-6-luna"),
                new("gpt-4o", new(2.50m, 10m, March), 128_000, true, new(2027, 1, 14), "gpt-6.1-sol"),
                new("gpt-4o-mini", new(0.15m, 0.60m, March), EndsOn: new(2027, 1, 14), Replacement: "gpt-6-luna"),
                new("o3", new(2m, 8m, March), 200_000, true, new(2026, 12, 11), "gpt-6.1-sol"),
                new("o4-mini", new(1.10m, 4.40m, March), EndsOn: new(2026, 10, 23), Replacement: "gpt-6.1-terra"),
                new("o3-mini", ContextTokens: 200_000, TakesPictures: false),
                new("o1-mini", ContextTokens: 128_000, TakesPictures: false),
                new("o1-preview", ContextTokens: 128_000, TakesPictures: false),
                new("gpt-3.5", TakesPictures: false),
                new("gpt-oss", ContextTokens: 131_072, TakesPictures: false),
            ],
        },
        new KnownMaker
        {
            Name = "Anthropic",
            Provider = Providers.Anthropic,
            PricePage = "https://platform.claude.com/docs/en/about-claude/pricing",
            Ends = new("Anthropic", "https://platform.claude.com/docs/en/about-claude/model-deprecations", new(2026, 11, 26)),
            Models =
            [
                new("claude-opus-5-5", new(4m, 20m, October10)),
                new("claude-sonnet-5-5", new(2m, 10m, October10)),
                new("claude-haiku-5-5", new(0.10m, 0.50m, October10, To100K)),
                new("claude-fable-5", ContextTokens: Million, TakesPictures: true),
                new("claude-opus-5", ContextTokens: Million, TakesPictures: true),
                new("claude-sonnet-5", ContextTokens: Million, TakesPictures: true),
                new("claude-haiku-5", ContextTokens: Million, TakesPictures: true),
                new("claude-opus-4-6", new(5m, 25m, October10), Million, true),
                new("claude-opus-4-5", new(5m, 25m, October10), EndsOn: new(2027, 1, 22), Replacement: "claude-opus-5-5"),
                new("claude-opus-4-1", new(15m, 75m, October10), EndsOn: new(2026, 8, 5), Replacement: "claude-opus-5-5"),
                new("claude-opus-4", ContextTokens: 200_000, TakesPictures: true),
                new("claude-sonnet-4-6", new(3m, 15m, October10), Million, true),
                new("claude-sonnet-4-5", new(3m, 15m, October10)),
                new("claude-sonnet-4", ContextTokens: 200_000, TakesPictures: true),
                new("claude-haiku-4-5", new(1m, 5m, October10), 200_000, true),
                new("claude-2", TakesPictures: false),
                new("claude-instant", TakesPictures: false),
            ],
        },
        new KnownMaker
        {
            Name = "Google",
            Provider = Providers.Gemini,
            PricePage = "https://ai.google.dev/gemini-api/docs/pricing",
            Ends = new("Google", "https://ai.google.dev/gemini-api/docs/deprecations", new(2026, 11, 10)),
            Models =
            [
                new("gemini-3", ContextTokens: 1_048_576, TakesPictures: true),
                new("gemini-3.8-flash", new(0.75m, 3.75m, October7, To2027)),
                new("gemini-3.5-flash", new(1.50m, 9m, October7)),
                new("gemini-3.5-flash-lite", new(0.30m, 2.50m, October7)),
                new("gemini-3.1-pro-preview", new(2m, 12m, October7, To200K)),
                new("gemini-2.5", ContextTokens: 1_048_576, TakesPictures: true),
                new("gemini-2.5-pro", new(1.25m, 10m, August25, To200K), EndsOn: new(2026, 12, 1), Replacement: "gemini-3.8-flash"),
                new("gemini-2.5-flash", new(0.30m, 2.50m, August25), EndsOn: new(2026, 12, 1), Replacement: "gemini-3.5-flash-lite"),
                new("gemini-2.5-flash-lite", new(0.10m, 0.40m, August25)),
            ],
        },
        new KnownMaker { Name = "DeepSeek", Models = [new("deepseek-r1", TakesPictures: false)] },
    ];

    public static IReadOnlyList<KnownModel> All { get; } = [.. Makers.SelectMany(maker => maker.Models)];

    /// <summary>A model by the name it is called by, with or without its maker in front and a date after it. Null: not known.</summary>
    public static KnownModel? Find(string model)
    {
        var name = NameOf(model);
        return Exact(name) ?? Exact(Dated().Replace(name, ""));
    }

    /// <summary>The longest family of a name whose abilities are known, perhaps the model itself. Null: nothing is known.</summary>
    public static KnownModel? FindFamily(string model)
    {
        var name = NameOf(model);
        return All.Where(known => known.TakesPictures is not null && IsOf(name, known.Name)).MaxBy(known => known.Name.Length);
    }

    private static string NameOf(string model)
    {
        var name = model.Trim().ToLowerInvariant();
        return name[(name.LastIndexOf('/') + 1)..];
    }

    private static KnownModel? Exact(string name) => All.FirstOrDefault(known => known.Name == name);

    private static bool IsOf(string name, string family) =>
        name.StartsWith(family, StringComparison.Ordinal)
        && (name.Length == family.Length || !char.IsAsciiLetterOrDigit(name[family.Length]));

    [GeneratedRegex(@"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")]
    private static partial Regex Dated();
}
