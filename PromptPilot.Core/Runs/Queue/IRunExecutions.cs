namespace PromptPilot.Core.Runs.Queue;

/// <summary>Executes runs that have a slot: what the scheduler knows of the engine. Tests have another one.</summary>
public interface IRunExecutions
{
    /// <summary>
    /// Executes a run until it ends, parks or is left to another host. Whatever goes wrong is the run's, not the caller's.
    /// </summary>
    /// <returns>When a parked run is to resume (UTC); null when it has ended or waits for a person.</returns>
    Task<DateTime?> ExecuteAsync(string runId);

    /// <summary>Runs start no further attempts; attempts in flight may end.</summary>
    void Stop();

    /// <summary>Ends the attempts in flight as <c>interrupted</c>.</summary>
    void Interrupt();
}
