namespace PromptPilot.Core.Models.Tokens;

/// <summary>
/// How many tokens a text has, where the provider does not say: four characters of ASCII text, or one and a half of other scripts, make a
/// token.
/// </summary>
internal static class TokenEstimate
{
    public static int Of(ReadOnlySpan<char> text)
    {
        var ascii = 0;
        foreach (var c in text)
        {
            ascii += c < 128 ? 1 : 0;
        }

        return (int)Math.Ceiling((ascii / 4.0) + ((text.Length - ascii) / 1.5));
    }
}
