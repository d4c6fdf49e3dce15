namespace PromptPilot.Web.Features.Approvals;

/// <summary>The list of change requests as its address filters it.</summary>
public sealed record ChangesQuery(string? Status, string? Prompt, string? Workflow);
