using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Display;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

public sealed partial class CasesCard(PageServices services, TestCaseService cases) : PortalComponent(services)
{
    private const int MostShown = 200;

    private CaseDraft? _editing;
    private bool _import;
    private string _said = "";

    [Parameter, EditorRequired]
    public TestSetView Set { get; set; } = default!;

    [Parameter]
    public bool CanEdit { get; set; }

    /// <summary>Raised when cases were added, changed or deleted.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    private static string Start(string? text) => text is null ? "" : Shorten.Text(text, MostShown);

    private bool MayChange(TestCaseItem test) => CanEdit && (May(Permission.Write) || (Viewer?.UserId is { } me && me == test.CreatedBy));

    private void Add()
    {
        _import = false;
        _editing = new CaseDraft();
    }

    private Task SaveAsync() => OnceAsync(WriteAsync);

    private async Task WriteAsync()
    {
        if (_editing is null)
        {
            return;
        }

        var content = _editing.ToContent(Set.Variables);
        if (!content.IsOk)
        {
            Problem = content.Problem;
            return;
        }

        var actor = await ActorAsync();
        var saved = _editing.Id is { } id
            ? await cases.UpdateAsync(actor, Set.Id, id, content.Value, Left)
            : await cases.AddAsync(actor, Set.Id, content.Value, Left);
        await AfterAsync(saved.Problem, saved.IsOk ? $"Saved case {saved.Value.Number}." : "");
    }

    private Task ImportAsync(string csv) =>
        OnceAsync(async () =>
        {
            var added = await cases.ImportAsync(await ActorAsync(), Set.Id, csv, Left);
            await AfterAsync(added.Problem, added.IsOk ? $"Added {Format.Count(added.Value.Added, "case")}." : "");
        });

    private async Task DeleteAsync(TestCaseItem test)
    {
        var agreed = await ConfirmDialog.AskAsync(
            Dialogs,
            $"Delete case {test.Number}?",
            "It is also deleted from the versions that experiments used. This cannot be undone."
        );
        if (agreed)
        {
            var deleted = await cases.DeleteAsync(await ActorAsync(), Set.Id, test.Id, Left);
            await AfterAsync(deleted.Problem, deleted.IsOk ? $"Deleted case {test.Number}." : "");
        }
    }

    private async Task AfterAsync(Problem? problem, string said)
    {
        (Problem, _said) = (problem, said);
        if (problem is null)
        {
            (_editing, _import) = (null, false);
            await OnChanged.InvokeAsync();
        }
    }
}
