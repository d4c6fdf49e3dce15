using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using PromptPilot.Web.Hosting;
using static Microsoft.AspNetCore.Components.Web.RenderMode;

namespace PromptPilot.Web.Components;

/// <summary>The document around every page.</summary>
public sealed partial class App(OpenPages openPages)
{
    [CascadingParameter]
    private HttpContext? Http { get; set; }

    /// <summary>The pages on which people sign in are plain HTML: a cookie can be set, and they work without a script.</summary>
    private bool IsInteractive => !IsFull && Http?.AcceptsInteractiveRouting() != false;

    private bool IsFull =>
        Http?.AcceptsInteractiveRouting() == true && openPages.IsFull(Http.User.FindFirstValue(ClaimTypes.NameIdentifier));

    private IComponentRenderMode? Mode => IsInteractive ? InteractiveServer : null;

    /// <summary>A choice kept in a cookie for the first paint. Unknown values count as none.</summary>
    private string? Chosen(string cookie, params string[] known) =>
        Http?.Request.Cookies[cookie] is { } value && known.Contains(value) ? value : null;
}
