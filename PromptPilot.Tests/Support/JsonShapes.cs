namespace PromptPilot.Tests.Support;

/// <summary>JSON that programs like to break on: nested, and numbers that no type of .NET holds.</summary>
internal static class JsonShapes
{
    /// <summary>The limit that the product promises; written out here, so that a change of it is noticed.</summary>
    public const int Limit = 50;

    public static readonly int[] Depths = [1, 2, 49, 50, 51, 63, 64, 65, 200];

    public static readonly string[] Kinds = ["array", "object", "mixed"];

    public static readonly string[] Numbers =
    [
        "12345678901234567890123",
        "1.10",
        "1E400",
        "-1e400",
        "-0",
        "-0.0",
        "0.00",
        "0.1000000000000000055511151231257827",
        "1e-400",
        "9223372036854775808",
        "79228162514264337593543950336",
        "1e99999999999999999999",
        "3",
        "-7.25",
    ];

    /// <summary>Each kind at each depth.</summary>
    public static IEnumerable<(string Kind, int Depth, string Json)> All =>
        from depth in Depths
        from kind in Kinds
        select (kind, depth, Of(kind, depth));

    public static string Of(string kind, int depth)
    {
        var isList = Enumerable.Range(0, depth).Select(level => kind == "array" || (kind == "mixed" && level % 2 == 0)).ToArray();
        return string.Concat(isList.Select(list => list ? "[" : "{\"a\":"))
            + "1"
            + string.Concat(isList.Reverse().Select(l => l ? "]" : "}"));
    }
}
