using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;
using PromptPilot.Web.Components.Controls;

namespace PromptPilot.Web.Components.Pages;

public sealed partial class LeaveGuard(IDialogService dialogs, NavigationManager navigation)
{
    /// <summary>Whether leaving would lose something. Asked at that moment: a save may have ended since the last render.</summary>
    [Parameter, EditorRequired]
    public Func<bool> IsDirty { get; set; } = () => false;

    [Parameter]
    public string Title { get; set; } = "Leave without saving?";

    /// <summary>The changes that would be lost, as a sentence.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>Whether other query strings of the same address keep what was typed, e.g. tabs.</summary>
    [Parameter]
    public bool AllowSamePath { get; set; }

    /// <summary>Raised when the person chose to leave.</summary>
    [Parameter]
    public EventCallback OnLeave { get; set; }

    private async Task AskAsync(LocationChangingContext context)
    {
        if (!IsDirty() || (AllowSamePath && IsSamePath(context.TargetLocation)))
        {
            return;
        }

        if (await ConfirmDialog.AskAsync(dialogs, Title, Text, "Leave"))
        {
            await OnLeave.InvokeAsync();
        }
        else
        {
            context.PreventNavigation();
        }
    }

    private bool IsSamePath(string target) => navigation.ToAbsoluteUri(target).AbsolutePath == new Uri(navigation.Uri).AbsolutePath;
}
