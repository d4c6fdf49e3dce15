namespace PromptPilot.Web.Components.Pages;

/// <summary>Reads words of the query string; a word that means nothing filters nothing.</summary>
internal static class QueryWord
{
    public static T? Enum<T>(string? word)
        where T : struct, Enum =>
        System.Enum.TryParse<T>(word, ignoreCase: true, out var value) && System.Enum.IsDefined(value) ? value : null;

    public static bool? Flag(string? word) => bool.TryParse(word, out var flag) ? flag : null;
}
