using Microsoft.Extensions.Logging;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Tokens;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Execution;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Journal;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Calls;

/// <summary>
/// Makes a call outside of any run, for the playground and for applications: reserved in the profile's budget, let through by the profile's
/// limits, and written by the journal as an ExecutionLog without workflow and step.
/// </summary>
public sealed class PromptCaller(
    IModelGateway gateway,
    ModelProfiles profiles,
    CallTurns turns,
    RunBudgets budgets,
    RunJournal journal,
    FileUses uses,
    TimeProvider time,
    ILogger<PromptCaller> log
)
{
    /// <summary>Longest time a call waits for a profile that is at its limit.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Calls once, without retry, and returns the committed log for any outcome of the call; only a call that could not
    /// begin is a problem.
    /// </summary>
    /// <param name="actor">Whose turn it is when calls wait for the profile.</param>
    /// <param name="record">Describes the call; receives the outcome.</param>
    /// <param name="request">What is sent, to the record's profile.</param>
    internal async Task<Result<ExecutionLog>> CallAsync(
        Actor actor,
        ExecutionLog record,
        ModelRequest request,
        LiveText text,
        CancellationToken cancellationToken
    )
    {
        if (!await turns.TakeAsync(record.ModelProfileId, actor, Patience, cancellationToken))
        {
            return new Problem(ProblemKind.TooMany, "This model profile is at its limit. Wait a moment, then run again.", []);
        }

        BudgetReservation? reservation = null;
        record.Timestamp = time.GetUtcNow().UtcDateTime;
        var started = time.GetTimestamp();
        try
        {
            reservation = await MakeAsync(record, request, text, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.LogError(exception, "A call of prompt version {Version} failed because of a bug", record.PromptVersionId);
            record.Output = Unicode.WellFormed(text.ToString());
            record.Fail(
                new ModelFault(ErrorCode.Internal, "This is a bug in PromptPilot. The server log has the details; please report it.")
            );
        }
        finally
        {
            turns.Release(record.ModelProfileId, wasCalled: record.ErrorCode != ErrorCode.Budget);
        }

        record.DurationMs = (long)time.GetElapsedTime(started).TotalMilliseconds;
        try
        {
            await uses.KeepAsync(FileOwner.Call, record.Id, record.Input.Values, CancellationToken.None);
            await journal.RecordCallAsync(record);
        }
        finally
        {
            // Also of a call that could not be recorded: it was paid for.
            reservation?.Settle(record.Cost);
        }

        text.Complete();
        return record;
    }

    private async Task<BudgetReservation?> MakeAsync(
        ExecutionLog record,
        ModelRequest request,
        LiveText text,
        CancellationToken cancellationToken
    )
    {
        var bound = await budgets.UpperBoundAsync(request, CancellationToken.None);
        var reserved = await budgets.ReserveAsync(null, null, request.ProfileId, bound, 0, CancellationToken.None);
        if (!reserved.IsOk)
        {
            record.Fail(new ModelFault(ErrorCode.Budget, reserved.Problem.Message));
            return null;
        }

        var isSent = !cancellationToken.IsCancellationRequested;
        try
        {
            var reply = await gateway.CallAsync(request, text.Append, cancellationToken);
            record.Output = Unicode.WellFormed(reply.Text);
            record.Count(reply);
            if (reply.Fault is { } fault)
            {
                record.Fail(fault);
            }

            turns.Report(request.ProfileId, reply.Fault);
        }
        catch (OperationCanceledException)
        {
            if (isSent)
            {
                await EstimateAsync(record, request, text);
            }

            record.Output = Unicode.WellFormed(text.ToString());
            record.Fail(new ModelFault(ErrorCode.Cancelled, "The call was cancelled."));
        }
        catch
        {
            reserved.Value.Dispose();
            throw;
        }

        return reserved.Value;
    }

    /// <summary>
    /// A call that was interrupted is billed for what the model has read and written, but its usage is not reported. This also applies
    /// before the first text: otherwise, callers who always disconnect just before it would use none of a budget.
    /// </summary>
    private async Task EstimateAsync(ExecutionLog record, ModelRequest request, LiveText text)
    {
        if (await profiles.FindAsync(request.ProfileId, CancellationToken.None) is { } profile)
        {
            record.InputTokens = request.EstimateTokens(profile);
            record.OutputTokens = TokenEstimate.Of(text.ToString());
            record.Cost = profile.Prices.Cost(record.InputTokens, record.OutputTokens);
        }
    }
}
