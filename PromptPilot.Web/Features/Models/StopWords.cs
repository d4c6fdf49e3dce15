namespace PromptPilot.Web.Features.Models;

/// <summary>Texts to stop at, as people type them: one a line, with <c>\n</c> for a line break inside.</summary>
public static class StopWords
{
    public static IEnumerable<string> FromText(string text) =>
        text.Split('\n')
            .Select(line => line.TrimEnd('\r'))
            .Where(line => line.Length > 0)
            .Select(line => line.Replace("\\n", "\n", StringComparison.Ordinal));

    public static string ToText(IEnumerable<string> stops) =>
        string.Join('\n', stops.Select(stop => stop.Replace("\n", "\\n", StringComparison.Ordinal)));
}
