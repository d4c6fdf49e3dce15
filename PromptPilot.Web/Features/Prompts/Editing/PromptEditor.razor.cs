using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Prompts.Editing;

public sealed partial class PromptEditor(PageServices services) : PortalComponent(services);
