using System.Text;
using System.Text.Json;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Pictures;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs.Budgets;

namespace PromptPilot.Core.Experiments;

/// <summary>Renders the calls of a planned experiment, to say what they can cost and what tells them apart.</summary>
public sealed class CallEstimates(
    ModelProfiles profiles,
    PromptVersions promptVersions,
    CallFingerprints fingerprints,
    CallBounds callBounds
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
                var inputs = VariantPlan.Inputs(versions[i], test.Inputs);
                var texts = whole.Value.Source.Render(versions[i].VariableDefinitions, inputs, cancellationToken);
                if (!texts.IsOk)
                {
                    if (unrendered.Count < MostUnrendered)
                    {
                        unrendered.Add($"Case {test.Number} with {variant.PromptVersion}: {texts.Problem.Message}");
                    }

                    continue;
                }

                var messages = texts.Value.Messages;
                var bytes = messages.Sum(message => (long)Encoding.UTF8.GetByteCount(message.Text));
                bytes += (long)inputs.Values.Count(IsPicture) * PictureRule.MostTokensOf(profile);
                var bound = RunBudgets.UpperBound(profile.Prices, bytes, maxTokens, messages.Count);
                foreach (var (judge, judging) in judges)
                {
                    bound += await callBounds.OfJudgeAsync(judge, judging, test, maxTokens, cancellationToken);
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

    private static bool IsPicture(JsonElement value) => FileReference.Read(value)?.Kind == FileKind.Picture;
}
