using Microsoft.ML.Tokenizers;

namespace PromptPilot.Core.Models.Tokens;

/// <summary>The number of tokens of a text for a model.</summary>
/// <param name="IsExact">The model is known to use the encoding that was counted with; else it is an estimate.</param>
public sealed record TokenCount(int Tokens, bool IsExact)
{
    /// <summary>
    /// A longer stretch without blanks, or of blanks, is counted in parts, as an estimate: exact counting takes quadratic time, seconds for
    /// 100,000 equal letters.
    /// </summary>
    private const int LongestRun = 500;

    /// <summary>Model names that begin like this use the encoding o200k_base (or o200k_harmony, which differs in its marks only).</summary>
    private static readonly string[] Known = ["gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "chatgpt-4o", "o1", "o3", "o4", "gpt-oss"];

    private static readonly Lazy<Tokenizer> Encoding = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    /// <summary>Counts the tokens of a text. The first count loads the encoding, which takes a moment.</summary>
    /// <param name="model">As its provider calls it; null when none is chosen.</param>
    public static TokenCount Of(string text, string? model)
    {
        var (tokens, start, run) = (0, 0, 0);
        for (var at = 1; at < text.Length; at++)
        {
            run = char.IsWhiteSpace(text[at]) == char.IsWhiteSpace(text[at - 1]) ? run + 1 : 0;
            if (run >= LongestRun && !char.IsLowSurrogate(text[at]))
            {
                tokens += Encoding.Value.CountTokens(text.AsSpan(start, at - start));
                (start, run) = (at, 0);
            }
        }

        tokens += Encoding.Value.CountTokens(text.AsSpan(start));
        return new TokenCount(tokens, start == 0 && model is not null && IsKnown(model));
    }

    /// <summary>Also names with the maker in front, as gateways write them: <c>openai/gpt-4o-mini</c>.</summary>
    private static bool IsKnown(string model)
    {
        var name = model[(model.LastIndexOf('/') + 1)..];
        return Known.Any(known => name.StartsWith(known, StringComparison.OrdinalIgnoreCase));
    }
}
