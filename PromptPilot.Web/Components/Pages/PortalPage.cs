namespace PromptPilot.Web.Components.Pages;

/// <summary>
/// A page with an address. Its markup puts a <see cref="LeaveGuard"/> over <see cref="IsDirty"/> where something is typed.
/// </summary>
public abstract class PortalPage(PageServices services) : PortalComponent(services)
{
    /// <summary>Whether leaving the page would lose what was typed.</summary>
    protected virtual bool IsDirty => false;
}
