namespace PromptPilot.Web.Components.Pages;

/// <summary>
/// A page with a route. Pages with inputs add a <see cref="LeaveGuard"/> for <see cref="IsDirty"/>.
/// </summary>
public abstract class PortalPage(PageServices services) : PortalComponent(services)
{
    /// <summary>Whether leaving the page would lose what was typed.</summary>
    protected virtual bool IsDirty => false;
}
