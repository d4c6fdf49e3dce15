using PromptPilot.Core.Insights;
using PromptPilot.Web.Features.Runs;

namespace PromptPilot.Web.Features.Insights;

/// <summary>The URL of an exported table, with the parameter names of the API.</summary>
internal sealed record InsightsExport(
    string? From,
    string? To,
    string? Unit,
    string? GroupBy,
    string? WorkflowId,
    string? Trigger,
    string? PersonId,
    string? PromptId,
    string? ModelProfileId,
    string? Table
)
{
    public static InsightsExport Of(InsightsFilter filter, string table) =>
        new(
            RunTimes.ToWord(filter.From),
            RunTimes.ToWord(filter.To),
            filter.Unit?.ToString(),
            filter.GroupBy.ToString(),
            filter.WorkflowId,
            filter.Trigger?.ToString(),
            filter.PersonId,
            filter.PromptId,
            filter.ModelProfileId,
            table
        );
}
