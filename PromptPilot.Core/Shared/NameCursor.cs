namespace PromptPilot.Core.Shared;

/// <summary>The place after a row in a list by name: the row's name, and its id, which keeps rows of the same name apart.</summary>
internal sealed record NameCursor(string Name, string Id)
{
    /// <summary>Reads what <see cref="ToString(char)"/> wrote with the same separator.</summary>
    /// <returns>Null when it is something else.</returns>
    public static NameCursor? Parse(string text, char separator)
    {
        // An id holds no separator; a name may.
        var at = text.LastIndexOf(separator);
        return at < 0 ? null : new NameCursor(text[..at], text[(at + 1)..]);
    }

    /// <param name="separator">Each list has its own, so that a cursor of another list is detected.</param>
    public string ToString(char separator) => $"{Name}{separator}{Id}";
}
