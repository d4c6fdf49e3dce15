using Microsoft.AspNetCore.Components;
using MudBlazor;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Web.Components.Pages;

/// <summary>
/// The base of components that act for the viewer: pages, and cards and drawers on them. Loads and live updates end when the component is
/// removed.
/// </summary>
public abstract class PortalComponent : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _left = new();
    private readonly PageServices _services;
    private Task _following = Task.CompletedTask;
    private bool _isLeaving;

    protected PortalComponent(PageServices services)
    {
        _services = services;
        Left = _left.Token;
    }

    /// <summary>The user of the page; null before they are known.</summary>
    [CascadingParameter]
    protected Principal? Viewer { get; set; }

    /// <summary>Cancelled when the component leaves the page.</summary>
    protected CancellationToken Left { get; }

    /// <summary>True while an action is running, which disables its buttons.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>Why the last load or action was refused.</summary>
    protected Problem? Problem { get; set; }

    /// <summary>Whether live updates are interrupted; they are retried until they work.</summary>
    protected bool IsStale { get; private set; }

    protected NavigationManager Navigation => _services.Navigation;

    protected IDialogService Dialogs => _services.Dialogs;

    protected TimeProvider Time => _services.Time;

    protected ILogger Logger => field ??= _services.Loggers.CreateLogger(GetType());

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await _following;
        await LeaveAsync();
        _left.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the component holds; its token is cancelled and its live updates have ended.</summary>
    protected virtual ValueTask LeaveAsync() => ValueTask.CompletedTask;

    /// <summary>Runs an action unless one is running: a second click may already be on its way when its button is disabled.</summary>
    protected async Task OnceAsync(Func<Task> act)
    {
        if (IsBusy)
        {
            return;
        }

        IsBusy = true;
        try
        {
            await act();
        }
        finally
        {
            IsBusy = _isLeaving;
        }
    }

    /// <summary>
    /// Opens another page, and keeps this one busy until it is gone: the second click of two may come after the action of the first.
    /// </summary>
    protected void LeaveFor(string address)
    {
        _isLeaving = true;
        Navigation.NavigateTo(address);
    }

    /// <summary>Like <see cref="OnceAsync(Func{Task})"/>, for an action that can be refused.</summary>
    /// <returns>Whether it succeeded; false while another one is running.</returns>
    protected async Task<bool> OnceAsync(Func<Task<bool>> act)
    {
        var succeeded = false;
        await OnceAsync(async () =>
        {
            succeeded = await act();
        });
        return succeeded;
    }

    protected Task<Actor> ActorAsync() => _services.Actor.GetAsync();

    /// <summary>Whether to offer an action. The service decides.</summary>
    protected bool May(Permission permission) => Viewer is not null && Access.Allows(Viewer.Role, permission);

    /// <summary>
    /// Subscribes to changes and reads again after each, at most once a second, until the component leaves the page. Call it before the
    /// first load, so that no change falls between the two.
    /// </summary>
    /// <param name="subscribe">Gives a watch, which is disposed at the end if it can be.</param>
    /// <param name="next">Completes when something has changed since the last call.</param>
    /// <param name="load">Reads the content.</param>
    protected async Task FollowAsync<TWatch>(
        Func<Actor, CancellationToken, Task<Result<TWatch>>> subscribe,
        Func<TWatch, CancellationToken, Task> next,
        Func<Task> load
    )
    {
        if (!RendererInfo.IsInteractive)
        {
            return;
        }

        var loop = new LiveLoop(Time, Logger);
        _following = loop.RunAsync(
            async left => await subscribe(await ActorAsync(), left),
            next,
            async () =>
            {
                await load();
                StateHasChanged();
            },
            Interrupted,
            Left
        );
        await loop.Subscribed;
    }

    /// <summary>Ends loads and live updates immediately, because the item on the page is deleted.</summary>
    protected void StopFollowing() => _left.Cancel();

    /// <summary>
    /// Runs an update that a timer or an event on another thread requests. No one awaits it, so a failure goes to the page's error view.
    /// </summary>
    protected void Dispatch(Func<Task> update) =>
        _ = InvokeAsync(async () =>
        {
            try
            {
                if (!Left.IsCancellationRequested)
                {
                    await update();
                    StateHasChanged();
                }
            }
            catch (OperationCanceledException) when (Left.IsCancellationRequested)
            {
                // The page has been left.
            }
            catch (Exception exception)
            {
                await DispatchExceptionAsync(exception);
            }
        });

    /// <summary>Records if live updates are interrupted, and shows it on the page.</summary>
    protected void Interrupted(bool isInterrupted)
    {
        IsStale = isInterrupted;
        StateHasChanged();
    }
}
