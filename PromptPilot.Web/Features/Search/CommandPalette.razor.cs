using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using PromptPilot.Core.Search;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Layout;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Search;

/// <summary>The search over everything: type, arrows, Enter.</summary>
public sealed partial class CommandPalette(PageServices services, SearchService searchService, Browser browser, ThemeSwitch themes)
    : PortalComponent(services)
{
    /// <summary>How long typing must pause before the database is queried. Pages and actions are found immediately.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(80);

    private readonly PaletteModel _model = new();
    private SearchResults _found = SearchResults.None;
    private Task _search = Task.CompletedTask;
    private string _text = "";
    private bool _searching;
    private bool _isRecalled;
    private int _keystroke;

    private string RecentKey => $"pilot-recent-{Viewer!.UserId}";

    protected override void OnInitialized() => _model.Show(_text, _found, Viewer!);

    private Task OpenedAsync() => _search = _isRecalled ? _search : RecallAsync();

    private async Task RecallAsync()
    {
        _isRecalled = true;
        _model.Recall(await browser.RecallAsync(RecentKey));

        // Replaces the results of earlier text. Enter waits for this one.
        await (_search = FindAsync(++_keystroke));
    }

    /// <summary>Bound both ways, not just listened to: otherwise a late render would take back the letters typed since.</summary>
    private Task TypedAsync(string? text)
    {
        _text = text ?? "";
        return _search = FindAsync(++_keystroke);
    }

    private async Task FindAsync(int keystroke)
    {
        (_searching, Problem) = (_text.Length > 0, null);
        _model.Show(_text, _found, Viewer!);
        if (string.IsNullOrWhiteSpace(_text))
        {
            (_searching, _found) = (false, SearchResults.None);
            return;
        }

        try
        {
            await Task.Delay(Pause, Time, Left);
            if (keystroke != _keystroke)
            {
                return;
            }

            var result = await searchService.FindAsync(await ActorAsync(), PaletteModel.Sought(_text), Left);
            if (keystroke == _keystroke)
            {
                (_searching, Problem, _found) = (false, result.Problem, result.IsOk ? result.Value : SearchResults.None);
                _model.Show(_text, _found, Viewer!);
            }
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The viewer has left.
        }
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        if (key.Key is not ("ArrowDown" or "ArrowUp" or "Enter") || key.CtrlKey || key.MetaKey)
        {
            return;
        }

        // What was typed last counts, even when its answer is still on its way.
        Task search;
        do
        {
            search = _search;
            await search;
        } while (search != _search);
        switch (key.Key)
        {
            case "ArrowDown":
                _model.Move(1);
                break;
            case "ArrowUp":
                _model.Move(-1);
                break;
            default:
                if (_model.ChosenEntry is { } entry)
                {
                    await GoAsync(entry);
                }

                break;
        }
    }

    private async Task GoAsync(PaletteEntry entry)
    {
        if (entry.Theme is null)
        {
            await browser.RememberAsync(RecentKey, _model.Remember(entry));
        }

        await browser.CloseDialogAsync("palette");
        (_text, _found) = ("", SearchResults.None);
        _model.Show(_text, _found, Viewer!);
        if (entry.Theme is { } name)
        {
            await themes.ChooseAsync(await ActorAsync(), ThemeSwitch.All.Single(theme => theme.Name == name).Theme, Left);
            return;
        }

        Navigation.NavigateTo(entry.Href);
    }
}
