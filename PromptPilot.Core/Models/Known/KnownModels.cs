namespace PromptPilot.Core.Models.Known;

/// <summary>What is known about a model, or about all models whose names begin with a name.</summary>
/// <param name="Name">A name as its maker spells it. Longer names of the same family begin with it, e.g. with a date or a size.</param>
/// <param name="ContextTokens">The most tokens of input and answer together; null: not known.</param>
/// <param name="TakesPictures">False: it reads only texts.</param>
public sealed record KnownModel(string Name, int? ContextTokens, bool TakesPictures);

/// <summary>
/// Context sizes of well-known models, and whether they take pictures. Only for warnings and refusals before a call: a profile can say
/// otherwise, and of a model that is not listed nothing is assumed.
/// </summary>
public static class KnownModels
{
    private const int Million = 1_000_000;

    /// <summary>
    /// From makers' pages and listings of resellers, e.g. https://vercel.com/ai-gateway/models, in November 2026. Not each row was compared
    /// with its maker's page. Sizes are rounded down where sources differ.
    /// </summary>
    public static IReadOnlyList<KnownModel> All { get; } =
    [
        new("gpt-6", 1_050_000, true),
        new("gpt-6.1-sol", 1_050_000, true),
        new("gpt-5.6", 1_050_000, true),
        new("gpt-5.6-luna", 400_000, true),
        new("gpt-5.4", 1_050_000, true),
        new("gpt-5.4-mini", 400_000, true),
        new("gpt-5.4-nano", 400_000, true),
        new("gpt-5", 400_000, true),
        new("gpt-4.1", Million, true),
        new("gpt-4o", 128_000, true),
        new("gpt-3.5", null, false),
        new("o1-mini", 128_000, false),
        new("o1-preview", 128_000, false),
        new("o3", 200_000, true),
        new("o3-mini", 200_000, false),
        new("claude-fable-5", Million, true),
        new("claude-opus-5", Million, true),
        new("claude-sonnet-5", Million, true),
        new("claude-haiku-5", Million, true),
        new("claude-opus-4-6", Million, true),
        new("claude-sonnet-4-6", Million, true),
        new("claude-opus-4", 200_000, true),
        new("claude-sonnet-4", 200_000, true),
        new("claude-haiku-4-5", 200_000, true),
        new("claude-2", null, false),
        new("claude-instant", null, false),
        new("gemini-3", 1_048_576, true),
        new("gemini-2.5", 1_048_576, true),
        new("gpt-oss", 131_072, false),
        new("deepseek-r1", null, false),
    ];

    /// <summary>What is known about a model by the name it is called by, with or without its maker in front. Null: nothing.</summary>
    public static KnownModel? Find(string model)
    {
        var name = model.Trim().ToLowerInvariant();
        name = name[(name.LastIndexOf('/') + 1)..];
        return All.Where(known => IsOf(name, known.Name)).MaxBy(known => known.Name.Length);
    }

    private static bool IsOf(string name, string family) =>
        name.StartsWith(family, StringComparison.Ordinal)
        && (name.Length == family.Length || !char.IsAsciiLetterOrDigit(name[family.Length]));
}
