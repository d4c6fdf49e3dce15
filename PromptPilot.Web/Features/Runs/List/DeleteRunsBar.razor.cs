using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Runs.List;

public sealed partial class DeleteRunsBar(PageServices services, RunKeepService keeping) : PortalComponent(services)
{
    private DeletedRuns? _deleted;

    [Parameter, EditorRequired]
    public RunSelection Selection { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<RunListItem> Items { get; set; } = [];

    /// <summary>The selection or the runs have changed.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    private Task ClearAsync()
    {
        Selection.Clear();
        return OnChanged.InvokeAsync();
    }

    private async Task DeleteAsync()
    {
        var ids = Selection.In(Items);
        if (
            !await ConfirmDialog.AskAsync(
                Dialogs,
                $"Delete {Format.Count(ids.Count, "run")}?",
                "Their outputs, logs and ratings are deleted too. This cannot be undone. Pinned runs and runs whose results "
                    + "another run reuses are kept.",
                $"Delete {Format.Count(ids.Count, "run")}"
            )
        )
        {
            return;
        }

        await OnceAsync(() => DeleteAsync(ids));
    }

    private async Task DeleteAsync(IReadOnlyList<string> ids)
    {
        (Problem, _deleted) = (null, null);
        var actor = await ActorAsync();
        var (count, kept) = (0, new List<KeptRun>());
        foreach (var part in ids.Chunk(RunKeepService.MostAtOnce))
        {
            var result = await keeping.DeleteManyAsync(actor, part, Left);
            if (!result.IsOk)
            {
                Problem = result.Problem;
                break;
            }

            count += result.Value.Deleted;
            kept.AddRange(result.Value.Kept);
        }

        _deleted = new DeletedRuns(count, kept);
        Selection.Clear();
        await OnChanged.InvokeAsync();
    }
}
