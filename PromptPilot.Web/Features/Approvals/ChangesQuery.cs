namespace PromptPilot.Web.Features.Approvals;

/// <summary>The filter of the list of change requests, as in the URL.</summary>
public sealed record ChangesQuery(string? Status, string? Prompt, string? Workflow);
