using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using PromptPilot.Core.Search;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Hosting;

namespace PromptPilot.Web.Features.Search;

/// <summary>The search over everything: type, arrows, Enter.</summary>
public sealed partial class CommandPalette : IDisposable
{
    /// <summary>How long typing has to rest before the database is asked. Pages and actions answer at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(80);

    private readonly CancellationTokenSource _leaving = new();
    private readonly PaletteModel _model = new();
    private SearchResults _found = SearchResults.None;
    private Task _search = Task.CompletedTask;
    private Problem? _problem;
    private string _text = "";
    private bool _searching;
    private bool _isRecalled;
    private int _keystroke;

    [Parameter, EditorRequired]
    public Principal Viewer { get; set; } = default!;

    [Inject]
    private SearchService Search { get; set; } = default!;

    [Inject]
    private CurrentActor CurrentActor { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private Browser Browser { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string RecentKey => $"pilot-recent-{Viewer.UserId}";

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override void OnInitialized() => _model.Show(_text, _found, Viewer);

    private Task OpenedAsync() => _search = _isRecalled ? _search : RecallAsync();

    private async Task RecallAsync()
    {
        _isRecalled = true;
        _model.Recall(await Browser.RecallAsync(RecentKey));

        // It takes the place of what was typed meanwhile: Enter waits for this one.
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
        (_searching, _problem) = (_text.Length > 0, null);
        _model.Show(_text, _found, Viewer);
        if (string.IsNullOrWhiteSpace(_text))
        {
            (_searching, _found) = (false, SearchResults.None);
            return;
        }

        try
        {
            await Task.Delay(Pause, Time, _leaving.Token);
            if (keystroke != _keystroke)
            {
                return;
            }

            var result = await Search.FindAsync(await CurrentActor.GetAsync(), _text, _leaving.Token);
            if (keystroke == _keystroke)
            {
                (_searching, _problem, _found) = (false, result.Problem, result.IsOk ? result.Value : SearchResults.None);
                _model.Show(_text, _found, Viewer);
            }
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
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
        await Browser.RememberAsync(RecentKey, _model.Remember(entry));
        await Browser.CloseDialogAsync("palette");
        (_text, _found) = ("", SearchResults.None);
        _model.Show(_text, _found, Viewer);
        Navigation.NavigateTo(entry.Href);
    }
}
