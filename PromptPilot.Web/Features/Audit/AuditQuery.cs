using PromptPilot.Core.Audit;

namespace PromptPilot.Web.Features.Audit;

/// <summary>The audit log as its address filters it. <c>From</c> and <c>To</c> are instants.</summary>
public sealed record AuditQuery(string? Text, string? Person, string? Action, string? Kind, string? From, string? To)
{
    internal AuditFilter ToFilter() => AuditEndpoints.Filter(Person, Action, Kind, Text, From, To);
}
