using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Prompts.List;

public sealed partial class PromptBulkBar(PageServices services, PromptBulkService bulk) : PortalComponent(services)
{
    private string _tag = "";
    private string? _said;
    private IReadOnlyList<string> _refused = [];
    private Func<Actor, Task<Result<BulkOutcome>>>? _undo;

    /// <summary>Ids of the selected prompts. What was done with them leaves them selected, unless they left the list.</summary>
    [Parameter, EditorRequired]
    public HashSet<string> Selected { get; set; } = default!;

    /// <summary>Tags in use.</summary>
    [Parameter]
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>The list shows the archive.</summary>
    [Parameter]
    public bool Archived { get; set; }

    /// <summary>The selection or the prompts have changed.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    private Task ClearAsync()
    {
        Selected.Clear();
        return OnChanged.InvokeAsync();
    }

    private Task TagAsync(bool add)
    {
        var tag = _tag.Trim();
        if (tag.Length == 0)
        {
            Problem = Problem.AtField("tag", "Enter a tag first.");
            return Task.CompletedTask;
        }

        string[] tags = [tag];
        return DoAsync(
            (actor, ids) => add ? bulk.TagAsync(actor, ids, tags, [], Left) : bulk.TagAsync(actor, ids, [], tags, Left),
            (actor, ids) => add ? bulk.TagAsync(actor, ids, [], tags, Left) : bulk.TagAsync(actor, ids, tags, [], Left),
            count => add ? $"{count} tagged “{tag}”." : $"“{tag}” removed from {count}."
        );
    }

    private async Task ArchiveAsync()
    {
        var archive = !Archived;
        await DoAsync(
            (actor, ids) => bulk.ArchiveAsync(actor, ids, archive, Left),
            (actor, ids) => bulk.ArchiveAsync(actor, ids, !archive, Left),
            count => archive ? $"{count} archived. Workflows that use them keep running." : $"{count} unarchived."
        );
    }

    private Task UndoAsync()
    {
        var undo = _undo!;
        return DoAsync((actor, _) => undo(actor), null, count => $"{count} restored.");
    }

    private Task DoAsync(
        Func<Actor, IReadOnlyList<string>, Task<Result<BulkOutcome>>> act,
        Func<Actor, IReadOnlyList<string>, Task<Result<BulkOutcome>>>? undo,
        Func<string, string> say
    ) =>
        OnceAsync(async () =>
        {
            (Problem, _said, _undo) = (null, null, null);
            var result = await act(await ActorAsync(), [.. Selected]);
            Problem = result.Problem;
            if (result.IsOk)
            {
                var changed = result.Value.Changed;
                _said = changed.Count == 0 ? "Nothing changed." : say(Format.Count(changed.Count, "prompt"));
                _refused = result.Value.Refused;
                _undo = undo is null || changed.Count == 0 ? null : actor => undo(actor, changed);
                await OnChanged.InvokeAsync();
            }
        });
}
