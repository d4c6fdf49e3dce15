using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Web.Features.Feedback;

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
    string StepId, string OutputKey, StepStatus Status, int Attempts, string? Output, PartialResponse? Partial, IReadOnlyList<ExecutionLogBody> Logs)
{
    public static StepResponse From(StepView step) => new(
        step.StepId, step.OutputKey, step.Status, step.Attempts.Count, step.Output(),
        step.Attempts is [.., { IsOpen: true } open] ? new PartialResponse(open.Attempt, open.ItemIndex, open.Text) : null,
        [.. step.Attempts.Where(attempt => attempt.Log is not null).Select(attempt => ExecutionLogBody.Of(attempt.Log!))]);
}

/// <summary>The text of an attempt in flight, up to now.</summary>
internal sealed record PartialResponse(int Attempt, int? ItemIndex, string Text);

/// <summary>Text that arrived in an attempt. Offsets count UTF-16 code units.</summary>
internal sealed record DeltaResponse(string StepId, int? ItemIndex, int Attempt, int Offset, string Text);
