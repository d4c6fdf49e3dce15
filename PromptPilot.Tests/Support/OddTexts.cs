namespace PromptPilot.Tests.Support;

/// <summary>Texts with what programs like to break: characters that cannot be stored, look like escapes, join, or do not show.</summary>
internal static class OddTexts
{
    private static readonly string[] Pieces =
    [
        "\0",
        "\0\0",
        "\ud83d",
        "\ude80",
        "\ude80\ud83d",
        "\ud83d\ude80",
        "\ufeff",
        "\ufffe",
        "\uffff",
        "\ufffd",
        "\u202e",
        "e\u0301",
        "👩\u200d🚀",
        "\u2028",
        "\u0085",
        "\r\n",
        "\t",
        "\u0001",
        "\u001b[31m",
        "\u007f",
        "'",
        "\"",
        "\\",
        "\\u0000",
        "\\\\u0000",
        "\\0",
        "%00",
        "{{ x }}",
        "<b>&amp;",
        "漢字",
        "שלום",
        "plain",
        " ",
        "a" + new string('\u0301', 40),
        "\u200f\u061c",
        "👨\u200d👩\u200d👧\u200d👦",
        "🏳\ufe0f\u200d🌈",
        "🇪🇺",
        "\ufdfa",
        "İıßǅ",
        "1e400",
        "-0",
        "9007199254740993",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999Z",
        "2026-02-30",
        "{\"a\":[1e400,{}]}",
        "[null]",
        "true",
        "---\nname: x\n---\n",
        "${x}",
        "{% raw %}{{ y }}{% endraw %}",
    ];

    /// <summary>One text in so many is very long.</summary>
    private const int LongEach = 40;

    /// <summary>The same texts each time: one to twelve pieces, a few very long, and a letter, so that none is blank.</summary>
    public static IEnumerable<string> Take(int count)
    {
        var random = new Random(20);
        for (var i = 0; i < count; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 13)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            yield return (i % LongEach == LongEach - 1 ? string.Concat(Enumerable.Repeat(text, 40_000 / text.Length)) : text) + "z";
        }
    }

    /// <summary>A JSON string of the text in which each UTF-16 unit is an escape, so that halves of characters get through.</summary>
    public static string Json(string text) => $"\"{string.Concat(text.Select(unit => $"\\u{(int)unit:x4}"))}\"";
}
