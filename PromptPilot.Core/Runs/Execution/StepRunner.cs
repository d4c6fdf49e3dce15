using System.Text.Json;
using Microsoft.Extensions.Logging;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs.Execution;

/// <summary>Makes one attempt of one step, and turns whatever comes of it into an ExecutionLog.</summary>
internal sealed class StepRunner(IModelGateway gateway, TimeProvider time, ILogger<StepRunner> log)
{
    /// <summary>Binds, renders, calls the model. Never throws: bugs end as <c>internal</c>.</summary>
    /// <param name="cancel">A person cancelled the run.</param>
    /// <param name="interrupt">The host stops, or lost the run.</param>
    public async Task<ExecutionLog> AttemptAsync(
        WorkflowRun run, PlannedStep step, int attempt, IReadOnlyDictionary<string, JsonElement> context, LiveText text, Action changed, CancellationToken cancel, CancellationToken interrupt)
    {
        var started = time.GetTimestamp();
        var record = new ExecutionLog
        {
            RunId = run.Id,
            WorkflowId = run.WorkflowId,
            StepId = step.Id,
            OutputKey = step.OutputKey,
            PromptId = step.Prompt.PromptId,
            PromptVersionId = step.Prompt.Id,
            ModelProfileId = step.ProfileId,
            Attempt = attempt,
            ModelUsed = "",
            Timestamp = time.GetUtcNow().UtcDateTime,
            UserId = run.StartedBy,
        };
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, interrupt);
        try
        {
            await CallAsync(record, step, context, text, changed, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            record.Output = Unicode.WellFormed(text.ToString());
            Fail(record, cancel.IsCancellationRequested
                ? new ModelFault(ErrorCode.Cancelled, "The run was cancelled while this attempt was running.")
                : new ModelFault(ErrorCode.Interrupted, "The host stopped during this attempt. The step is tried again when it is back."));
        }
        catch (Exception exception)
        {
            log.LogError(exception, "Attempt {Attempt} of step {Step} of run {Run} failed by a bug", attempt, step.OutputKey, run.Id);
            record.Output = Unicode.WellFormed(text.ToString());
            Fail(record, new ModelFault(ErrorCode.Internal, "PromptPilot made a mistake here. The log of the host has the details; please report it."));
        }

        record.DurationMs = (long)time.GetElapsedTime(started).TotalMilliseconds;
        return record;
    }

    private async Task CallAsync(
        ExecutionLog record, PlannedStep step, IReadOnlyDictionary<string, JsonElement> context, LiveText text, Action changed, CancellationToken cancellationToken)
    {
        var values = step.Bind(context, cancellationToken);
        if (!values.IsOk)
        {
            Fail(record, new ModelFault(ErrorCode.BadRequest, values.Problem.Message));
            return;
        }

        record.Input = values.Value;
        var rendered = PromptText.Render(step.Prompt.Content, step.Prompt.SystemMessage, step.Prompt.VariableDefinitions, values.Value, cancellationToken);
        if (!rendered.IsOk)
        {
            Fail(record, new ModelFault(ErrorCode.BadRequest, rendered.Problem.Message));
            return;
        }

        var request = new ModelRequest(step.ProfileId, step.OutputKey, rendered.Value.SystemMessage, rendered.Value.Content);
        var reply = await gateway.CallAsync(
            request,
            piece =>
            {
                text.Append(piece);
                changed();
            },
            cancellationToken);
        record.Output = Unicode.WellFormed(reply.Text);
        record.ModelUsed = reply.ModelUsed;
        record.InputTokens = reply.InputTokens;
        record.OutputTokens = reply.OutputTokens;
        record.Cost = reply.Cost;
        record.Truncated = reply.Truncated;
        record.FirstTokenMs = (long?)reply.FirstTokenAfter?.TotalMilliseconds;
        if (reply.Fault is { } fault)
        {
            Fail(record, fault);
        }
    }

    private static void Fail(ExecutionLog record, ModelFault fault)
    {
        record.Status = fault.Code == ErrorCode.Timeout ? ExecutionStatus.Timeout : ExecutionStatus.Error;
        record.ErrorCode = fault.Code;
        record.ErrorMessage = fault.Message;
    }
}
