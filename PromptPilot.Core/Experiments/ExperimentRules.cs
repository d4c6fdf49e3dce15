using System.Text;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments;

/// <summary>An experiment that can be started.</summary>
internal sealed record PlannedExperiment(
    TestSet Set,
    IReadOnlyList<FrozenCase> Cases,
    IReadOnlyList<Variant> Variants,
    IReadOnlyList<Judge> Judges,
    long CostBound,
    IReadOnlyList<string> Unrendered
);

/// <summary>Checks a request for an experiment, and computes what it can cost.</summary>
public sealed class ExperimentRules(ModelProfiles profiles, PromptVersions promptVersions)
{
    public const int MaxName = 200;
    public const int MaxVariants = 8;
    public const int MaxRepetitions = 10;
    public const int MaxCalls = 5000;

    private const int MostUnrendered = 10;

    internal async Task<Result<PlannedExperiment>> PlanAsync(
        PromptPilotDbContext db,
        Principal principal,
        ExperimentRequest request,
        CancellationToken cancellationToken
    )
    {
        var set = await db.TestSets.AsNoTracking().SingleOrDefaultAsync(s => s.Id == request.TestSetId, cancellationToken);
        if (set is null)
        {
            return Problem.NotFound("test set");
        }

        var cases = await db
            .TestCases.AsNoTracking()
            .Where(test => test.TestSetId == set.Id)
            .OrderBy(test => test.Number)
            .Select(test => new FrozenCase(test.Id, test.Number, test.Name, test.Inputs, test.Expected))
            .ToListAsync(cancellationToken);
        var errors = Errors(request, cases.Count);
        var (variants, versions) = (new List<Variant>(), new List<PromptVersion>());
        for (var i = 0; i < request.Variants.Count; i++)
        {
            var variant = await VariantAsync(set.PromptId, request.Variants[i], cancellationToken);
            if (!variant.IsOk)
            {
                errors.AddRange(variant.Problem.Errors.Select(error => error with { Field = $"variants[{i}].{error.Field}" }));
                continue;
            }

            variants.Add(variant.Value.Variant);
            versions.Add(variant.Value.Version);
        }

        var judges = await JudgesAsync(set, errors, cancellationToken);
        if (errors.Count > 0)
        {
            return Problem.Invalid("The experiment was not started.", errors);
        }

        var used = variants.Select(variant => variant.ModelProfileId).Concat(judges.Select(judge => judge.Judge.ModelProfileId));
        if (await profiles.RefusalAsync(principal, used, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var (bound, unrendered) = await CostAsync(variants, versions, judges, cases, cancellationToken);
        return new PlannedExperiment(
            set,
            cases,
            variants,
            [.. judges.Select(judge => judge.Judge)],
            bound * request.Repetitions,
            unrendered
        );
    }

    /// <summary>The judges of a set's checks, each with the version that it is now.</summary>
    private async Task<List<(Judge Judge, PromptVersion Version)>> JudgesAsync(
        TestSet set,
        List<FieldError> errors,
        CancellationToken cancellationToken
    )
    {
        var judges = new List<(Judge, PromptVersion)>();
        foreach (var check in set.Checks.Where(check => check.Kind == CheckKind.Judge))
        {
            var name = CheckText.NameOf(check);
            var found = await VariantAsync(
                check.JudgePromptId ?? "",
                new VariantRequest(check.JudgeVersion, check.JudgeModelProfileId ?? ""),
                cancellationToken
            );
            if (!found.IsOk)
            {
                errors.Add(new FieldError("testSetId", $"The check “{name}” cannot judge: {found.Problem.Message}"));
                continue;
            }

            var (variant, version) = found.Value;
            var optional = PromptText.Optional(version.VariableDefinitions);
            if (
                !version.Variables.Contains("output")
                || version.Variables.Exists(variable =>
                    variable is not ("output" or "expected" or "inputs") && !optional.Contains(variable)
                )
            )
            {
                errors.Add(
                    new FieldError(
                        "testSetId",
                        $"The check “{name}” cannot judge. Its prompt must read output, and otherwise only expected, inputs "
                            + "and optional variables."
                    )
                );
                continue;
            }

            judges.Add((new Judge(name, version.Id, version.Version, variant.ModelProfileId, variant.ProfileName), version));
        }

        return judges;
    }

    private static List<FieldError> Errors(ExperimentRequest request, int cases)
    {
        var errors = new List<FieldError>();
        if (request.Name.Trim().Length > MaxName || request.Name.Any(char.IsControl))
        {
            errors.Add(new FieldError("name", $"A name can have at most {MaxName} displayable characters."));
        }

        if (request.Variants.Count is 0 or > MaxVariants)
        {
            errors.Add(new FieldError("variants", $"Choose 1 to {MaxVariants} variants."));
        }

        if (request.Repetitions is < 1 or > MaxRepetitions)
        {
            errors.Add(new FieldError("repetitions", $"Repetitions must be a whole number from 1 to {MaxRepetitions}."));
        }

        if (cases == 0)
        {
            errors.Add(new FieldError("testSetId", "This test set has no cases. Add some first."));
        }

        var calls = (long)request.Variants.Count * cases * request.Repetitions;
        if (calls > MaxCalls)
        {
            errors.Add(
                new FieldError(
                    "variants",
                    $"This would make {calls:N0} calls; at most {MaxCalls:N0} are allowed. Use fewer variants or repetitions."
                )
            );
        }

        return errors;
    }

    private async Task<Result<(Variant Variant, PromptVersion Version)>> VariantAsync(
        string promptId,
        VariantRequest request,
        CancellationToken cancellationToken
    )
    {
        var named = string.IsNullOrWhiteSpace(request.Version) ? PromptLabels.Latest : request.Version.Trim();
        var versionId =
            await promptVersions.ResolveLabelAsync(promptId, named, cancellationToken)
            ?? await promptVersions.ResolveVersionAsync(promptId, named, cancellationToken);
        if (versionId is null || await promptVersions.FindAsync(versionId, cancellationToken) is not { } version)
        {
            return Problem.AtField("version", $"This prompt has no version or label “{named}”.");
        }

        if (await profiles.FindInfoAsync(request.ModelProfileId, cancellationToken) is not { Enabled: true } profile)
        {
            return Problem.AtField("modelProfileId", "There is no such model profile, or it is disabled. Choose another.");
        }

        return (new Variant(version.Id, version.Version, profile.Id, profile.Name, request.Parameters), version);
    }

    /// <summary>The most that one round of calls can cost, in nano-USD, and the cases that cannot be rendered.</summary>
    private async Task<(long Bound, IReadOnlyList<string> Unrendered)> CostAsync(
        List<Variant> variants,
        List<PromptVersion> versions,
        List<(Judge Judge, PromptVersion Version)> judges,
        List<FrozenCase> cases,
        CancellationToken cancellationToken
    )
    {
        var (bound, unrendered) = (0L, new List<string>());
        for (var i = 0; i < variants.Count; i++)
        {
            if (await profiles.FindAsync(variants[i].ModelProfileId, cancellationToken) is not { } profile)
            {
                continue;
            }

            var maxTokens = variants[i].Parameters?.MaxTokens ?? profile.Parameters.MaxTokens;
            var whole = await promptVersions.WithPartsAsync(versions[i], labels: null, cancellationToken);
            if (!whole.IsOk)
            {
                unrendered.Add($"{variants[i].PromptVersion}: {whole.Problem.Message}");
                continue;
            }

            foreach (var test in cases)
            {
                var texts = whole.Value.Source.Render(
                    versions[i].VariableDefinitions,
                    VariantPlan.Inputs(versions[i], test.Inputs),
                    cancellationToken
                );
                if (texts.IsOk)
                {
                    var messages = texts.Value.Messages;
                    var bytes = messages.Sum(message => (long)Encoding.UTF8.GetByteCount(message.Text));
                    bound += RunBudgets.UpperBound(profile.Prices, bytes, maxTokens, messages.Count);
                    foreach (var (judge, judging) in judges)
                    {
                        bound += await JudgeBoundAsync(judge, judging, test, maxTokens, cancellationToken);
                    }
                }
                else if (unrendered.Count < MostUnrendered)
                {
                    unrendered.Add($"Case {test.Number} with {variants[i].PromptVersion}: {texts.Problem.Message}");
                }
            }
        }

        return (bound, unrendered);
    }

    /// <summary>
    /// The most that judging an output of this many tokens can cost. Another model can split the same text into more tokens; up to four
    /// times as many are assumed.
    /// </summary>
    private async Task<long> JudgeBoundAsync(
        Judge judge,
        PromptVersion version,
        FrozenCase test,
        int maxTokens,
        CancellationToken cancellationToken
    )
    {
        if (await profiles.FindAsync(judge.ModelProfileId, cancellationToken) is not { } profile)
        {
            return 0;
        }

        var whole = await promptVersions.WithPartsAsync(version, labels: null, cancellationToken);
        var source = whole.IsOk ? whole.Value.Source : PromptSource.Of(version);
        var texts = source.Length + source.Parts.Values.Sum(Length) + (test.Expected?.Length ?? 0);
        var inputs = test.Inputs.Values.Sum(value => (long)value.GetRawText().Length);
        return RunBudgets.UpperBound(profile.Prices, (4 * (texts + inputs)) + (4L * maxTokens), profile.Parameters.MaxTokens);

        static long Length(LiquidPart part) => part.Text.Length + part.Parts.Values.Sum(Length);
    }
}
