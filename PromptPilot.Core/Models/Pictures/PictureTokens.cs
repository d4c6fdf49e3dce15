namespace PromptPilot.Core.Models.Pictures;

/// <summary>The input tokens that a picture is counted as.</summary>
/// <param name="Estimate">By the provider's rule for its usual models.</param>
/// <param name="Most">By the most expensive rule of its models; for budgets.</param>
internal readonly record struct PictureTokens(int Estimate, int Most)
{
    /// <summary>Assumed of a picture whose size is unknown, in pixels.</summary>
    public const int UsualSide = 1000;

    /// <summary>The same for the most it can cost. Larger pictures are scaled down by every known rule.</summary>
    public const int MaxSide = 8000;

    /// <summary>Of the model whose tiles are counted 33 times, so that pictures cost what they cost with larger models.</summary>
    private const string ExpensiveTiles = "gpt-4o-mini";

    /// <summary>
    /// https://platform.openai.com/docs/guides/images-vision#calculating-costs: tiles of 512 pixels of a picture that is scaled to 2048 on
    /// the long and 768 on the short side; newer models count patches of 32 pixels, small ones up to 1536 with a factor of 2.46 at most,
    /// large ones up to 10,000.
    /// </summary>
    public static PictureTokens OfOpenAI(int width, int height, string model)
    {
        var scale = Math.Min(1, 2048.0 / Math.Max(width, height));
        scale = Math.Min(scale, 768.0 / Math.Min(width, height));
        var tiles = Cells(Math.Round(width * scale), Math.Round(height * scale), 512);
        var (first, each) = model.Contains(ExpensiveTiles, StringComparison.OrdinalIgnoreCase) ? (2833, 5667) : (85, 170);
        var counted = first + (each * (int)tiles);
        var patches = Cells(width, height, 32);
        var most = Math.Max(Math.Min(patches, 10_000), Math.Ceiling(2.46 * Math.Min(patches, 1536)));
        return new PictureTokens(counted, Math.Max(counted, (int)most));
    }

    /// <summary>
    /// https://platform.claude.com/docs/en/build-with-claude/vision: a token for 750 pixels, of a picture that is scaled down to about 1600
    /// tokens, with newer models to 4784.
    /// </summary>
    public static PictureTokens OfAnthropic(int width, int height, string model)
    {
        var counted = Math.Ceiling((double)width * height / 750);

        // Patches of 28 pixels, as newer models count, give more for small and narrow pictures.
        var most = Math.Max(counted, Cells(width, height, 28));
        return new PictureTokens((int)Math.Min(counted, 1600), (int)Math.Min(most, 4784));
    }

    /// <summary>
    /// https://ai.google.dev/gemini-api/docs/tokens: 258 for a small picture, else for each tile of 768 pixels. Gemini 3 counts 1120 for
    /// any picture.
    /// </summary>
    public static PictureTokens OfGemini(int width, int height, string model)
    {
        var tiles = Math.Max(width, height) <= 384 ? 1 : (int)Math.Min(Cells(width, height, 768), 1000);
        return model.Contains("gemini-3", StringComparison.OrdinalIgnoreCase)
            ? new PictureTokens(1120, Math.Max(1120, 258 * tiles))
            : new PictureTokens(258 * tiles, Math.Max(1120, 258 * tiles));
    }

    /// <summary>Patches of 28 pixels, as the open model with the most tokens has them, Qwen's: https://arxiv.org/abs/2502.13923.</summary>
    public static PictureTokens OfUnknown(int width, int height, string model)
    {
        var patches = Math.Min(Cells(width, height, 28), 16_384);
        return new PictureTokens((int)Math.Min(patches, 1500), (int)Math.Max(patches, 1500));
    }

    private static double Cells(double width, double height, int side) => Math.Ceiling(width / side) * Math.Ceiling(height / side);
}
