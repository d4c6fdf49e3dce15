using System.Text.Json;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Integrations;

/// <summary>An output that waits for a person.</summary>
/// <param name="Until">When its time is over; null: never.</param>
public sealed record HookReview(string StepId, string OutputKey, string? Instructions, DateTime? Until);

/// <summary>A change request, as it was when something happened to it.</summary>
/// <param name="PromptId">Null for the publishing of a workflow.</param>
/// <param name="Label">The label that is to move; null for the publishing of a workflow.</param>
/// <param name="Name">The name of the prompt or workflow.</param>
/// <param name="FromVersion">The version before; null: none.</param>
/// <param name="ToVersion">The version after; null: the draft of a workflow.</param>
/// <param name="By">The person who did what happened.</param>
/// <param name="Reason">Why it was rejected or overridden.</param>
public sealed record HookChange(
    string ChangeRequestId,
    ChangeStatus Status,
    string? PromptId,
    string? Label,
    string Name,
    string? FromVersion,
    string? ToVersion,
    string? RequestedBy,
    string By,
    string? Note,
    string? Reason
);

/// <summary>The content of a delivery, for any kind of hook. Stored with the delivery, so that each attempt sends the same.</summary>
public sealed record HookPayload
{
    /// <summary>
    /// The most that outputs may hold together, in characters of JSON. Others are left out and named: the run's page has them.
    /// </summary>
    public const int MaxOutputs = 1_000_000;

    /// <summary>Null: a test.</summary>
    public HookEvent? Event { get; init; }

    public DateTime At { get; init; }

    public string? RunId { get; init; }

    public required string WorkflowId { get; init; }

    public required string WorkflowName { get; init; }

    public int? WorkflowVersion { get; init; }

    public RunStatus? Status { get; init; }

    public TriggerType? TriggerKind { get; init; }

    public DateTime? StartedAt { get; init; }

    public DateTime? FinishedAt { get; init; }

    public long? DurationMs { get; init; }

    /// <summary>The chosen outputs, by key, in the order of the steps.</summary>
    public Dictionary<string, JsonElement> Outputs { get; init; } = [];

    /// <summary>Keys of chosen outputs that were too long.</summary>
    public IReadOnlyList<string> OmittedOutputs { get; init; } = [];

    public RunError? Error { get; init; }

    public IReadOnlyList<HookReview> Reviews { get; init; } = [];

    /// <summary>Null: it is about a run, or a test.</summary>
    public HookChange? Change { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the request that started the run; null when monitoring was off.</summary>
    public string? Trace { get; init; }

    /// <summary>The page that shows what happened; null for a test.</summary>
    internal string? Path =>
        Change is { } change ? $"/changes/{change.ChangeRequestId}"
        : RunId is { } runId ? $"/runs/{runId}"
        : null;

    /// <summary>The payload for a run in its current state.</summary>
    /// <param name="outputs">The keys that go in; null: all.</param>
    /// <param name="asked">Ids of the steps whose review was just requested.</param>
    internal static HookPayload Of(
        HookEvent what,
        RunState state,
        IReadOnlyList<string>? outputs,
        IReadOnlyCollection<string> asked,
        DateTime at
    )
    {
        var (chosen, omitted, room) = (new Dictionary<string, JsonElement>(), new List<string>(), MaxOutputs);
        foreach (var step in state.Steps.Where(step => outputs is null || outputs.Contains(step.OutputKey)))
        {
            if ((step.Value ?? (asked.Contains(step.StepId) ? step.Result : null)) is not { } value)
            {
                continue;
            }

            var length = value.GetRawText().Length;
            if (length > room)
            {
                omitted.Add(step.OutputKey);
                continue;
            }

            room -= length;
            chosen[step.OutputKey] = value;
        }

        return new HookPayload
        {
            Event = what,
            At = at,
            RunId = state.Id,
            WorkflowId = state.WorkflowId,
            WorkflowName = state.WorkflowName,
            WorkflowVersion = state.WorkflowVersion,
            Status = what == HookEvent.Waiting ? RunStatus.Waiting : state.Status,
            TriggerKind = state.TriggerKind,
            StartedAt = state.StartedAt,
            FinishedAt = state.FinishedAt,
            DurationMs = state.DurationMs,
            Outputs = chosen,
            OmittedOutputs = omitted,
            Error = state.Error,
            Trace = state.Trace,
            Reviews =
            [
                .. state
                    .Steps.Where(step => asked.Contains(step.StepId))
                    .Select(step => new HookReview(step.StepId, step.OutputKey, step.Options.Review?.Instructions, step.Review?.Until)),
            ],
        };
    }

    /// <summary>The payload of a test.</summary>
    internal static HookPayload Test(string workflowId, string workflowName, DateTime at) =>
        new()
        {
            At = at,
            WorkflowId = workflowId,
            WorkflowName = workflowName,
        };

    internal string ToJson() => JsonSerializer.Serialize(this, AppJson.Options);

    internal static HookPayload Parse(string json) => JsonSerializer.Deserialize<HookPayload>(json, AppJson.Options)!;
}
