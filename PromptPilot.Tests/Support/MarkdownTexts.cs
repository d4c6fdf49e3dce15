namespace PromptPilot.Tests.Support;

/// <summary>Markdown's constructs, repeated and nested up to any size: what a model could write to cost a core.</summary>
public static class MarkdownTexts
{
    /// <summary>Begun and not finished, finished, and what only looks like something.</summary>
    private static readonly string[] Units =
    [
        .. "[a](|[a](b|[|]|![a](|![|[a](b) |[a](<b|[a](b \"c|[a][b] |[a|[a](((((|[]()|[][|[](|![[|[[a]]|[^1]".Split('|'),
        .. "*|*a | *a|**a |*a **b |a**b|a***|_a |a _b__ |~~a |~|*a* |*(|*a_b|a*|`|`a|a``b`c".Split('|'),
        .. "&amp|&|&#x41;|&a;|<|<a|<a:|<http://a|http://a.b |http://|www.a.b |www.|a@b.c |mailto:a@b.c |\\|\\a|\\*".Split('|'),
        .. "<div>@<!-- @<![CDATA[@<?@a>@<<@!@(@)@\"@abc @a@ @\t@\0@😀@e\u0301@\u202e@|@|a@a|@|:-".Split('@'),
        .. "\n~\r\n~a\n~a  \n~a\\\n~\\\n~a\n\n~> a\n~>~> ~>>>a\n~- a\n~- ~1. ~1) a\n~- a\n  - b\n~- a\n\n~+ a\n* b\n~*\n~> - ~- > ".Split(
            '~'
        ),
        .. "# a\n~#~# ~a\n=\n~***\n~```\na\n```\n~```\n~    a\n~\ta\n~[a]: b\n~[a]: b\n\n[a]\n\n~[a]: b '\n~[a\n~[a](\n~**a\n~`\n".Split(
            '~'
        ),
        "|a|b|\n|-|-|\n|c|d|\n\n",
        "a|b\n",
        "-|-\n",
        new string('>', 99) + "a\n",
        string.Concat(Enumerable.Repeat("> ", 99)) + new string('*', 4000) + "\n",
        string.Concat(Enumerable.Repeat("- ", 99)) + "a\n\n",
    ];

    private static readonly (string Name, Func<int, string> Make)[] Nested =
    [
        ("brackets", size => Repeat("[", size / 2) + Repeat("]", size / 2)),
        ("links", size => Repeat("[", size / 5) + "a" + Repeat("](b)", size * 4 / 5)),
        ("images", size => Repeat("![", size / 3) + "a" + Repeat("](b)", size * 2 / 3)),
        ("emphasis", size => Repeat("*a ", size / 2) + Repeat("b* ", size / 2)),
        ("strong", size => Repeat("**a ", size / 2) + Repeat("b** ", size / 2)),
        ("stars", size => Repeat("*", size / 2) + "a" + Repeat("*", size / 2)),
        ("mixed emphasis", size => Repeat("*a _b ", size / 2) + Repeat("c_ d* ", size / 2)),
        ("strikethrough", size => Repeat("~~a ", size / 2) + Repeat("b~~ ", size / 2)),
        ("parentheses", size => $"[a]({Repeat("(", size / 2)}{Repeat(")", size / 2)})"),
        ("growing backticks", size => Growing(size, level => new string('`', level) + "a")),
        ("growing lists", size => Growing(size, level => new string(' ', level % 100 * 2) + "- a\n")),
        ("growing quotes", size => Growing(size, level => new string('>', level % 100) + " a\n")),
        ("wide table of empty rows", size => Repeat("|a", size / 4) + "\n" + Repeat("|-", size / 4) + "\n" + Repeat("|\n", size / 2)),
        ("table across cells", size => "|a|b|\n|-|-|\n" + Repeat("|*a|b*|\n", size)),
        ("table of open links", size => "|a|b|\n|-|-|\n" + Repeat("|[a](|", size)),
        ("quoted fence", size => "> ```\n" + Repeat("> a\n", size)),
        ("open fence", size => "```\n" + Repeat("a\n", size)),
        ("lazy lines", size => new string('>', 99) + "a\n" + Repeat("b\n", size)),
        ("one definition, many links", size => "[a]: b\n\n" + Repeat("[a] ", size)),
        ("many definitions", size => Growing(size, level => $"[a{level}]: b\n")),
        ("title", size => "[a](b \"" + Repeat("a", size)),
    ];

    /// <summary>Each construct alone, as paragraphs, lines, list items and quotes, and in blocks of some size; and nested.</summary>
    public static IEnumerable<(string Name, Func<int, string> Make)> All =>
        Units
            .SelectMany(unit =>
                new (string, Func<int, string>)[]
                {
                    (unit, size => Repeat(unit, size)),
                    ($"paragraphs of {unit}", size => Repeat(unit + unit + unit + "\n\n", size)),
                    ($"lines of {unit}", size => Repeat(unit + unit + unit + "\n", size)),
                    ($"items of {unit}", size => Repeat("- " + unit + unit + "\n", size)),
                    ($"quotes of {unit}", size => Repeat("> " + unit + unit + "\n", size)),
                    ($"blocks of {unit}", size => Repeat(Repeat(unit, 2000) + "\n\n", size)),
                    ($"large blocks of {unit}", size => Repeat(Repeat(unit, 8000) + "\n\n", size)),
                }
            )
            .Concat(Nested);

    /// <summary>Usual text: prose, lists, code and tables.</summary>
    public static string Usual(int size) =>
        Growing(
            size,
            i =>
                (i % 9) switch
                {
                    0 => $"## Heading {i}\n\n",
                    1 => $"- item **bold** with `code` and [a link](https://example.org/{i})\n- second *item*\n\n",
                    2 => "```csharp\nvar x = list[i] * other[j];\nif (a < b) { return; }\n```\n\n",
                    3 => "| a | b | c |\n|---|---|---|\n| **1** | `2` | 3 |\n| 1 | 2 | 3 |\n\n",
                    _ => "A paragraph of *text* with several words that goes on for a while. It has **one** more sentence.\n\n",
                }
        );

    private static string Repeat(string unit, int size) => string.Concat(Enumerable.Repeat(unit, Math.Max(1, size / unit.Length)));

    private static string Growing(int size, Func<int, string> part)
    {
        var text = new System.Text.StringBuilder();
        for (var level = 0; text.Length < size; level++)
        {
            text.Append(part(level));
        }

        return text.ToString();
    }
}
