namespace PromptPilot.Core.Models.SemanticKernel;

/// <summary>
/// What a model writes before its answer when it thinks aloud: <c>&lt;think&gt;…&lt;/think&gt;</c> at the very beginning, as DeepSeek R1,
/// Qwen and their kind do, and the spellings of others.
/// </summary>
internal static class Thinking
{
    /// <summary>The opening marks and what closes each.</summary>
    public static readonly (string Open, string Close)[] Marks =
    [
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<thought>", "</thought>"),
        ("<reasoning>", "</reasoning>"),
        ("<reflection>", "</reflection>"),
        ("<seed:think>", "</seed:think>"),
        ("[THINK]", "[/THINK]"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|channel|>analysis<|message|>", "<|end|>"),
        // Markers that open the answer after it. They close immediately.
        ("<|start|>assistant<|channel|>final<|message|>", ""),
        ("<|channel|>final<|message|>", ""),
        ("◁think▷", "◁/think▷"),
    ];

    /// <summary>
    /// The text behind the thinking. Some servers put the opening mark into the prompt, so that only the closing one comes: then what is
    /// before it is the thinking. Thinking that never ends leaves nothing.
    /// </summary>
    /// <param name="text">A whole answer, without blanks before it.</param>
    public static ReadOnlySpan<char> After(ReadOnlySpan<char> text)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            if (OpeningOf(text) is { } mark)
            {
                var rest = text[mark.Open.Length..];
                var end = rest.IndexOf(mark.Close, StringComparison.OrdinalIgnoreCase);
                if (end < 0)
                {
                    return [];
                }

                text = rest[(end + mark.Close.Length)..].TrimStart();
            }
            else
            {
                var close = Marks[0].Close;
                var end = isFirst && !StartsLikeJson(text) ? text.IndexOf(close, StringComparison.OrdinalIgnoreCase) : -1;
                return end < 0 ? text : text[(end + close.Length)..].TrimStart();
            }
        }
    }

    /// <summary>
    /// How long the thinking at the beginning is whose opening mark the server kept to itself, in UTF-16 code units, with its closing mark;
    /// 0: none. A text that opens some before the first closing mark is about thinking.
    /// </summary>
    public static int UnopenedLength(ReadOnlySpan<char> text)
    {
        var (open, close) = Marks[0];
        var end = text.IndexOf(close, StringComparison.OrdinalIgnoreCase);
        return end < 0 || StartsLikeJson(text.TrimStart()) || text[..end].Contains(open, StringComparison.OrdinalIgnoreCase)
            ? 0
            : end + close.Length;
    }

    /// <summary>The mark that a text begins with; null: none.</summary>
    public static (string Open, string Close)? OpeningOf(ReadOnlySpan<char> text)
    {
        foreach (var mark in Marks)
        {
            if (text.StartsWith(mark.Open, StringComparison.OrdinalIgnoreCase))
            {
                return mark;
            }
        }

        return null;
    }

    /// <summary>With more text it could become an opening mark.</summary>
    public static bool MayBecomeOpening(ReadOnlySpan<char> text)
    {
        foreach (var (open, _) in Marks)
        {
            if (text.Length < open.Length && open.AsSpan().StartsWith(text, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool StartsLikeJson(ReadOnlySpan<char> text) => !text.IsEmpty && text[0] is '{' or '[' or '"';
}
