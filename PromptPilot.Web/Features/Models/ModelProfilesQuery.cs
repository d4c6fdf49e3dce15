namespace PromptPilot.Web.Features.Models;

/// <summary>The list of model profiles as its address filters it.</summary>
public sealed record ModelProfilesQuery(string? Text);
