using Microsoft.AspNetCore.Components;
using PromptPilot.Core.TestSets;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.TestSets;

/// <summary>One test set: its checks and its cases.</summary>
public sealed partial class TestSetPage(PageServices services, TestSetService sets) : PortalPage(services)
{
    private TestSetView? _set;

    [Parameter]
    public string Id { get; set; } = "";

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await sets.FindAsync(await ActorAsync(), Id, Left);
        (_set, Problem) = (found.IsOk ? found.Value : _set, found.Problem);
    }

    private void Show(TestSetView set) => _set = set;

    private async Task DeleteAsync()
    {
        var agreed = await ConfirmDialog.AskAsync(
            Dialogs,
            $"Delete the test set “{_set!.Name}”?",
            "Its cases and the results of its experiments are deleted too. This cannot be undone."
        );
        if (!agreed)
        {
            return;
        }

        await OnceAsync(async () =>
        {
            var deleted = await sets.DeleteAsync(await ActorAsync(), Id, Left);
            Problem = deleted.Problem;
            if (deleted.IsOk)
            {
                Navigation.NavigateTo("test-sets");
            }
        });
    }
}
