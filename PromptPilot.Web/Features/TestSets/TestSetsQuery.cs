namespace PromptPilot.Web.Features.TestSets;

/// <summary>The list of test sets as its address filters it.</summary>
public sealed record TestSetsQuery(string? Prompt, string? Workflow);
