using System.Text.RegularExpressions;

namespace PromptPilot.Core.Models.Offline;

/// <summary>A prompt split into its instruction and the text that it is about.</summary>
/// <param name="Instruction">The instruction, with the system message.</param>
/// <param name="Material">The text to extract from; the whole prompt if it has no separate part.</param>
internal sealed partial record PromptParts(string Instruction, string Material)
{
    /// <summary>Instructions are at the top; a marker further down belongs to the material.</summary>
    private const int MaxInstruction = 2000;

    public static PromptParts Split(string? system, string prompt)
    {
        var text = prompt.ReplaceLineEndings("\n").Trim();
        var start = StartOfMaterial(text);
        var material = text[start..].Trim();
        var instruction = text[..start];
        if (material.Length == 0)
        {
            (instruction, material) = (text, text);
        }

        return new PromptParts($"{system}\n{instruction}", material);
    }

    /// <summary>
    /// After the last opening mark near the top (a heading, a fence, a tag, a line that ends in a colon) that still leaves most of the
    /// prompt behind it; a fence or tag ends the search.
    /// Without a mark the first paragraph is the instruction when it is short and more follows.
    /// </summary>
    private static int StartOfMaterial(string text)
    {
        var found = 0;
        var position = 0;
        while (position < Math.Min(text.Length, MaxInstruction))
        {
            var end = text.IndexOf('\n', position);
            if (end < 0)
            {
                break;
            }

            var line = text.AsSpan(position, end - position).Trim();
            var isFence = Fence().IsMatch(line);
            position = end + 1;
            var leavesMost = text.Length - position >= text.Length * 2 / 3 || found == 0;
            if ((isFence || (IsLabel(line) && !IsInsideList(text, position))) && leavesMost)
            {
                found = position;
                if (isFence)
                {
                    break;
                }
            }
        }

        return found > 0 ? found : AfterFirstParagraph(text);
    }

    private static int AfterFirstParagraph(string text)
    {
        var gap = text.IndexOf("\n\n", StringComparison.Ordinal);
        return gap is > 0 and < 400 ? gap + 2 : 0;
    }

    private static bool IsLabel(ReadOnlySpan<char> line) => line.Length is > 0 and <= 200 && (line[^1] is ':' or '：' || line[0] == '#');

    /// <summary>A colon before a list of rules ("Rules:", then "- …") does not open the material.</summary>
    private static bool IsInsideList(string text, int position)
    {
        var next = text.AsSpan(position).TrimStart();
        var isItem = next.Length > 1 && next[0] is '-' or '*' && next[1] == ' ';
        return isItem && text.Length - position < text.Length * 9 / 10 && text.IndexOf("\n\n", position, StringComparison.Ordinal) > 0;
    }

    [GeneratedRegex("""^(?:`{3,}\w*|"{3,}|~{3,}|-{3,}|={3,}|<[A-Za-z][\w-]*>)$""")]
    private static partial Regex Fence();
}
