using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Web.Features.Runs;

/// <summary>Advice on errors.</summary>
internal static class RunAdvice
{
    /// <summary>The error in two or three words.</summary>
    public static string Word(ErrorCode code) =>
        code switch
        {
            ErrorCode.RateLimited => "rate limited",
            ErrorCode.Quota => "quota used up",
            ErrorCode.Auth => "key refused",
            ErrorCode.BadRequest => "request refused",
            ErrorCode.ModelUnavailable => "model unavailable",
            ErrorCode.ContextTooLong => "input too long",
            ErrorCode.ContentFiltered => "content filtered",
            ErrorCode.ProviderError => "provider error",
            ErrorCode.Unreachable => "unreachable",
            ErrorCode.Timeout => "timed out",
            ErrorCode.IncompleteStream => "answer cut off",
            ErrorCode.InvalidOutput => "invalid output",
            ErrorCode.Budget => "budget reached",
            ErrorCode.Interrupted => "interrupted",
            ErrorCode.Cancelled => "cancelled",
            ErrorCode.Internal => "internal error",
        };

    /// <summary>The answer to a review in a word.</summary>
    public static string Word(ReviewVerdict verdict) =>
        verdict switch
        {
            ReviewVerdict.Approve => "Approved",
            ReviewVerdict.Edit => "Edited",
            ReviewVerdict.Reject => "Rejected",
        };

    /// <summary>The reason for a failed attempt, as the start of a sentence.</summary>
    public static string Cause(AttemptState attempt) =>
        attempt.ErrorCode is { } code ? $"{char.ToUpperInvariant(Word(code)[0])}{Word(code)[1..]}." : "Failed.";

    public static string WhatToDo(ErrorCode code) =>
        code switch
        {
            ErrorCode.RateLimited => "The provider is rate limiting calls. Wait a moment and run again, or use another model profile.",
            ErrorCode.Quota => "The provider's quota is used up. Top it up, or use another model profile.",
            ErrorCode.Auth => "Ask an admin to enter a valid key in the model profile.",
            ErrorCode.BadRequest => "Check the model name and parameters in the model profile.",
            ErrorCode.ModelUnavailable =>
                "The provider no longer offers this model. Ask an admin to choose another one in the model profile.",
            ErrorCode.ContextTooLong => "Shorten the input, or use a model with a larger context.",
            ErrorCode.ContentFiltered => "The provider refused to answer. Rephrase the prompt or the input.",
            ErrorCode.ProviderError => "The provider failed. Run again. If it keeps failing, check the provider's status page.",
            ErrorCode.Unreachable => "Check that the endpoint in the model profile is right and reachable from this host.",
            ErrorCode.Timeout => "The model took too long. Run again, shorten the input, or raise the timeout.",
            ErrorCode.IncompleteStream => "The answer ended before it was complete. Run again.",
            ErrorCode.InvalidOutput => "The answer did not have the requested format. State the format more clearly in the prompt.",
            ErrorCode.Budget =>
                "No call was made. Ask an architect to raise the workflow's budget or an admin to raise the model profile's, "
                    + "or wait for the next day or month. Then retry: finished steps are kept.",
            ErrorCode.Interrupted => "The host stopped during the run. It resumes automatically.",
            ErrorCode.Cancelled => "The run was cancelled. You can run it again.",
            ErrorCode.Internal => "This is a bug in PromptPilot. The log has the details.",
        };
}
