using PromptPilot.Core.Models.Known;

namespace PromptPilot.Core.Models.Pictures;

/// <summary>What a provider takes of pictures, and how it counts them. Sizes are in bytes, as base64, since that is what is sent.</summary>
internal sealed record PictureRule
{
    private const int Mebibyte = 1 << 20;

    /// <summary>From more pictures on, Anthropic takes only smaller ones.</summary>
    public const int Many = 20;

    public const int SmallContext = 200_000;

    /// <summary>Servers of one's own: what they take is unknown, so only memory is protected.</summary>
    public static readonly PictureRule Unknown = new();

    /// <summary>https://platform.openai.com/docs/guides/images-vision: 50 MB in one request. From memory, not checked since.</summary>
    public static readonly PictureRule OpenAI = new() { CountTokens = PictureTokens.OfOpenAI };

    /// <summary>
    /// https://platform.claude.com/docs/en/build-with-claude/vision.md, read in November 2026: 8000 pixels a picture, 2000 if there are
    /// more than 20; 100 pictures for models with a context of 200,000 tokens, 600 for others; 32 MB in one request. That a picture can
    /// have 5 MB is from guides of others.
    /// </summary>
    public static readonly PictureRule Anthropic = new()
    {
        MaxBytes = 5 * Mebibyte,
        MaxTotalBytes = 31 * Mebibyte,
        MaxSide = 8000,
        MaxSideOfMany = 2000,
        MaxCount = 600,
        MaxCountOfSmallContext = 100,
        CountTokens = PictureTokens.OfAnthropic,
    };

    /// <summary>20 MB in one request: https://discuss.ai.google.dev/t/43061, which quotes the guide to images.</summary>
    public static readonly PictureRule Gemini = new() { MaxTotalBytes = 19 * Mebibyte, CountTokens = PictureTokens.OfGemini };

    /// <summary>Of one picture; null: no limit of its own.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Of all pictures of a call. Less than the provider's limit where that includes the texts.</summary>
    public long MaxTotalBytes { get; init; } = 49 * Mebibyte;

    /// <summary>In pixels; null: no limit.</summary>
    public int? MaxSide { get; init; }

    /// <summary>The same in a call with more than <see cref="Many"/> pictures.</summary>
    public int? MaxSideOfMany { get; init; }

    /// <summary>The most pictures in a call; null: no limit.</summary>
    public int? MaxCount { get; init; }

    /// <summary>The same for models whose context is at most <see cref="SmallContext"/>.</summary>
    public int? MaxCountOfSmallContext { get; init; }

    /// <summary>Width, height and model to tokens.</summary>
    public Func<int, int, string, PictureTokens> CountTokens { get; init; } = PictureTokens.OfUnknown;

    public int? SideOf(int count) => count > Many ? MaxSideOfMany ?? MaxSide : MaxSide;

    public int? CountFor(ModelProfile profile) =>
        ModelAbilities.ContextTokens(profile) <= SmallContext ? MaxCountOfSmallContext ?? MaxCount : MaxCount;

    /// <summary>Tokens of a picture for a profile.</summary>
    public static PictureTokens TokensOf(ModelProfile profile, CallPicture picture) => TokensOf(profile, picture.Width, picture.Height);

    /// <summary>The most tokens that any picture can have for a profile.</summary>
    public static int MostTokensOf(ModelProfile profile) => TokensOf(profile, null, null).Most;

    private static PictureTokens TokensOf(ModelProfile profile, int? width, int? height)
    {
        var rule = Providers.Of(profile.Provider).Pictures;
        return width is { } w && height is { } h
            ? rule.CountTokens(w, h, profile.Model)
            : new PictureTokens(
                rule.CountTokens(PictureTokens.UsualSide, PictureTokens.UsualSide, profile.Model).Estimate,
                rule.CountTokens(PictureTokens.MaxSide, PictureTokens.MaxSide, profile.Model).Most
            );
    }
}
