using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Runs.Api;

/// <summary>An ExecutionLog as the API shows it.</summary>
/// <param name="ItemIndex">0-based; absent unless the step fans out.</param>
/// <param name="Cost">Cost in USD.</param>
/// <param name="FinishReason">The provider's own word for how the answer ended; absent where it gave none.</param>
/// <param name="EstimatedTokens">The provider did not count the tokens of input, output or both; they are estimated.</param>
/// <param name="Source">Of a call outside of workflows: an application had the portal call, or called itself and reported it. Absent for
/// steps and the playground.</param>
/// <param name="FallbackReason">Which model profile failed, how, and which one was called instead; absent if the step's own
/// profile was called.</param>
/// <param name="ReasoningTokens">Part of outputTokens that the model used to think.</param>
/// <param name="CachedTokens">Part of inputTokens that came from the provider's cache.</param>
/// <param name="CacheWriteTokens">Part of inputTokens that was written to the provider's cache.</param>
/// <param name="CacheSaving">In USD; negative if writing to the cache cost more than reading from it saved.</param>
/// <param name="Thinking">What the model wrote while it thought; absent if the provider returned nothing.</param>
internal sealed record ExecutionLogBody(
    string Id,
    string? WorkflowId,
    string? RunId,
    string? StepId,
    string? OutputKey,
    int? ItemIndex,
    int Attempt,
    string PromptId,
    string PromptVersionId,
    string ModelProfileId,
    IReadOnlyDictionary<string, JsonElement> Input,
    string Output,
    string ModelUsed,
    ExecutionStatus Status,
    ErrorCode? ErrorCode,
    string? ErrorMessage,
    bool Truncated,
    DateTime Timestamp,
    long DurationMs,
    long? FirstTokenMs,
    int InputTokens,
    int OutputTokens,
    decimal Cost,
    string? FinishReason,
    bool EstimatedTokens,
    CallSource? Source,
    string? FallbackReason,
    int ReasoningTokens,
    int CachedTokens,
    int CacheWriteTokens,
    decimal CacheSaving,
    string? Thinking
)
{
    public static ExecutionLogBody Of(ExecutionLog log) =>
        new(
            log.Id,
            log.WorkflowId,
            log.RunId,
            log.StepId,
            log.OutputKey,
            log.ItemIndex,
            log.Attempt,
            log.PromptId,
            log.PromptVersionId,
            log.ModelProfileId,
            log.Input,
            log.Output,
            log.ModelUsed,
            log.Status,
            log.ErrorCode,
            log.ErrorMessage,
            log.Truncated,
            log.Timestamp,
            log.DurationMs,
            log.FirstTokenMs,
            log.InputTokens,
            log.OutputTokens,
            Money.ToUsd(log.Cost),
            log.FinishReason,
            log.EstimatedTokens,
            log.Source,
            log.FallbackReason,
            log.ReasoningTokens,
            log.CachedTokens,
            log.CacheWriteTokens,
            Money.ToUsd(log.CacheSaving),
            log.Thinking
        );
}
