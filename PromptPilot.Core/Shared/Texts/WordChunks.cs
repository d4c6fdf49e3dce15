using DiffPlex;

namespace PromptPilot.Core.Shared.Texts;

/// <summary>Cuts a text into words, stretches of spaces, line ends and single signs; together they are the text.</summary>
internal sealed class WordChunks : IChunker
{
    public static readonly WordChunks Instance = new();

    public IReadOnlyList<string> Chunk(string text)
    {
        var chunks = new List<string>();
        for (var start = 0; start < text.Length; )
        {
            var end = EndOf(text, start);
            chunks.Add(text[start..end]);
            start = end;
        }

        return chunks;
    }

    /// <summary>The number of chunks of a text; counting stops above a limit.</summary>
    public static int CountUpTo(string text, int most)
    {
        var count = 0;
        for (var start = 0; start < text.Length && count <= most; start = EndOf(text, start))
        {
            count++;
        }

        return count;
    }

    private static int EndOf(string text, int start)
    {
        Func<char, bool>? belongs = text[start] switch
        {
            ' ' or '\t' => letter => letter is ' ' or '\t',
            var first when IsOfWord(first) => IsOfWord,
            _ => null,
        };
        var end = start + 1;
        while (belongs is not null && end < text.Length && belongs(text[end]))
        {
            end++;
        }

        return end;
    }

    /// <summary>Halves of characters and marks on letters stay with what they belong to.</summary>
    private static bool IsOfWord(char letter) =>
        char.IsLetterOrDigit(letter)
        || letter is '_'
        || char.IsSurrogate(letter)
        || char.GetUnicodeCategory(letter)
            is System.Globalization.UnicodeCategory.NonSpacingMark
                or System.Globalization.UnicodeCategory.SpacingCombiningMark
                or System.Globalization.UnicodeCategory.Format;
}
