namespace PromptPilot.Web.Features.Prompts.Editing;

public sealed partial class VariablesPanel;
