using System.Security.Cryptography;
using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Experiments.Reuse;

/// <summary>
/// Computes what tells calls apart: a hash of the version and the texts that it sends, the model and its parameters, the case, the checks
/// and their judges. Calls with the same fingerprint differ by chance alone.
/// </summary>
public sealed class CallFingerprints(ModelProfiles profiles, PromptVersions promptVersions, RenderedPrompts prompts)
{
    /// <summary>What all calls of an experiment have in common: the checks, and the judges as they are now.</summary>
    internal async Task<string> OfChecksAsync(IReadOnlyList<Check> checks, IReadOnlyList<Judge> judges, CancellationToken cancellationToken)
    {
        var facts = new List<object?>();
        foreach (var judge in judges)
        {
            var version = await promptVersions.FindAsync(judge.PromptVersionId, cancellationToken);
            facts.Add(judge.PromptVersionId);
            facts.Add(version is null ? null : await LabelsAsync(version, cancellationToken));
            facts.Add(await OfModelAsync(judge.ModelProfileId, changes: null, cancellationToken));
        }

        return Hash(new { checks, facts });
    }

    /// <summary>A call.</summary>
    /// <param name="messages">What it sends.</param>
    /// <param name="checks">From <see cref="OfChecksAsync"/>.</param>
    internal async ValueTask<string> OfCallAsync(
        Variant variant,
        PromptVersion version,
        IReadOnlyList<ModelMessage> messages,
        FrozenCase test,
        string checks,
        CancellationToken cancellationToken
    ) =>
        Hash(
            new
            {
                version = version.Id,
                messages,
                model = await OfModelAsync(variant.ModelProfileId!, variant.Parameters, cancellationToken),
                inputs = Sorted(test.Inputs),
                expected = test.Expected,
                checks,
            }
        );

    /// <summary>A call as its log says that it was made, with models and judges as they are now; null when that cannot be told.</summary>
    internal async ValueTask<string?> OfLogAsync(
        Variant variant,
        ExecutionLog log,
        FrozenCase test,
        string checks,
        CancellationToken cancellationToken
    )
    {
        if (await promptVersions.FindAsync(variant.PromptVersionId!, cancellationToken) is not { } version)
        {
            return null;
        }

        var sent = await prompts.OfAsync(log, cancellationToken);
        return sent.IsOk ? await OfCallAsync(variant, version, sent.Value.Messages, test, checks, cancellationToken) : null;
    }

    /// <summary>The versions of parts that follow labels.</summary>
    private async ValueTask<object?> LabelsAsync(PromptVersion version, CancellationToken cancellationToken)
    {
        var whole = await promptVersions.WithPartsAsync(version, labels: null, cancellationToken);
        return whole.IsOk ? Sorted(whole.Value.Labels) : null;
    }

    /// <summary>What is sent to a model beside the messages, and what is made of its answer.</summary>
    private async ValueTask<object?> OfModelAsync(string profileId, ParameterChanges? changes, CancellationToken cancellationToken) =>
        await profiles.FindAsync(profileId, cancellationToken) is { } profile
            ? new
            {
                profile.Id,
                profile.Provider,
                profile.Endpoint,
                profile.Model,
                Temperature = changes?.Temperature ?? profile.Parameters.Temperature,
                MaxTokens = changes?.MaxTokens ?? profile.Parameters.MaxTokens,
                TopP = changes?.TopP ?? profile.Parameters.TopP,
                profile.Parameters.Stop,
                Effort = changes?.Effort ?? profile.Parameters.Effort,
                profile.Parameters.Seed,
                profile.ExtraBody,
                profile.StructuredOutput,
                profile.HideThinking,
            }
            : null;

    private static SortedDictionary<string, T>? Sorted<T>(IReadOnlyDictionary<string, T>? values) =>
        values is null ? null : new SortedDictionary<string, T>(values.ToDictionary(), StringComparer.Ordinal);

    private static string Hash(object facts) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(facts, AppJson.Options)));
}
