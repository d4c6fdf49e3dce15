namespace PromptPilot.Web.Components.Pages;

/// <summary>
/// A page that fills the window and scrolls inside itself. On a screen of medium width, the navigation is folded to icons while it is open.
/// The server says so in the page's first HTML, so that nothing moves after the first paint.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WidePageAttribute : Attribute;
