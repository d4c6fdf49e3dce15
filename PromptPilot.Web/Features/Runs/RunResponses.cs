using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;

namespace PromptPilot.Web.Features.Runs;

/// <summary>A run that was accepted.</summary>
internal sealed record StartedRunResponse(string Id, RunStatus Status);

/// <summary>What starts a run: the inputs by name.</summary>
internal sealed record StartRunBody(Dictionary<string, JsonElement>? Inputs);

/// <summary>A run in a list. Cost is in USD.</summary>
internal sealed record RunSummaryResponse(
    string Id, string WorkflowId, string WorkflowName, int? WorkflowVersion, RunStatus Status, TriggerType TriggerKind, string? StartedBy,
    DateTime QueuedAt, DateTime? StartedAt, DateTime? FinishedAt, long? DurationMs, long InputTokens, long OutputTokens, decimal Cost, ErrorCode? ErrorCode, string? ErrorMessage)
{
    public static RunSummaryResponse From(RunListItem item) => new(
        item.Id, item.WorkflowId, item.WorkflowName, item.WorkflowVersion, item.Status, item.TriggerKind, item.StartedBy,
        item.QueuedAt, item.StartedAt, item.FinishedAt, item.DurationMs, item.InputTokens, item.OutputTokens, Money.ToUsd(item.Cost), item.ErrorCode, item.ErrorMessage);
}

/// <summary>A run, whole. Cost is in USD; outputs are by output key.</summary>
internal sealed record RunResponse(
    string Id, string WorkflowId, string WorkflowName, int? WorkflowVersion, string? ParentRunId, RunStatus Status,
    IReadOnlyDictionary<string, JsonElement> Inputs, IReadOnlyDictionary<string, JsonElement>? Outputs, RunError? Error,
    TriggerType TriggerKind, string? StartedBy, DateTime QueuedAt, DateTime? StartedAt, DateTime? FinishedAt, long? DurationMs,
    long InputTokens, long OutputTokens, decimal Cost, IReadOnlyList<StepResponse>? Steps)
{
    public static RunResponse From(RunView view, bool withSteps = true) => new(
        view.Id, view.WorkflowId, view.WorkflowName, view.WorkflowVersion, view.ParentRunId, view.Status, view.Inputs, view.Outputs, view.Error,
        view.TriggerKind, view.StartedBy, view.QueuedAt, view.StartedAt, view.FinishedAt, view.DurationMs,
        view.InputTokens, view.OutputTokens, Money.ToUsd(view.Cost), withSteps ? [.. view.Steps.Select(StepResponse.From)] : null);
}

/// <summary>A step of a run. <paramref name="Partial"/> has what an attempt in flight has written so far.</summary>
internal sealed record StepResponse(
    string StepId, string OutputKey, StepStatus Status, int Attempts, string? Output, PartialResponse? Partial, IReadOnlyList<StepLogResponse> Logs)
{
    public static StepResponse From(StepView step) => new(
        step.StepId, step.OutputKey, step.Status, step.Attempts.Count, step.Output(),
        step.Attempts is [.., { IsOpen: true } open] ? new PartialResponse(open.Attempt, open.ItemIndex, open.Text) : null,
        [.. step.Attempts.Where(attempt => attempt.Log is not null).Select(attempt => StepLogResponse.From(attempt.Log!))]);
}

/// <summary>The text of an attempt in flight, up to now.</summary>
internal sealed record PartialResponse(int Attempt, int? ItemIndex, string Text);

/// <summary>One recorded attempt. Cost is in USD.</summary>
internal sealed record StepLogResponse(
    string Id, string PromptId, string PromptVersionId, int Attempt, int? ItemIndex, IReadOnlyDictionary<string, JsonElement> Input, string Output, string ModelUsed,
    ExecutionStatus Status, ErrorCode? ErrorCode, string? ErrorMessage, bool Truncated, DateTime Timestamp, long DurationMs, long? FirstTokenMs, int InputTokens, int OutputTokens, decimal Cost)
{
    public static StepLogResponse From(ExecutionLog log) => new(
        log.Id, log.PromptId, log.PromptVersionId, log.Attempt, log.ItemIndex, log.Input, log.Output, log.ModelUsed,
        log.Status, log.ErrorCode, log.ErrorMessage, log.Truncated, log.Timestamp, log.DurationMs, log.FirstTokenMs, log.InputTokens, log.OutputTokens, Money.ToUsd(log.Cost));
}

/// <summary>Text that arrived in an attempt. Offsets count UTF-16 code units.</summary>
internal sealed record DeltaResponse(string StepId, int? ItemIndex, int Attempt, int Offset, string Text);
