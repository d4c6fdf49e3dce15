namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The marks of a step as small drawings: a component for each would be thousands on a large canvas.</summary>
internal static class StepIcons
{
    private static readonly Dictionary<string, string> Paths = new()
    {
        ["when"] = "M6 4v9a4 4 0 004 4h8M15 14l3 3-3 3M6 4l-2.5 2.5M6 4l2.5 2.5",
        ["each"] = "M4 11V9a3 3 0 013-3h11M15 3l3 3-3 3M20 13v2a3 3 0 01-3 3H6M9 21l-3-3 3-3",
        ["review"] = "M10 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM3.5 20c0-3.5 2.5-5.5 6.5-5.5 1 0 2 .1 2.8.4M14.5 18l2.2 2.2L21 15.5",
    };

    /// <param name="marks">The values of <see cref="StepCardFacts.Marks"/>.</param>
    public static string Of(string marks) =>
        string.Concat(
            Paths
                .Where(path => marks.Split(" · ").Contains(path.Key))
                .Select(path => $"<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"{path.Value}\"/></svg>")
        );
}
