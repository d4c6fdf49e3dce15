using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.Telemetry;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>The runs that this host executes now.</summary>
public sealed class RunExecutions(
    RunLoader loader,
    RunCommitter committer,
    RunFeed feed,
    StepRunner steps,
    ProfileLimiters limiters,
    IOptions<RunsOptions> options,
    TimeProvider time,
    ILoggerFactory loggers
) : IRunExecutions
{
    private readonly ConcurrentDictionary<string, Execution> _executions = [];
    private readonly ILogger _log = loggers.CreateLogger<RunExecutions>();
    private volatile bool _stopping;

    /// <summary>A run that has its slot.</summary>
    private sealed class Execution
    {
        public RunMailbox Mailbox { get; } = new();

        /// <summary>A new run comes with its progress; another one is loaded.</summary>
        public RunAdvance? Prepared { get; init; }

        /// <summary>Held in the feed while the run is executed.</summary>
        public required LiveRun Live { get; init; }

        /// <summary>Null until the run is loaded.</summary>
        public RunExecutor? Executor { get; set; }
    }

    /// <summary>The object that advances a run.</summary>
    internal RunAdvance AdvanceOf(RunProgress progress) => new(progress, limiters, options.Value.RetryDelay, time);

    /// <summary>Keeps a new run that has its slot in memory until it is executed.</summary>
    internal void Prepare(RunAdvance advance)
    {
        // Shown from now on, so that a request that waits for the run finds it in memory.
        var runId = advance.Progress.Run.Id;
        var live = feed.Hold(runId);
        live.Publish(advance.Progress.State);
        _executions[runId] = new Execution { Prepared = advance, Live = live };
    }

    /// <summary>True when a run is executed, or about to be, on this host.</summary>
    internal bool IsExecuting(string runId) => _executions.ContainsKey(runId);

    /// <summary>Sends an executing run a request, and waits until that is committed.</summary>
    /// <returns>False when the run is not executed here: the sender has to write it.</returns>
    internal async Task<bool> SendAsync(string runId, RunMessage.Request request) =>
        _executions.TryGetValue(runId, out var execution) && execution.Mailbox.TryPost(request) && await request.Committed;

    /// <inheritdoc/>
    public async Task<DateTime?> ExecuteAsync(string runId)
    {
        if (!_executions.TryGetValue(runId, out var execution))
        {
            _executions[runId] = execution = new Execution { Live = feed.Hold(runId) };
        }

        try
        {
            return await ExecuteAsync(runId, execution);
        }
        catch (JournalClosedException)
        {
            _log.LogInformation("Run {Run} will resume at the next start", runId);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "The execution of run {Run} failed", runId);
            await FailAsync(runId, CauseOf(exception));
        }
        finally
        {
            execution.Mailbox.Close();
            _executions.TryRemove(runId, out _);
            feed.Release(execution.Live);
        }

        return null;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _stopping = true;
        foreach (var execution in _executions.Values)
        {
            execution.Executor?.Stop();
        }
    }

    /// <inheritdoc/>
    public void Interrupt()
    {
        foreach (var execution in _executions.Values)
        {
            execution.Executor?.Interrupt();
        }
    }

    /// <returns>The time at which the run resumes, if it parked.</returns>
    private async Task<DateTime?> ExecuteAsync(string runId, Execution execution)
    {
        if (_stopping && execution.Prepared is null)
        {
            // Nothing was begun: it resumes at the next start.
            return null;
        }

        if (execution.Prepared is not { } advance)
        {
            if (await loader.LoadAsync(runId, CancellationToken.None) is not { State.IsFinished: false } loaded)
            {
                return null;
            }

            advance = AdvanceOf(loaded);
            execution.Live.Publish(loaded.State);
        }

        using var attempts = new RunAttempts(steps, advance, execution.Live, execution.Mailbox);
        var executor = new RunExecutor(
            advance,
            attempts,
            execution.Mailbox,
            committer,
            limiters,
            options.Value,
            time,
            loggers.CreateLogger<RunExecutor>()
        );
        execution.Executor = executor;
        if (_stopping)
        {
            executor.Stop();
        }

        using var span = RunTelemetry.Begin(advance.Progress.State);
        await executor.ExecuteAsync();
        var state = advance.Progress.State;
        RunTelemetry.End(span, state);
        return state.Status == RunStatus.Waiting ? state.ResumeAt : null;
    }

    /// <summary>The error of a run whose execution failed.</summary>
    private static string CauseOf(Exception exception) =>
        exception switch
        {
            EntryUnwritableException => exception.Message,
            RunUnreadableException => $"The run cannot continue. {exception.Message} Start a new run.",
            RunPlanException => $"The run cannot continue. {exception.Message}",
            _ => "The run failed because of a bug in PromptPilot. The server log has the details; please report it.",
        };

    /// <summary>
    /// Every run ends: one whose executor threw is claimed again, which locks the old executor out, and marked as failed. If what it has
    /// so far cannot be written either, its row alone is.
    /// </summary>
    private async Task FailAsync(string runId, string cause)
    {
        try
        {
            await FailAsync(await loader.LoadAsync(runId, CancellationToken.None, evenUnplanned: true), cause);
        }
        catch (EntryUnwritableException exception)
        {
            _log.LogError(exception, "Marking run {Run} as failed without its steps", runId);
            await FailByRowAsync(runId, cause);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {Run} could not be marked as failed; it will resume once its lease expires", runId);
        }
    }

    private async Task FailByRowAsync(string runId, string cause)
    {
        try
        {
            await FailAsync(await loader.LoadRowAsync(runId, CancellationToken.None), cause);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "Run {Run} could not be marked as failed; it will resume once its lease expires", runId);
        }
    }

    private async Task FailAsync(RunProgress? progress, string cause)
    {
        if (progress is not { State.IsFinished: false })
        {
            return;
        }

        committer.Claim(progress);
        progress.CloseOpenAttempts(new ModelFault(ErrorCode.Internal, cause));
        progress.ReleaseLease();
        progress.Add(
            RunEventType.Finished,
            payload: new RunEventPayload { Status = RunStatus.Failed, Error = new RunError(ErrorCode.Internal, cause, null) }
        );
        await committer.CommitAsync(progress);
    }
}
