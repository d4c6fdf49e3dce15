namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>Where a prompt is dropped on the canvas.</summary>
/// <param name="Step">Key of the step that is dropped on, or that the line leads to; null for a blank spot.</param>
/// <param name="From">Of a line: key of the step it comes from, <see cref="Layout.FlowEdges.InputsKey"/> for the inputs.</param>
public sealed record DropTarget(string? Step = null, string? From = null)
{
    public static readonly DropTarget Blank = new();
}

/// <summary>What a drop would do, said before it is done.</summary>
/// <param name="Refusal">Why it cannot be dropped here; null when it can.</param>
/// <param name="Title">What it does, in two or three words.</param>
/// <param name="Detail">What is mapped to what.</param>
/// <param name="Index">The new step's place in the order, from 0.</param>
/// <param name="Mapping">What the new step reads: variable → expression.</param>
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
