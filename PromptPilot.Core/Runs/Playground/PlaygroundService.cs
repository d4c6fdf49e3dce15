using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Runs.Playground;

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
public sealed class PlaygroundService(Operations operations, PromptVersions versions, ModelProfiles profiles, PlaygroundCaller caller)
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

                if (version.Metadata.IsPart)
                {
                    return Problem.AtField(
                        "version",
                        "This prompt is a part of others and cannot be run by itself. Run one that includes it."
                    );
                }

                var whole = await versions.WithPartsAsync(version, null, cancellationToken);
                if (!whole.IsOk)
                {
                    return whole.Problem;
                }

                if (await profiles.FindAsync(call.ModelProfileId, cancellationToken) is not { } profile)
                {
                    return Problem.NotFound("model profile");
                }

                if (!profile.Enabled)
                {
                    return Problem.AtField(
                        "model",
                        $"The model profile “{profile.Name}” is disabled. Choose another, or ask an admin to enable it."
                    );
                }

                if (!ModelUse.Allows(profile.Roles, principal.Role))
                {
                    return Problem.AtField("model", ModelUse.Refusal(profile.Name, profile.Roles));
                }

                var values = call
                    .Values.Where(value => version.Variables.Contains(value.Key))
                    .ToDictionary(value => value.Key, value => value.Value);
                var wrong = values
                    .Select(value =>
                        (
                            Name: value.Key,
                            Message: version.VariableDefinitions.Find(definition => definition.Name == value.Key) is { } definition
                                ? InputValues.Problem(value.Value, definition.Type, definition.Choices)
                                : InputValues.Unusable(value.Value)
                        )
                    )
                    .Where(problem => problem.Message is not null)
                    .Select(problem => new FieldError($"values.{problem.Name}", problem.Message!))
                    .ToList();
                if (wrong.Count > 0)
                {
                    return Problem.Invalid("The prompt was not sent.", wrong);
                }

                var texts = whole.Value.Source.Render(version.VariableDefinitions, values, cancellationToken);
                if (!texts.IsOk)
                {
                    return texts.Problem with
                    {
                        Errors = [.. texts.Problem.Errors.Select(error => error with { Field = $"values.{error.Field}" })],
                    };
                }

                var record = new ExecutionLog
                {
                    PromptId = version.PromptId,
                    PromptVersionId = version.Id,
                    PartVersions = whole.Value.Labels,
                    ModelProfileId = profile.Id,
                    ModelUsed = profile.Model,
                    Input = values,
                    UserId = principal.UserId,
                };
                return await caller.CallAsync(record, texts.Value, text, cancellationToken);
            },
            cancellationToken
        );
}
