using System.Text.Json;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Runs.Calls;

/// <summary>A version with the values of its variables in place.</summary>
/// <param name="Values">Those of the given values that the prompt has variables for.</param>
/// <param name="PartVersions">See <see cref="ExecutionLog.PartVersions"/>.</param>
internal sealed record PreparedPrompt(
    PromptVersion Version,
    PromptTexts Texts,
    IReadOnlyList<CallPicture> Pictures,
    Dictionary<string, JsonElement> Values,
    Dictionary<string, string>? PartVersions
)
{
    /// <summary>The record of a call with it, without an outcome.</summary>
    public ExecutionLog Record(string profileId, string model, string? userId, CallSource? source) =>
        new()
        {
            PromptId = Version.PromptId,
            PromptVersionId = Version.Id,
            PartVersions = PartVersions,
            ModelProfileId = profileId,
            ModelUsed = model,
            Input = Values,
            UserId = userId,
            Source = source,
        };
}

/// <summary>Checks what a call outside of runs needs: the prompt's texts and a profile that may be used.</summary>
public sealed class PreparedCalls(PromptVersions versions, ModelProfiles profiles, FileInputs inputs, CallFiles files)
{
    /// <param name="field">The field of the values, in errors.</param>
    /// <param name="sendsFiles">False: files among the values must be stored already.</param>
    /// <returns>Or a problem: it is a part, or values are missing or of another type (at <c>FIELD.NAME</c>).</returns>
    internal async Task<Result<PreparedPrompt>> RenderAsync(
        PromptVersion version,
        IReadOnlyDictionary<string, JsonElement> given,
        string field,
        Principal principal,
        CancellationToken cancellationToken,
        bool sendsFiles = true
    )
    {
        if (version.Metadata.IsPart)
        {
            return Problem.AtField("version", "This prompt is a part of others and cannot be run by itself. Run one that includes it.");
        }

        var whole = await versions.WithPartsAsync(version, null, cancellationToken);
        if (!whole.IsOk)
        {
            return whole.Problem;
        }

        var taken = await inputs.TakeAsync(
            VariableTypes.FilesOf(version.VariableDefinitions),
            given.Where(value => version.Variables.Contains(value.Key)).ToDictionary(),
            field,
            principal.UserId,
            cancellationToken,
            sendsFiles
        );
        if (!taken.IsOk)
        {
            return taken.Problem;
        }

        var values = taken.Value.Values.ToDictionary();
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
            .Select(problem => new FieldError($"{field}.{problem.Name}", problem.Message!))
            .ToList();
        if (wrong.Count > 0)
        {
            return Problem.Invalid("The prompt was not sent.", wrong);
        }

        var known = FileReference.In(values.Values);
        var documents = await files.ReadAsync(known, cancellationToken);
        if (!documents.IsOk)
        {
            return documents.Problem;
        }

        var call = known.Count == 0 ? CallValues.Plain(values) : CallFiles.Split(values, documents.Value);
        var texts = whole.Value.Source.Render(version.VariableDefinitions, call.Rendered, cancellationToken);
        return texts.IsOk
            ? new PreparedPrompt(version, texts.Value, call.Pictures, call.Logged, whole.Value.Labels)
            : texts.Problem with
            {
                Errors = [.. texts.Problem.Errors.Select(error => error with { Field = $"{field}.{error.Field}" })],
            };
    }

    /// <summary>Why a prompt cannot be sent to a profile; null if it can.</summary>
    internal static Problem? Refusal(PreparedPrompt prompt, ModelProfile profile) =>
        prompt.Pictures.Count > 0 && ModelAbilities.PictureRefusal(profile) is { } refusal ? Problem.AtField("model", refusal) : null;

    /// <summary>An enabled profile that the role may use.</summary>
    internal async Task<Result<ModelProfile>> FindProfileAsync(string id, Principal principal, CancellationToken cancellationToken) =>
        await profiles.FindAsync(id, cancellationToken) switch
        {
            null => Problem.NotFound("model profile"),
            { Enabled: false, Name: var name } => Problem.AtField(
                "model",
                $"The model profile “{name}” is disabled. Choose another, or ask an admin to enable it."
            ),
            var profile when !ModelUse.Allows(profile.Roles, principal.Role) => Problem.AtField(
                "model",
                ModelUse.Refusal(profile.Name, profile.Roles)
            ),
            var profile => profile,
        };
}
