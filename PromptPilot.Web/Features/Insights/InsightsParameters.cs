using PromptPilot.Core.Insights;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Web.Api;

namespace PromptPilot.Web.Features.Insights;

/// <summary>The filter of a request.</summary>
internal sealed record InsightsParameters(
    DateTimeOffset? From,
    DateTimeOffset? To,
    string? Unit,
    string? GroupBy,
    bool? Compare,
    string? WorkflowId,
    string? Trigger,
    string? PersonId,
    string? PromptId,
    string? ModelProfileId
)
{
    public Result<InsightsFilter> ToFilter()
    {
        var unit = ApiWords.Read<InsightsUnit>("unit", Unit);
        var group = ApiWords.Read<InsightsGroup>("groupBy", GroupBy);
        var trigger = ApiWords.Read<TriggerType>("trigger", Trigger);
        return (unit.Problem ?? group.Problem ?? trigger.Problem) is { } problem
            ? problem
            : new InsightsFilter(
                From?.UtcDateTime,
                To?.UtcDateTime,
                unit.Value,
                group.Value ?? InsightsGroup.Workflow,
                Compare ?? false,
                WorkflowId,
                trigger.Value,
                PersonId,
                PromptId,
                ModelProfileId
            );
    }
}
