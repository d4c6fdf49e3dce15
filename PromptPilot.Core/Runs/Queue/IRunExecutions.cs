namespace PromptPilot.Core.Runs.Queue;

/// <summary>Executes runs that have a slot. The scheduler's view of the engine, with another implementation in tests.</summary>
public interface IRunExecutions
{
    /// <summary>
    /// Executes a run until it ends, parks or is left to another host. Errors are recorded in the run, not thrown to the caller.
    /// </summary>
    /// <returns>The time at which a parked run resumes (UTC); null when it has ended or waits for a person.</returns>
    Task<DateTime?> ExecuteAsync(string runId);

    /// <summary>Runs start no further attempts; attempts in flight may end.</summary>
    void Stop();

    /// <summary>Ends the attempts in flight as <c>interrupted</c>.</summary>
    void Interrupt();
}
