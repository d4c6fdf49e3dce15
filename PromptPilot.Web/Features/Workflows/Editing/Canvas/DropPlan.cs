namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The place on the canvas where a prompt is dropped.</summary>
/// <param name="Step">Key of the step that is dropped on, or that the line leads to; null for a blank spot.</param>
/// <param name="From">For a line: key of its source step, or <see cref="Layout.FlowEdges.InputsKey"/> for the inputs.</param>
public sealed record DropTarget(string? Step = null, string? From = null)
{
    public static readonly DropTarget Blank = new();
}

/// <summary>The effect of a drop, shown before it happens.</summary>
/// <param name="Refusal">Why it cannot be dropped here; null if it can.</param>
/// <param name="Title">The effect in two or three words.</param>
/// <param name="Detail">The mapping as text.</param>
/// <param name="Index">The new step's place in the order, from 0.</param>
/// <param name="Mapping">The mapping of the new step: variable → expression.</param>
/// <param name="Rewritten">Variables of the step that the line leads to, which read the new step afterwards.</param>
public sealed record DropPlan(
    string? Refusal,
    string Title,
    string Detail,
    int Index,
    IReadOnlyDictionary<string, string> Mapping,
    IReadOnlyList<string> Rewritten
)
{
    public static DropPlan Refuse(string why) => new(why, "Cannot drop here", why, 0, new Dictionary<string, string>(), []);
}
