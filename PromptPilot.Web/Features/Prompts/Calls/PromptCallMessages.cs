using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Calls;
using PromptPilot.Core.Shared;

namespace PromptPilot.Web.Features.Prompts.Calls;

/// <summary>What to render.</summary>
/// <param name="Version">Semantic version; without it and a label, the newest version.</param>
internal sealed record RenderBody(string? Version, string? Label, Dictionary<string, JsonElement>? Variables)
{
    public PromptCall ToCall(string name) => new(name, Version, Label, Variables ?? []);
}

/// <summary>What to send to a model.</summary>
/// <param name="Model">Id or name of a model profile; without it, the key's or its owner's default.</param>
/// <param name="Stream">Return the answer as server-sent events.</param>
internal sealed record CompleteBody(
    string? Version,
    string? Label,
    Dictionary<string, JsonElement>? Variables,
    string? Model,
    ParameterChanges? Parameters,
    bool? Stream
)
{
    public PromptCall ToCall(string name) => new(name, Version, Label, Variables ?? []);
}

/// <summary>One message, with its values in place.</summary>
internal sealed record RenderedMessage(ModelRole Role, string Content);

/// <summary>A rendered prompt.</summary>
/// <param name="Content">The last user message.</param>
/// <param name="SystemMessage">The first message, if it is one of the system.</param>
internal sealed record RenderResponse(
    string PromptId,
    string PromptVersionId,
    string Name,
    string Version,
    string Content,
    string? SystemMessage,
    IReadOnlyList<RenderedMessage> Messages
)
{
    public static RenderResponse From(PromptRendering rendering)
    {
        var messages = rendering.Texts.Messages.Select(message => new RenderedMessage(message.Role, message.Text)).ToList();
        return new RenderResponse(
            rendering.Version.PromptId,
            rendering.Version.Id,
            rendering.Version.Name,
            rendering.Version.Version,
            messages.FindLast(message => message.Role == ModelRole.User)?.Content ?? "",
            messages is [{ Role: ModelRole.System } system, ..] ? system.Content : null,
            messages
        );
    }
}

/// <summary>The answer of a model.</summary>
/// <param name="Id">Id of the execution log, e.g. for feedback.</param>
/// <param name="Cost">Cost in USD.</param>
internal sealed record CompleteResponse(
    string Id,
    string PromptId,
    string PromptVersionId,
    string Version,
    string ModelProfileId,
    string ModelUsed,
    string Output,
    bool Truncated,
    string? FinishReason,
    int InputTokens,
    int OutputTokens,
    bool EstimatedTokens,
    decimal Cost,
    long DurationMs,
    long? FirstTokenMs
)
{
    public static CompleteResponse From(PromptCompletion completion)
    {
        var log = completion.Log;
        return new CompleteResponse(
            log.Id,
            log.PromptId,
            log.PromptVersionId,
            completion.Version.Version,
            log.ModelProfileId,
            log.ModelUsed,
            log.Output,
            log.Truncated,
            log.FinishReason,
            log.InputTokens,
            log.OutputTokens,
            log.EstimatedTokens,
            Money.ToUsd(log.Cost),
            log.DurationMs,
            log.FirstTokenMs
        );
    }
}
