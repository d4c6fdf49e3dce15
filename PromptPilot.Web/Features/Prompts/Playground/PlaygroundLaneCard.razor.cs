using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Components.Markdown;

namespace PromptPilot.Web.Features.Prompts.Playground;

public sealed partial class PlaygroundLaneCard(TimeProvider time)
{
    [Parameter, EditorRequired]
    public PlaygroundLane Lane { get; set; } = default!;

    [Parameter]
    public int Number { get; set; }

    [Parameter]
    public IReadOnlyList<PromptVersion> Versions { get; set; } = [];

    [Parameter]
    public IReadOnlyList<ModelChoice> Models { get; set; } = [];

    [Parameter]
    public bool CanRemove { get; set; }

    [Parameter]
    public EventCallback OnRemove { get; set; }

    /// <summary>Another version may have other variables.</summary>
    [Parameter]
    public EventCallback OnChange { get; set; }

    private MarkdownView? View =>
        Lane.Log is { } log ? (log.Output.Length == 0 ? null : MarkdownStream.Of(log.Output))
        : Lane.Text is { Length: > 0 } text ? MarkdownStream.Of(text).Update(text)
        : null;

    private Task ChangeAsync(Action change)
    {
        change();
        return OnChange.InvokeAsync();
    }
}
