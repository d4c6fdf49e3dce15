using PromptPilot.Core.Workflows;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Workflows;

/// <summary>The list of workflows as its address filters it.</summary>
public sealed record WorkflowsQuery(string? Search, string? Status, string? Tag, string? Owner)
{
    internal WorkflowFilter ToFilter() => new(Search, QueryWord.Enum<WorkflowStatus>(Status), Tag, Owner);
}
