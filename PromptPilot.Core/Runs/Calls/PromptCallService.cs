using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Uses;
using PromptPilot.Core.Runs.Feed;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;

namespace PromptPilot.Core.Runs.Calls;

/// <summary>A version of a prompt with values for its variables.</summary>
/// <param name="Name">The prompt's name, in any case.</param>
/// <param name="Version">Semantic version; null: the one with the label.</param>
/// <param name="Label">Null, without a version: the newest version.</param>
/// <param name="Variables">Missing ones use their default.</param>
public sealed record PromptCall(string Name, string? Version, string? Label, IReadOnlyDictionary<string, JsonElement> Variables);

/// <summary>How the model is called.</summary>
/// <param name="Profile">Id or name of a model profile; null: the default of the key, else of its owner.</param>
/// <param name="Parameters">Instead of the profile's, as far as set.</param>
public sealed record ModelChoice(string? Profile = null, ParameterChanges? Parameters = null);

/// <summary>The messages of a prompt, with its values in place.</summary>
public sealed record PromptRendering(PromptVersion Version, PromptTexts Texts);

/// <summary>The outcome of a call, good or bad.</summary>
public sealed record PromptCompletion(PromptVersion Version, ExecutionLog Log);

/// <summary>Calls of prompts by applications, by name and outside of workflows.</summary>
public sealed class PromptCallService(
    Operations operations,
    IDbContextFactory<PromptPilotDbContext> contexts,
    CallModels models,
    PreparedCalls calls,
    PromptCaller caller
)
{
    private const string Field = "variables";

    /// <summary>The messages that a call would send. Calls nothing.</summary>
    /// <returns>Or a problem: there is no such prompt or version, or the variables do not fit (at <c>variables.NAME</c>).</returns>
    public Task<Result<PromptRendering>> RenderAsync(Actor actor, PromptCall call, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<PromptRendering>(
            actor,
            Permission.Read,
            async principal =>
                (await PrepareAsync(call, principal, sendsFiles: false, cancellationToken)).Map(prompt => new PromptRendering(
                    prompt.Version,
                    prompt.Texts
                )),
            cancellationToken
        );

    /// <summary>
    /// Makes one call and waits for its end. A fault of the model is in the log that comes back; a cancelled call has a log too.
    /// </summary>
    /// <param name="text">Receives the answer as it arrives.</param>
    /// <returns>The log; or a problem when nothing was called, at <c>variables.NAME</c>, <c>version</c>, <c>label</c>, <c>model</c> or
    /// <c>parameters.NAME</c>.</returns>
    /// <exception cref="OperationCanceledException">Cancelled before the call began.</exception>
    public Task<Result<PromptCompletion>> CompleteAsync(
        Actor actor,
        PromptCall call,
        ModelChoice model,
        LiveText text,
        CancellationToken cancellationToken
    ) =>
        operations.AuthorizeAsync<PromptCompletion>(
            actor,
            Permission.Run,
            async principal =>
            {
                var wrong = model.Parameters?.Problems("parameters").ToList() ?? [];
                if (wrong.Count > 0)
                {
                    return Problem.Invalid("The prompt was not sent.", wrong);
                }

                var prompt = await PrepareAsync(call, principal, sendsFiles: true, cancellationToken);
                if (!prompt.IsOk)
                {
                    return prompt.Problem;
                }

                var profile = await FindProfileAsync(actor, principal, model.Profile, cancellationToken);
                if (!profile.IsOk)
                {
                    return profile.Problem;
                }

                if (PreparedCalls.Refusal(prompt.Value, profile.Value) is { } refusal)
                {
                    return refusal;
                }

                var log = await caller.CallAsync(
                    actor,
                    prompt.Value.Record(profile.Value.Id, profile.Value.Model, principal.UserId, CallSource.Application),
                    new ModelRequest(profile.Value.Id, "application", prompt.Value.Texts.Messages)
                    {
                        Parameters = model.Parameters,
                        Pictures = prompt.Value.Pictures,
                    },
                    text,
                    cancellationToken
                );
                return log.Map(value => new PromptCompletion(prompt.Value.Version, value));
            },
            cancellationToken
        );

    private async Task<Result<PreparedPrompt>> PrepareAsync(
        PromptCall call,
        Principal principal,
        bool sendsFiles,
        CancellationToken cancellationToken
    )
    {
        var version = await FindVersionAsync(call, cancellationToken);
        if (!version.IsOk)
        {
            return version.Problem;
        }

        var known = version.Value.Variables;
        var unknown = call
            .Variables.Keys.Where(name => !known.Contains(name))
            .Take(Problem.MostErrors)
            .Select(name => new FieldError(
                $"{Field}.{name}",
                $"The prompt has no variable of this name.{Spelling.DidYouMean(name, known)}"
            ))
            .ToList();
        return unknown.Count > 0
            ? Problem.Invalid("The prompt was not sent.", unknown)
            : await calls.RenderAsync(version.Value, call.Variables, Field, principal, cancellationToken, sendsFiles);
    }

    private async Task<Result<PromptVersion>> FindVersionAsync(PromptCall call, CancellationToken cancellationToken)
    {
        if (call is { Version: not null, Label: not null })
        {
            return Problem.AtField("label", "Send either a version or a label, not both.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await PromptByName.FindAsync(db, call.Name, call.Version, call.Label, cancellationToken);
    }

    private async Task<Result<ModelProfile>> FindProfileAsync(
        Actor actor,
        Principal principal,
        string? wanted,
        CancellationToken cancellationToken
    )
    {
        var rule = await models.OfAsync(actor, principal, cancellationToken);
        var id = string.IsNullOrEmpty(wanted) ? rule.Preferred : await FindIdAsync(wanted, cancellationToken);
        if (id is null)
        {
            return Problem.AtField(
                "model",
                string.IsNullOrEmpty(wanted)
                    ? "Send the id or name of a model profile, or choose a default model on the Account page."
                    : "There is no such model profile. Send its id or name."
            );
        }

        if (!rule.Allows(id))
        {
            return Problem.AtField("model", "This API key may not use this model profile. Use another key or model.");
        }

        var profile = await calls.FindProfileAsync(id, principal, cancellationToken);
        return profile.Problem is { Kind: ProblemKind.NotFound }
            ? Problem.AtField("model", "The default model profile no longer exists. Send the id or name of another one.")
            : profile;
    }

    private async Task<string?> FindIdAsync(string wanted, CancellationToken cancellationToken)
    {
        var normalized = wanted.Trim().ToUpperInvariant();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db
            .ModelProfiles.Where(profile => profile.Id == wanted || profile.NormalizedName == normalized)
            .OrderByDescending(profile => profile.Id == wanted)
            .Select(profile => profile.Id)
            .FirstOrDefaultAsync(cancellationToken);
    }
}
