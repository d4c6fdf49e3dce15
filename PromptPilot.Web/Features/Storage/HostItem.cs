using PromptPilot.Core.Storage;

namespace PromptPilot.Web.Features.Storage;

/// <summary>The hosts that share the database; none on SQLite.</summary>
internal sealed record HostList(IReadOnlyList<HostItem> Items);

/// <summary>A host in the API.</summary>
/// <param name="IsThis">Whether it is the host that answers.</param>
/// <param name="Reason">Why it cannot do its work; null if it can.</param>
/// <param name="RenewedSecondsAgo">When it renewed its lease.</param>
/// <param name="DatabaseMs">How long its last renewal took.</param>
/// <param name="NotificationLagMs">How late it learns of changes on other hosts; null without another host.</param>
/// <param name="ClockMs">How far its clock is ahead of the database's.</param>
/// <param name="BackgroundWork">Names separated by commas, or <c>all</c>; null if another host does it.</param>
internal sealed record HostItem(
    string Id,
    string Name,
    bool IsThis,
    HostCondition Condition,
    string? Reason,
    string Version,
    DateTime StartedAt,
    int Runs,
    int? Slots,
    int RenewedSecondsAgo,
    int? DatabaseMs,
    bool IsListening,
    int? NotificationLagMs,
    string? Redis,
    int? ClockMs,
    string? BackgroundWork
)
{
    public static HostItem Of(HostView host, string here) =>
        new(
            host.Id,
            host.Name,
            host.Id == here,
            host.Condition,
            HostWords.Reason(host),
            host.Version,
            host.StartedAt,
            host.Runs,
            host.Slots,
            host.SecondsSilent,
            host.RoundTripMs,
            host.IsListening,
            host.LagMs,
            host.Redis,
            host.ClockMs,
            host.Duties
        );
}
