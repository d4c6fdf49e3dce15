using System.Text.Json;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;

namespace PromptPilot.Web.Features.Workflows.Editing;

/// <summary>
/// Unsaved edits are stored in the viewer's browser with each check, and survive the loss of tab, connection and host.
/// </summary>
public sealed partial class WorkflowEditorPage
{
    private DraftKeeper? _keeper;

    private string DraftPlace => $"workflow:{(_actor as Actor.Person)?.UserId}:{Id ?? "new"}";

    private string DraftBase => _saved is null ? "" : $"save {_saved.Revision}";

    private void KeepDraft() => _keeper?.Keep(_isDirty ? JsonSerializer.Serialize(_session!.Draft.Keep(), AppJson.Options) : null);

    private async Task DiscardDraftAsync()
    {
        if (_keeper is not null)
        {
            await _keeper.DiscardAsync();
        }
    }

    /// <summary>Puts what an earlier visit left into the editor, as one change that can be undone.</summary>
    private async Task RestoreDraftAsync(IReadOnlyDictionary<string, string> fields)
    {
        if (KeptWorkflow.Read(fields.GetValueOrDefault(DraftKeeper.Text)) is not { } kept)
        {
            _refusal = "The unsaved changes in this browser can no longer be read and were discarded. The workflow is shown as saved.";
            return;
        }

        _session!.Restore(kept, await PromptsOfAsync(kept.Steps.Select(step => step.PromptId)));
        _tried = true;
        await ReplacedAsync();
    }
}
