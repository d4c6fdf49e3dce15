using System.Text.Json;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Tokens;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.Queue;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Runs.Telemetry;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>One attempt to be made.</summary>
/// <param name="Context">The values that its expressions read.</param>
/// <param name="RunSpent">Cost of the run so far, in nano-USD.</param>
internal sealed record AttemptRequest(
    WorkflowRun Run,
    PlannedStep Step,
    AttemptKey Key,
    IReadOnlyDictionary<string, JsonElement> Context,
    long RunSpent
)
{
    /// <summary>The attempt in the run's state, which says if a fallback profile is called.</summary>
    public AttemptState? Started { get; init; }

    /// <summary>Id of the model profile that is called.</summary>
    public string ProfileId => Started?.ProfileId ?? Step.ProfileId;
}

/// <summary>Makes one attempt of one step, and records its outcome as an ExecutionLog.</summary>
public sealed class StepRunner(
    IModelGateway gateway,
    ModelProfiles profiles,
    ProfileLimiters limiters,
    RunBudgets budgets,
    CallFiles files,
    TimeProvider time,
    ILogger<StepRunner> log
)
{
    /// <summary>
    /// Binds, renders, reserves, calls the model, checks the answer. Never throws: bugs end as <c>internal</c>. Returns the attempt's
    /// permit.
    /// </summary>
    /// <param name="stop">Ends the attempt early, with a reason.</param>
    internal async Task<AttemptResult> AttemptAsync(AttemptRequest attempt, LiveText text, Action changed, AttemptStop stop)
    {
        using var span = RunTelemetry.Begin(attempt);
        var started = time.GetTimestamp();
        var record = attempt.Step.NewLog(attempt.Run, attempt.Key, time.GetUtcNow().UtcDateTime, attempt.Started);
        var result = new AttemptResult(record, null);
        try
        {
            result = await CallAsync(record, attempt, text, changed, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Reason is { } reason)
        {
            record.Output = Unicode.WellFormed(text.ToString());
            record.Fail(reason);
        }
        catch (Exception exception)
        {
            log.LogError(
                exception,
                "Attempt {Attempt} of step {Step} of run {Run} failed because of a bug",
                attempt.Key.Attempt,
                attempt.Step.OutputKey,
                attempt.Run.Id
            );
            record.Output = Unicode.WellFormed(text.ToString());
            record.Fail(
                new ModelFault(ErrorCode.Internal, "This is a bug in PromptPilot. The server log has the details; please report it.")
            );
        }
        finally
        {
            limiters.Release(attempt.ProfileId, result.WasCalled);
        }

        record.DurationMs = (long)time.GetElapsedTime(started).TotalMilliseconds;
        RunTelemetry.End(span, record);
        return result;
    }

    private async Task<AttemptResult> CallAsync(
        ExecutionLog record,
        AttemptRequest attempt,
        LiveText text,
        Action changed,
        CancellationToken cancellationToken
    )
    {
        var step = attempt.Step;
        var bound = await BindAsync(attempt, cancellationToken);
        if (!bound.IsOk)
        {
            return Refused(record, ErrorCode.BadRequest, bound.Problem.Message);
        }

        record.Input = bound.Value.Logged;
        var rendered = step.Source.Render(step.Prompt.VariableDefinitions, bound.Value.Rendered, cancellationToken);
        if (!rendered.IsOk)
        {
            return Refused(record, ErrorCode.BadRequest, rendered.Problem.Message);
        }

        var options = step.Options;
        var request = new ModelRequest(
            attempt.ProfileId,
            step.OutputKey,
            rendered.Value.Messages,
            options.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null
        )
        {
            Parameters = options.Parameters,
            AsJson = options.OutputFormat == OutputFormat.Json,
            JsonSchema = options.JsonSchema,
            Pictures = bound.Value.Pictures,
        };
        var upperBound = await budgets.UpperBoundAsync(request, cancellationToken);
        var reserved = await budgets.ReserveAsync(
            attempt.Run.Id,
            attempt.Run.WorkflowId,
            attempt.ProfileId,
            upperBound,
            attempt.RunSpent,
            cancellationToken
        );
        if (!reserved.IsOk)
        {
            return Refused(record, ErrorCode.Budget, reserved.Problem.Message);
        }

        var reply = await CallAsync(record, request, text, changed, reserved.Value, cancellationToken);
        Take(record, request, reply);
        UpdateLimiter(attempt.ProfileId, reply.Fault);
        if (reply.Fault is null && request.AsJson && JsonOutput.Read(record.Output, options.JsonSchema) is { IsOk: false } wrong)
        {
            record.Fail(
                new ModelFault(
                    ErrorCode.InvalidOutput,
                    $"{wrong.Problem.Message} Reword the prompt so that it asks for "
                        + $"{(options.JsonSchema is null ? "JSON only" : "JSON that matches the step's schema")}."
                )
            );
        }

        return new AttemptResult(record, reply.Fault?.RetryAfter, reserved.Value);
    }

    /// <summary>The values of the prompt's variables, with the run's files.</summary>
    private async ValueTask<Result<CallValues>> BindAsync(AttemptRequest attempt, CancellationToken cancellationToken)
    {
        var known = FileReference.In(attempt.Run.Inputs.Values.Concat(attempt.Step.FixedValues?.Values ?? []));
        if (known.Count == 0)
        {
            return attempt.Step.Bind(attempt.Context, cancellationToken).Map(CallValues.Plain);
        }

        var documents = await files.ReadAsync(known, cancellationToken);
        return documents.IsOk
            ? attempt
                .Step.Bind(CallFiles.WithTexts(attempt.Context, documents.Value), cancellationToken)
                .Map(values => CallFiles.Split(values, documents.Value))
            : documents.Problem;
    }

    private async Task<ModelReply> CallAsync(
        ExecutionLog record,
        ModelRequest request,
        LiveText text,
        Action changed,
        BudgetReservation reservation,
        CancellationToken cancellationToken
    )
    {
        var isSent = !cancellationToken.IsCancellationRequested;
        try
        {
            return await gateway.CallAsync(
                request,
                piece =>
                {
                    text.Append(piece);
                    changed();
                },
                cancellationToken
            );
        }
        catch (OperationCanceledException)
        {
            if (isSent)
            {
                await EstimateAsync(record, request, text);
            }

            reservation.Settle(record.Cost);
            throw;
        }
        catch
        {
            reservation.Dispose();
            throw;
        }
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
            record.ModelUsed = profile.Model;
        }
    }

    private static AttemptResult Refused(ExecutionLog record, ErrorCode code, string message)
    {
        record.Fail(new ModelFault(code, message));
        return new AttemptResult(record, null) { WasCalled = false };
    }

    private static void Take(ExecutionLog record, ModelRequest request, ModelReply reply)
    {
        var text = Unicode.WellFormed(reply.Text);
        record.Output = request.AsJson ? JsonText.WithoutNul(text) : text;
        record.Count(reply);
        if (reply.Fault is { } fault)
        {
            record.Fail(fault);
        }
    }

    /// <summary>A provider's request to slow down applies to all callers of the profile, not to this run alone.</summary>
    private void UpdateLimiter(string profileId, ModelFault? fault)
    {
        if (fault is null)
        {
            limiters.Succeeded(profileId);
        }
        else if (fault.Code == ErrorCode.RateLimited)
        {
            limiters.SlowDown(profileId, fault.RetryAfter);
        }
    }
}
