using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

/// <summary>An experiment that can be started.</summary>
/// <param name="Drafts">The versions of its variants that are still to be written.</param>
/// <param name="CostBounds">The most that a call can cost, in nano-USD, by variant and case; those that cannot be rendered cost
/// nothing.</param>
/// <param name="Fingerprints">By variant and case; only of calls that can be made.</param>
internal sealed record PlannedExperiment(
    TestSet Set,
    IReadOnlyList<FrozenCase> Cases,
    IReadOnlyList<Variant> Variants,
    IReadOnlyCollection<PromptVersion> Drafts,
    IReadOnlyList<Judge> Judges,
    IReadOnlyDictionary<(int Variant, string CaseId), long> CostBounds,
    IReadOnlyDictionary<(int Variant, string CaseId), string> Fingerprints,
    IReadOnlyList<string> Unrendered
)
{
    /// <summary>Of a workflow, by variant; null: the variants are prompt versions.</summary>
    public IReadOnlyList<WorkflowDefinition>? Definitions { get; init; }

    /// <summary>Of a batch: the first line of its file.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Of a workflow: calls of models in one round; null: one for each variant and case.</summary>
    public int? Calls { get; init; }

    /// <summary>The most that all calls can cost but those that are reused, in nano-USD.</summary>
    public long CostBound(int repetitions, IEnumerable<CallPlace> reused) =>
        (CostBounds.Values.Sum() * repetitions) - reused.Sum(place => CostBounds.GetValueOrDefault((place.Variant, place.CaseId)));
}

/// <summary>Checks a request for an experiment, and computes what it can cost.</summary>
public sealed class ExperimentRules(
    ModelProfiles profiles,
    PromptVersions promptVersions,
    CallEstimates estimates,
    WorkflowRules workflows,
    TimeProvider time
)
{
    public const int MaxName = 200;
    public const int MaxVariants = 8;
    public const int MaxRepetitions = 10;
    public const int MaxCalls = 5000;

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

        var cases = await TestSetVersions.CasesAsync(db, set.Id, cancellationToken);
        var errors = Errors(request, cases.Count);
        if (set.WorkflowId is not null)
        {
            var planned = new PlannedCases(set, cases, await JudgesAsync(set, cases, errors, cancellationToken));
            return await workflows.PlanAsync(db, principal, request, planned, errors, cancellationToken);
        }

        var drafts = new DraftVersions(db, principal, time.GetUtcNow().UtcDateTime);
        var (variants, versions) = (new List<Variant>(), new List<PromptVersion>());
        for (var i = 0; i < request.Variants.Count; i++)
        {
            var variant = await VariantAsync(set.PromptId!, request.Variants[i], drafts, cancellationToken);
            if (!variant.IsOk)
            {
                errors.AddRange(variant.Problem.Errors.Select(error => error with { Field = $"variants[{i}].{error.Field}" }));
                continue;
            }

            variants.Add(variant.Value.Variant);
            versions.Add(variant.Value.Version);
        }

        var judges = await JudgesAsync(set, cases, errors, cancellationToken);
        if (errors.Count > 0)
        {
            return Problem.Invalid("The experiment was not started.", errors);
        }

        var used = variants.SelectMany(variant => variant.Profiles).Concat(judges.Select(judge => judge.Judge.ModelProfileId));
        if (await profiles.RefusalAsync(principal, used, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var plan = new PlannedExperiment(
            set,
            cases,
            variants,
            drafts.Made,
            [.. judges.Select(judge => judge.Judge)],
            new Dictionary<(int, string), long>(),
            new Dictionary<(int, string), string>(),
            []
        );
        return await estimates.AddAsync(plan, versions, judges, cancellationToken);
    }

    /// <summary>The judges of a set's checks, each with the version that it is now.</summary>
    private async Task<List<(Judge Judge, PromptVersion Version)>> JudgesAsync(
        TestSet set,
        List<FrozenCase> cases,
        List<FieldError> errors,
        CancellationToken cancellationToken
    )
    {
        var hasPictures = FileReference.In(cases.SelectMany(test => test.Inputs.Values)).Values.Any(file => file.Kind == FileKind.Picture);
        var judges = new List<(Judge, PromptVersion)>();
        foreach (var check in set.Checks.Where(check => check.Kind == CheckKind.Judge))
        {
            var name = CheckText.NameOf(check);
            var found = await VariantAsync(
                check.JudgePromptId ?? "",
                new VariantRequest(check.JudgeVersion, check.JudgeModelProfileId ?? ""),
                drafts: null,
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
                        $"The check “{name}” cannot judge. Its prompt must read output, and nothing else except expected, inputs "
                            + "and optional variables."
                    )
                );
                continue;
            }

            if (
                hasPictures
                && version.Variables.Contains("inputs")
                && await profiles.FindAsync(variant.ModelProfileId!, cancellationToken) is { } profile
                && ModelAbilities.PictureRefusal(profile) is { } refusal
            )
            {
                errors.Add(
                    new FieldError("testSetId", $"The check “{name}” cannot judge: its prompt reads inputs with pictures. {refusal}")
                );
                continue;
            }

            judges.Add((new Judge(name, version.Id, version.Version, variant.ModelProfileId!, variant.ProfileName!), version));
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
        DraftVersions? drafts,
        CancellationToken cancellationToken
    )
    {
        var found = request.Draft is { } draft
            ? await drafts!.FreezeAsync(promptId, draft, cancellationToken)
            : await VersionAsync(promptId, request.Version, cancellationToken);
        if (!found.IsOk)
        {
            return found.Problem;
        }

        if (await profiles.FindInfoAsync(request.ModelProfileId, cancellationToken) is not { Enabled: true } profile)
        {
            return Problem.AtField("modelProfileId", "There is no such model profile, or it is disabled. Choose another.");
        }

        var version = found.Value;
        return (
            new Variant(
                version.Id,
                request.Draft is null ? version.Version : DraftVersions.Name,
                profile.Id,
                profile.Name,
                request.Parameters,
                request.Draft is null ? null : version.CreatedAt
            ),
            version
        );
    }

    private async Task<Result<PromptVersion>> VersionAsync(string promptId, string? asked, CancellationToken cancellationToken)
    {
        var named = string.IsNullOrWhiteSpace(asked) ? PromptLabels.Latest : asked.Trim();
        var versionId =
            await promptVersions.ResolveLabelAsync(promptId, named, cancellationToken)
            ?? await promptVersions.ResolveVersionAsync(promptId, named, cancellationToken);
        return versionId is not null && await promptVersions.FindAsync(versionId, cancellationToken) is { } version
            ? version
            : Problem.AtField("version", $"This prompt has no version or label “{named}”.");
    }
}
