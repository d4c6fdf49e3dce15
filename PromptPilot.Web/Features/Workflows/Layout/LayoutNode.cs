namespace PromptPilot.Web.Features.Workflows.Layout;

/// <summary>A box to place.</summary>
/// <param name="Key">The same box has the same key in the next layout.</param>
/// <param name="Left">Pixels from the point where its lines meet to its left edge.</param>
/// <param name="Right">Pixels from the point where its lines meet to its right edge, with what is drawn beside it.</param>
public sealed record LayoutNode(string Key, double Left, double Right);
