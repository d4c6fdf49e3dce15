using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The page around the canvas, which draws what an act has changed; a test takes its place.</summary>
public interface ICanvasHost
{
    Task DropAsync(PromptDetails prompt, DropTarget target);

    Task ChangeAsync(Action change);

    Task SelectAsync(IReadOnlyList<string> keys);

    /// <param name="steps">Null: nothing was copied in this browser.</param>
    Task PasteAsync(StepClipboard? steps);
}
