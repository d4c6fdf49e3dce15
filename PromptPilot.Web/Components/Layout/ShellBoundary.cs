using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;

namespace PromptPilot.Web.Components.Layout;

/// <summary>
/// Keeps a fault in dialogs, menus and the frame from ending the whole page: their content is rendered again and a message says so. Beyond
/// it, Blazor would end the circuit, and everything typed on the page would be lost.
/// </summary>
public sealed class ShellBoundary : ErrorBoundary
{
    /// <summary>Content that fails as soon as it is rendered would otherwise be rendered forever.</summary>
    private static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(1);

    private DateTimeOffset _recoveredAt;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        // Nothing in place of what has failed: it returns at once.
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
        }
    }

    protected override async Task OnErrorAsync(Exception exception)
    {
        await base.OnErrorAsync(exception);
        var now = Time.GetUtcNow();
        if (now - _recoveredAt < LeastBetween)
        {
            return;
        }

        _recoveredAt = now;
        Snackbar.Add("Something went wrong. It has been logged.", Severity.Error);

        // The base records the fault after this method has begun.
        await Task.Yield();
        await InvokeAsync(Recover);
    }
}
