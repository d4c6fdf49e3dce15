namespace PromptPilot.Core.Data.Postgres;

/// <param name="HasSeveralHosts">False: a second host refuses to start.</param>
public sealed record ClusterOptions(bool HasSeveralHosts);
