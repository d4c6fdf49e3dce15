namespace PromptPilot.Web.Features.Prompts;

public sealed partial class VariablesPanel;
