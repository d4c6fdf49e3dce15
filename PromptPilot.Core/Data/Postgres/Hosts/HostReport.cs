namespace PromptPilot.Core.Data.Postgres.Hosts;

/// <summary>What a host writes about itself into its row.</summary>
/// <param name="RoundTripMs">Duration of the previous renewal.</param>
/// <param name="ClockMs">How far its clock is ahead of the database's.</param>
/// <param name="LagMs">How long after a commit of another host it was notified.</param>
/// <param name="Redis">State of the connection to Redis.</param>
/// <param name="Slots">How many runs it executes at a time.</param>
/// <param name="NotReady">Why it is not ready; null if it is.</param>
/// <param name="Duties">Its background work.</param>
internal sealed record HostReport(int? RoundTripMs, int? ClockMs, int? LagMs, string? Redis, int? Slots, string? NotReady, string? Duties);
