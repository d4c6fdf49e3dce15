using System.Text;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;

namespace PromptPilot.Core.Experiments;

/// <summary>Renders the calls of a planned experiment, to say what they can cost and what tells them apart.</summary>
public sealed class CallEstimates(
    ModelProfiles profiles,
    PromptVersions promptVersions,
    CallFingerprints fingerprints,
    CallBounds callBounds,
    CallFiles files,
    FileStore store
)
{
    private const int MostUnrendered = 10;

    /// <summary>The plan with what each call can cost, what tells it apart, and the cases that cannot be rendered.</summary>
    internal async Task<PlannedExperiment> AddAsync(
        PlannedExperiment plan,
        List<PromptVersion> versions,
        List<(Judge Judge, PromptVersion Version)> judges,
        CancellationToken cancellationToken
    )
    {
        var (bounds, prints) = (new Dictionary<(int, string), long>(), new Dictionary<(int, string), string>());
        var unrendered = new List<string>();
        var documents = new Dictionary<string, long>();
        var checks = await fingerprints.OfChecksAsync(plan.Set.Checks, plan.Judges, cancellationToken);
        for (var i = 0; i < plan.Variants.Count; i++)
        {
            var variant = plan.Variants[i];
            if (await profiles.FindAsync(variant.ModelProfileId!, cancellationToken) is not { } profile)
            {
                continue;
            }

            var maxTokens = variant.Parameters?.MaxTokens ?? profile.Parameters.MaxTokens;
            var whole = await promptVersions.WithPartsAsync(versions[i], labels: null, cancellationToken);
            if (!whole.IsOk)
            {
                unrendered.Add($"{variant.PromptVersion}: {whole.Problem.Message}");
                continue;
            }

            foreach (var test in plan.Cases)
            {
                var rendered = await RenderAsync(whole.Value.Source, versions[i], test, cancellationToken);
                if (!rendered.IsOk)
                {
                    if (unrendered.Count < MostUnrendered)
                    {
                        unrendered.Add($"Case {test.Number} with {variant.PromptVersion}: {rendered.Problem.Message}");
                    }

                    continue;
                }

                var (messages, pictures) = rendered.Value;
                var bytes = messages.Sum(message => (long)Encoding.UTF8.GetByteCount(message.Text));
                bytes += pictures.Sum(picture => (long)PictureRule.TokensOf(profile, picture).Most);
                var bound = RunBudgets.UpperBound(profile.Prices, bytes, maxTokens, messages.Count);
                foreach (var (judge, judging) in judges)
                {
                    await callBounds.AddDocumentsAsync(documents, test.Inputs, cancellationToken);
                    bound += await callBounds.OfJudgeAsync(judge, judging, test, documents, maxTokens, cancellationToken);
                }

                bounds[(i, test.Id)] = bound;
                prints[(i, test.Id)] = await fingerprints.OfCallAsync(variant, versions[i], messages, test, checks, cancellationToken);
            }
        }

        return plan with
        {
            CostBounds = bounds,
            Fingerprints = prints,
            Unrendered = unrendered,
        };
    }

    /// <summary>What the call of a case sends, with the texts of its documents.</summary>
    private async Task<Result<(IReadOnlyList<ModelMessage> Messages, IReadOnlyList<CallPicture> Pictures)>> RenderAsync(
        PromptSource source,
        PromptVersion version,
        FrozenCase test,
        CancellationToken cancellationToken
    )
    {
        var inputs = VariantPlan.Inputs(version, test.Inputs);
        var named = FileReference.In(inputs.Values);
        var kept = await store.KeptAsync(named, cancellationToken);
        if (named.Values.FirstOrDefault(file => !kept.ContainsKey(file.File)) is { } missing)
        {
            return Problem.Invalid($"The file “{missing.Name}” is not stored here. Send it again.");
        }

        var documents = await files.ReadAsync(kept, cancellationToken);
        if (!documents.IsOk)
        {
            return documents.Problem;
        }

        var call = CallFiles.Split(inputs, documents.Value);
        return source.Render(version.VariableDefinitions, call.Rendered, cancellationToken).Map(texts => (texts.Messages, call.Pictures));
    }
}
