namespace PromptPilot.Core.Shared;

/// <summary>One page of a list. <paramref name="Next"/> is the cursor of the following page, null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

public static class Page
{
    /// <summary>The requested page of <paramref name="rows"/>, which hold one row more if others follow.</summary>
    /// <param name="cursorOf">Gets the last row of the page.</param>
    public static Page<T> Of<T>(IReadOnlyList<T> rows, PageRequest request, Func<T, string> cursorOf) =>
        rows.Count > request.Take ? new Page<T>([.. rows.Take(request.Take)], cursorOf(rows[request.Take - 1])) : new Page<T>(rows, null);
}

/// <summary>The requested page of a list: keyset paging, so that new rows neither repeat nor hide others.</summary>
/// <param name="After">The cursor of the page before; null for the first.</param>
/// <param name="Limit">The number of rows, 1 to 200.</param>
public sealed record PageRequest(string? After = null, int Limit = 50)
{
    public const int MaxLimit = 200;

    /// <summary>The refusal of a cursor that another list, or no list, gave.</summary>
    internal static Problem WrongCursor =>
        Problem.AtField("after", "This cursor does not belong to this list. Use “next” from the previous page.");

    public int Take => Math.Clamp(Limit, 1, MaxLimit);
}
