using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Runs;

/// <summary>The outcome of an attempt.</summary>
public enum ExecutionStatus
{
    Success,
    Error,
    Timeout,
}

/// <summary>Who made a call outside of runs, if not a person in the playground.</summary>
public enum CallSource
{
    /// <summary>An application had the portal call a prompt.</summary>
    Application,

    /// <summary>An application called the model itself and reported it.</summary>
    Reported,
}

/// <summary>
/// One attempt of one step for one item, or one call outside of runs (without run, workflow and step). Inserted once, when the attempt
/// ends.
/// </summary>
public sealed class ExecutionLog
{
    public string Id { get; set; } = Ids.New();

    public string? RunId { get; set; }

    public string? WorkflowId { get; set; }

    public string? StepId { get; set; }

    public string? OutputKey { get; set; }

    public required string PromptId { get; set; }

    public required string PromptVersionId { get; set; }

    /// <summary>
    /// The labels of parts that were resolved for it, and the versions they were on; null when none of its parts follows one.
    /// </summary>
    public Dictionary<string, string>? PartVersions { get; set; }

    /// <summary>Null for steps and for the playground.</summary>
    public CallSource? Source { get; set; }

    /// <summary>Empty for a reported call: it used no profile of the portal.</summary>
    public required string ModelProfileId { get; set; }

    /// <summary>Which profile failed, how, and which one was called instead; null if the step's own profile was called.</summary>
    public string? FallbackReason { get; set; }

    /// <summary>0-based; null unless the step fans out.</summary>
    public int? ItemIndex { get; set; }

    public int Attempt { get; set; } = 1;

    /// <summary>The values of the prompt's variables as rendered.</summary>
    public Dictionary<string, JsonElement> Input { get; set; } = [];

    /// <summary>The model's text; of a failed attempt, what had arrived.</summary>
    public string Output { get; set; } = "";

    /// <summary>The model the provider reported, else the configured one.</summary>
    public required string ModelUsed { get; set; }

    public ExecutionStatus Status { get; set; }

    public ErrorCode? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    /// <summary>The answer ended at the token limit.</summary>
    public bool Truncated { get; set; }

    /// <summary>The provider's own word for how the answer ended, e.g. <c>stop</c> or <c>eos</c>; null if it gave none.</summary>
    public string? FinishReason { get; set; }

    /// <summary>The provider did not say how many tokens there were, of input, output or both: they are estimated.</summary>
    public bool EstimatedTokens { get; set; }

    /// <summary>The attempt's start.</summary>
    public DateTime Timestamp { get; set; }

    /// <summary>Duration of the attempt, without the wait before it.</summary>
    public long DurationMs { get; set; }

    public long? FirstTokenMs { get; set; }

    public int InputTokens { get; set; }

    public int OutputTokens { get; set; }

    /// <summary>Part of <see cref="OutputTokens"/> that the model used to think.</summary>
    public int ReasoningTokens { get; set; }

    /// <summary>Part of <see cref="InputTokens"/> that came from the provider's cache.</summary>
    public int CachedTokens { get; set; }

    /// <summary>Part of <see cref="InputTokens"/> that was written to the provider's cache.</summary>
    public int CacheWriteTokens { get; set; }

    /// <summary>What the cache saved, in nano-USD; negative if writing to it cost more than reading saved.</summary>
    public long CacheSaving { get; set; }

    /// <summary>What the model wrote while it thought; never part of the output. Null if the provider returned nothing.</summary>
    public string? Thinking { get; set; }

    /// <summary>Cost in nano-USD.</summary>
    public long Cost { get; set; }

    /// <summary>The user who started the run or made the call; for a program, the owner of its key.</summary>
    public string? UserId { get; set; }

    /// <summary>Records the details of the reply other than text and fault.</summary>
    internal void Count(ModelReply reply)
    {
        (ModelUsed, InputTokens, OutputTokens, Cost) = (reply.ModelUsed, reply.InputTokens, reply.OutputTokens, reply.Cost);
        (ReasoningTokens, Thinking) = (reply.ReasoningTokens, reply.Thinking.Length == 0 ? null : reply.Thinking);
        (CachedTokens, CacheWriteTokens, CacheSaving) = (reply.CachedTokens, reply.CacheWriteTokens, reply.CacheSaving);
        (FinishReason, EstimatedTokens, Truncated) = (reply.FinishReason, reply.HasEstimatedUsage, reply.Truncated);
        FirstTokenMs = (long?)reply.FirstTokenAfter?.TotalMilliseconds;
    }

    /// <summary>Records how the attempt failed.</summary>
    internal void Fail(ModelFault fault)
    {
        Status = fault.Code == Models.ErrorCode.Timeout ? ExecutionStatus.Timeout : ExecutionStatus.Error;
        ErrorCode = fault.Code;
        ErrorMessage = Unicode.WellFormed(fault.Message);
    }
}
