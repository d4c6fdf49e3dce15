namespace PromptPilot.Core.Shared;

/// <summary>Makes what somebody typed into a pattern of SQL's LIKE, in which %, _ and \ stand for themselves.</summary>
internal static class LikePattern
{
    /// <summary>The third argument of <c>EF.Functions.Like</c>.</summary>
    public const string Escape = "\\";

    /// <summary>Fits what contains <paramref name="text"/> anywhere.</summary>
    public static string Containing(string text) =>
        $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}
