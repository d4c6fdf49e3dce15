using System.ComponentModel;
using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Triggers;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Runs.Api;

/// <summary>A run that was accepted.</summary>
internal sealed record StartedRunResponse(string Id, RunStatus Status);

/// <summary>The request to start a run: the inputs by name.</summary>
internal sealed record StartRunBody(Dictionary<string, JsonElement>? Inputs);

/// <summary>A run in a list. Cost is in USD.</summary>
internal sealed record RunSummaryResponse(
    string Id,
    string WorkflowId,
    string WorkflowName,
    int? WorkflowVersion,
    RunStatus Status,
    TriggerType TriggerKind,
    string? StartedBy,
    DateTime QueuedAt,
    DateTime? StartedAt,
    DateTime? FinishedAt,
    long? DurationMs,
    long InputTokens,
    long OutputTokens,
    decimal Cost,
    ErrorCode? ErrorCode,
    string? ErrorMessage,
    bool Pinned,
    [property: Description("A test of the draft, started in the designer.")] bool IsDraft,
    [property: Description("For a draft: the output key of the step if only one was tested.")] string? OnlyStep
)
{
    public static RunSummaryResponse From(RunListItem item) =>
        new(
            item.Id,
            item.WorkflowId,
            item.WorkflowName,
            item.WorkflowVersion,
            item.Status,
            item.TriggerKind,
            item.StartedBy,
            item.QueuedAt,
            item.StartedAt,
            item.FinishedAt,
            item.DurationMs,
            item.InputTokens,
            item.OutputTokens,
            Money.ToUsd(item.Cost),
            item.ErrorCode,
            item.ErrorMessage,
            item.Pinned,
            item.IsDraft,
            item.OnlyStep
        );
}

/// <summary>A run, whole. Cost is in USD; outputs are by output key.</summary>
internal sealed record RunResponse(
    string Id,
    string WorkflowId,
    string WorkflowName,
    int? WorkflowVersion,
    string? ParentRunId,
    RunStatus Status,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    IReadOnlyDictionary<string, JsonElement>? Outputs,
    RunError? Error,
    TriggerType TriggerKind,
    string? StartedBy,
    DateTime QueuedAt,
    DateTime? StartedAt,
    DateTime? FinishedAt,
    long? DurationMs,
    long InputTokens,
    long OutputTokens,
    decimal Cost,
    IReadOnlyList<StepResponse>? Steps
)
{
    /// <summary>For a waiting run: when it resumes automatically.</summary>
    public DateTime? ResumeAt { get; init; }

    /// <summary>For a waiting run: what it waits for.</summary>
    public string? WaitReason { get; init; }

    /// <summary>For a queued run: its position in the queue, from 1.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>True if it is kept regardless of retention.</summary>
    public bool Pinned { get; init; }

    [Description("A test of the draft, started in the designer.")]
    public bool IsDraft { get; init; }

    [Description("For a draft: the output key of the step if only one was tested.")]
    public string? OnlyStep { get; init; }

    public static RunResponse From(RunState view, bool withSteps = true) =>
        new(
            view.Id,
            view.WorkflowId,
            view.WorkflowName,
            view.WorkflowVersion,
            view.ParentRunId,
            view.Status,
            view.Inputs,
            view.Outputs,
            view.Error,
            view.TriggerKind,
            view.StartedBy,
            view.QueuedAt,
            view.StartedAt,
            view.FinishedAt,
            view.DurationMs,
            view.InputTokens,
            view.OutputTokens,
            Money.ToUsd(view.Cost),
            withSteps ? [.. view.Steps.Select(StepResponse.From)] : null
        )
        {
            ResumeAt = view.ResumeAt,
            WaitReason = view.WaitReason,
            QueuePosition = view.QueuePosition,
            Pinned = view.Pinned,
            IsDraft = view.IsDraft,
            OnlyStep = view.OnlyStep,
        };
}

/// <summary>The parts of an ended run that most callers need. Outputs are by output key.</summary>
internal sealed record RunOutputsResponse(string Id, RunStatus Status, IReadOnlyDictionary<string, JsonElement>? Outputs, RunError? Error)
{
    public static RunOutputsResponse From(RunState view) => new(view.Id, view.Status, view.Outputs, view.Error);
}

/// <summary>A step of a run. <paramref name="Partials"/> has what attempts in flight have written so far.</summary>
internal sealed record StepResponse(
    string StepId,
    string OutputKey,
    StepStatus Status,
    int Attempts,
    JsonElement? Output,
    IReadOnlyList<PartialResponse>? Partials,
    IReadOnlyList<ExecutionLogBody> Logs
)
{
    /// <summary>Why it was skipped, or a default is used.</summary>
    public string? Reason { get; init; }

    /// <summary>For a step with <c>forEach</c> that has begun: the number of items.</summary>
    public int? Items { get; init; }

    /// <summary>A default replaces the output, or for some items.</summary>
    public bool Defaulted { get; init; }

    /// <summary>Taken over from another run.</summary>
    public bool Reused { get; init; }

    public ReviewResponse? Review { get; init; }

    /// <summary>
    /// A step with only its new logs. Otherwise a long list would be sent completely with each of its items.
    /// </summary>
    public static StepResponse Change(StepState before, StepState after)
    {
        // The order of attempts never changes, so those that got a log since are new.
        var logs = after
            .Attempts.Select((attempt, place) => (attempt.Log, Before: place < before.Attempts.Count ? before.Attempts[place].Log : null))
            .Where(pair => pair.Before is null)
            .Select(pair => pair.Log)
            .OfType<ExecutionLog>();
        return Of(after, null, logs);
    }

    public static StepResponse From(StepState step)
    {
        var open = step.OpenAttempts.Select(attempt => new PartialResponse(attempt.Attempt, attempt.ItemIndex, attempt.Text)).ToList();
        return Of(step, open.Count == 0 ? null : open, step.Attempts.Select(attempt => attempt.Log).OfType<ExecutionLog>());
    }

    private static StepResponse Of(StepState step, IReadOnlyList<PartialResponse>? partials, IEnumerable<ExecutionLog> logs) =>
        new(step.StepId, step.OutputKey, step.Status, step.Attempts.Count, step.Value, partials, [.. logs.Select(ExecutionLogBody.Of)])
        {
            Reason = step.Reason,
            Items = step.ItemCount,
            Defaulted = step.IsDefaulted,
            Reused = step.IsReused,
            Review = step.Review is { } review ? new ReviewResponse(review, step) : null,
        };
}

/// <summary>A review of a step's output: the request and the answer.</summary>
internal sealed record ReviewResponse(
    DateTime AskedAt,
    DateTime? Until,
    string? Instructions,
    JsonElement? Output,
    ReviewVerdict? Verdict,
    string? By,
    string? Reason,
    DateTime? AnsweredAt
)
{
    public ReviewResponse(ReviewState review, StepState step)
        : this(
            review.AskedAt,
            review.Until,
            step.Options.Review?.Instructions,
            review.IsOpen ? step.Result : null,
            review.Verdict,
            review.By,
            review.Reason,
            review.AnsweredAt
        ) { }
}

/// <summary>The text of an attempt in flight, up to now.</summary>
internal sealed record PartialResponse(int Attempt, int? ItemIndex, string Text);

/// <summary>Text that arrived in an attempt. Offsets count UTF-16 code units.</summary>
internal sealed record DeltaResponse(string StepId, int? ItemIndex, int Attempt, int Offset, string Text);
