using System.Text.Json;
using PromptPilot.Core.Experiments;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;

namespace PromptPilot.Web.Features.Experiments;

/// <summary>An experiment as sent by a client.</summary>
/// <param name="Reuse">Take results of earlier experiments where nothing changed since.</param>
internal sealed record ExperimentBody(
    string? TestSetId,
    string? Name,
    IReadOnlyList<VariantBody>? Variants,
    int? Repetitions,
    bool? Reuse = null
)
{
    public ExperimentRequest ToRequest() =>
        new(
            TestSetId ?? "",
            Name ?? "",
            [
                .. (Variants ?? []).Select(variant => new VariantRequest(
                    variant.Version,
                    variant.ModelProfileId ?? "",
                    variant.Parameters,
                    variant.Draft?.ToDraft()
                )),
            ],
            Repetitions ?? 1,
            Reuse ?? false
        );
}

/// <param name="Draft">A text that is not saved, instead of a version.</param>
internal sealed record VariantBody(string? Version, string? ModelProfileId, ParameterChanges? Parameters, DraftBody? Draft = null);

/// <summary>The texts of a prompt that is not saved, with the fields of a prompt.</summary>
internal sealed record DraftBody(
    string? Content,
    string? SystemMessage,
    IReadOnlyList<DraftMessageBody?>? Messages,
    IReadOnlyList<DraftVariableBody?>? VariableDefinitions
)
{
    public PromptDraft ToDraft() =>
        new()
        {
            Content = Content ?? "",
            SystemMessage = SystemMessage,
            Messages = Messages
                ?.OfType<DraftMessageBody>()
                .Select(message => new PromptMessage(message.Role ?? MessageRole.User, message.Content ?? ""))
                .ToList(),
            VariableDefinitions = [.. (VariableDefinitions ?? []).OfType<DraftVariableBody>().Select(variable => variable.ToDefinition())],
        };
}

/// <param name="Role"><c>system</c>, <c>user</c> (also when left out), <c>assistant</c> or <c>placeholder</c>.</param>
internal sealed record DraftMessageBody(MessageRole? Role, string? Content);

/// <summary>What decides how a variable is rendered.</summary>
internal sealed record DraftVariableBody(
    string? Name,
    VariableType? Type,
    JsonElement? Default,
    bool? Required,
    IReadOnlyList<string?>? Choices
)
{
    public VariableDefinition ToDefinition() =>
        new()
        {
            Name = Name ?? "",
            Type = Type ?? VariableType.Text,
            Default = Default is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } value ? value : null,
            Required = Required ?? true,
            Choices = [.. (Choices ?? []).OfType<string>()],
        };
}
