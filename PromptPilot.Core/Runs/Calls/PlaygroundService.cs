using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Calls;

/// <summary>A request to call one version of a prompt on one model profile.</summary>
/// <param name="Version">Semantic version.</param>
/// <param name="ModelProfileId">Its profile must be enabled.</param>
/// <param name="Values">By variable; missing ones use their default.</param>
public sealed record PlaygroundCall(
    string PromptId,
    string Version,
    string ModelProfileId,
    IReadOnlyDictionary<string, JsonElement> Values
);

/// <summary>Calls prompts outside of workflows.</summary>
public sealed class PlaygroundService(Operations operations, PromptVersions versions, PreparedCalls calls, PromptCaller caller)
{
    /// <summary>
    /// Makes one call and waits for its end. A fault of the model is in the log that comes back; a cancelled call has a log too.
    /// </summary>
    /// <param name="text">Receives the answer as it arrives.</param>
    /// <returns>The log; or a problem when nothing was called: a value is missing or of another type (at <c>values.NAME</c>), prompt,
    /// version or profile do not exist, or the profile accepts no calls.</returns>
    /// <exception cref="OperationCanceledException">Cancelled before the call began.</exception>
    public Task<Result<ExecutionLog>> CallAsync(Actor actor, PlaygroundCall call, LiveText text, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<ExecutionLog>(
            actor,
            Permission.Run,
            async principal =>
            {
                if (
                    await versions.ResolveVersionAsync(call.PromptId, call.Version, cancellationToken) is not { } versionId
                    || await versions.FindAsync(versionId, cancellationToken) is not { } version
                )
                {
                    return Problem.NotFound("prompt version");
                }

                var prompt = await calls.RenderAsync(version, call.Values, "values", principal, cancellationToken);
                if (!prompt.IsOk)
                {
                    return prompt.Problem;
                }

                var profile = await calls.FindProfileAsync(call.ModelProfileId, principal, cancellationToken);
                if (profile.IsOk && PreparedCalls.Refusal(prompt.Value, profile.Value) is { } refusal)
                {
                    return refusal;
                }

                return profile.IsOk
                    ? await caller.CallAsync(
                        actor,
                        prompt.Value.Record(profile.Value.Id, profile.Value.Model, principal.UserId, source: null),
                        new ModelRequest(profile.Value.Id, "playground", prompt.Value.Texts.Messages) { Pictures = prompt.Value.Pictures },
                        text,
                        cancellationToken
                    )
                    : profile.Problem;
            },
            cancellationToken
        );
}
