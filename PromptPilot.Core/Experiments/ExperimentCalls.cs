using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Planning;
using PromptPilot.Core.Experiments.Reuse;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;

namespace PromptPilot.Core.Experiments;

/// <summary>The calls of experiments as runs: how many may be open, how one starts, and what its end means.</summary>
public sealed class ExperimentCalls(
    RunDispatcher dispatcher,
    PromptVersions promptVersions,
    ModelProfiles profiles,
    CallFingerprints fingerprints,
    FrozenSets frozen,
    RenderedPrompts prompts,
    IOptions<RunsOptions> runs,
    IOptions<ExperimentsOptions> options
)
{
    /// <summary>The number of calls that may still be started now, in total and per profile.</summary>
    internal async Task<ExperimentRoom> RoomAsync(PromptPilotDbContext db, CancellationToken cancellationToken)
    {
        var open = await (
            from cell in db.ExperimentCells.AsNoTracking()
            where cell.Status == CellStatus.Running
            join e in db.Experiments on cell.ExperimentId equals e.Id
            select new { cell.Variant, e.Variants }
        ).ToListAsync(cancellationToken);
        var byProfile = open.SelectMany(cell => cell.Variants[cell.Variant].Profiles).CountBy(id => id).ToDictionary();
        var limits = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var id in await db.ModelProfiles.Select(profile => profile.Id).ToListAsync(cancellationToken))
        {
            if (await profiles.FindAsync(id, cancellationToken) is { Limits.ConcurrentCalls: { } most })
            {
                limits[id] = options.Value.ShareOf(most) - byProfile.GetValueOrDefault(id);
            }
        }

        return new ExperimentRoom(options.Value.ShareOf(runs.Value.MaxConcurrentRuns) - open.Count, limits);
    }

    /// <summary>The data common to all calls of an experiment.</summary>
    internal async Task<CallTarget> TargetAsync(PromptPilotDbContext db, Experiment experiment, CancellationToken cancellationToken) =>
        new(
            await db
                .Workflows.IgnoreQueryFilters()
                .Where(w => w.TestSetId == experiment.TestSetId)
                .Select(w => w.Id)
                .FirstOrDefaultAsync(cancellationToken),
            (await frozen.FindAsync(db, experiment.TestSetVersionId, cancellationToken))?.Cases ?? []
        );

    /// <summary>Starts a call. Its key is the cell's, so that repeating an unrecorded start finds its run.</summary>
    /// <returns>False when the portal accepts no runs right now; the cell is as it was.</returns>
    internal async Task<bool> StartAsync(
        PromptPilotDbContext db,
        Experiment experiment,
        ExperimentCell cell,
        CallTarget target,
        CancellationToken cancellationToken
    )
    {
        if (target is not { WorkflowId: { } workflowId } || target.Cases.Find(test => test.Id == cell.CaseId) is not { } test)
        {
            Fail(cell, "The test case was deleted.");
            return true;
        }

        var judges = new List<(Judge, PromptVersion)>();
        foreach (var judge in experiment.Judges)
        {
            if (await promptVersions.FindAsync(judge.PromptVersionId, cancellationToken) is not { } judging)
            {
                Fail(cell, $"The prompt of the judge “{judge.Check}” was deleted.");
                return true;
            }

            judges.Add((judge, judging));
        }

        if (await RunOfAsync(experiment, cell, test, judges, cancellationToken) is not var (definition, inputs))
        {
            Fail(cell, "The prompt version was deleted.");
            return true;
        }

        var started = await dispatcher.DispatchExperimentAsync(
            await PrincipalAsync(db, experiment, cancellationToken),
            definition,
            new StartRunRequest(workflowId, inputs, $"{cell.Id}-{cell.Attempt}"),
            cancellationToken
        );
        if (started.IsOk)
        {
            (cell.Status, cell.RunId) = (CellStatus.Running, started.Value.Id);
        }
        else if (started.Problem.Kind == ProblemKind.Unavailable)
        {
            return false;
        }
        else
        {
            Fail(cell, string.Join(" ", [started.Problem.Message, .. started.Problem.Errors.Select(error => error.Message)]));
        }

        return true;
    }

    /// <summary>What runs for a cell, and its inputs; null when the prompt version is gone.</summary>
    private async Task<(WorkflowDefinition Definition, Dictionary<string, JsonElement> Inputs)?> RunOfAsync(
        Experiment experiment,
        ExperimentCell cell,
        FrozenCase test,
        List<(Judge, PromptVersion)> judges,
        CancellationToken cancellationToken
    )
    {
        if (experiment.Definitions is { } definitions)
        {
            return (
                VariantPlan.OfWorkflow(experiment, cell.Variant, judges),
                VariantPlan.RunInputs(definitions[cell.Variant], test, judges.Count > 0)
            );
        }

        return await promptVersions.FindAsync(experiment.Variants[cell.Variant].PromptVersionId!, cancellationToken) is { } version
            ? (VariantPlan.Definition(experiment, cell.Variant, version, judges), VariantPlan.RunInputs(version, test, judges.Count > 0))
            : null;
    }

    /// <summary>Records cells whose runs have ended: cost, output and what the checks say.</summary>
    internal async Task RecordAsync(
        PromptPilotDbContext db,
        Experiment experiment,
        List<ExperimentCell> cells,
        CancellationToken cancellationToken
    )
    {
        if (await frozen.FindAsync(db, experiment.TestSetVersionId, cancellationToken) is not { } version)
        {
            // The experiment was deleted at the same moment, and the cells with it.
            return;
        }

        var runIds = cells.Select(cell => cell.RunId).ToList();
        var logs = (
            await db.ExecutionLogs.AsNoTracking().Where(entry => runIds.Contains(entry.RunId)).ToListAsync(cancellationToken)
        ).ToLookup(entry => entry.RunId);
        var ended = await db
            .WorkflowRuns.AsNoTracking()
            .Where(run => runIds.Contains(run.Id))
            .Select(run => new EndedRun(run.Id, run.Status, run.ErrorMessage, run.Outputs, run.DurationMs))
            .ToDictionaryAsync(run => run.Id, cancellationToken);
        var checks = await fingerprints.OfChecksAsync(version.Checks, experiment.Judges, cancellationToken);
        foreach (var cell in cells)
        {
            var all = logs[cell.RunId].OrderBy(entry => entry.Timestamp).ToList();
            var attempts = all.FindAll(entry => VariantPlan.IsAnswer(entry.StepId));
            cell.Cost += attempts.Sum(entry => entry.Cost);
            cell.JudgeCost += all.Sum(entry => entry.Cost) - attempts.Sum(entry => entry.Cost);
            cell.InputTokens = attempts.Sum(entry => (long)entry.InputTokens);
            cell.OutputTokens = attempts.Sum(entry => (long)entry.OutputTokens);
            var run = ended.GetValueOrDefault(cell.RunId!);
            var test = version.Cases.Find(one => one.Id == cell.CaseId);
            if (experiment.Variants[cell.Variant].Workflow is { } workflow)
            {
                var (record, why) = WorkflowRecord.Of(run, workflow.OutputKey, test, attempts);
                if (record is null)
                {
                    Fail(cell, why!);
                    continue;
                }

                (cell.LogId, cell.DurationMs) = (record.LogId, record.Subject.DurationMs);
                await CheckAsync(experiment, cell, record.Subject, all, version, cancellationToken);
            }
            else if (attempts.Find(entry => entry.Status == ExecutionStatus.Success) is { } success)
            {
                (cell.LogId, cell.DurationMs, cell.OutputTokens) = (success.Id, success.DurationMs, success.OutputTokens);
                var subject = new CheckSubject(
                    success.Output,
                    test?.Expected,
                    success.Input,
                    success.OutputTokens,
                    success.Cost,
                    success.DurationMs
                );
                await CheckAsync(experiment, cell, subject, all, version, cancellationToken);
                await ConfirmAsync(experiment, cell, success, version, checks, cancellationToken);
            }
            else
            {
                Fail(cell, run?.ErrorMessage ?? "The call was cancelled or its run deleted.");
            }
        }
    }

    private async Task CheckAsync(
        Experiment experiment,
        ExperimentCell cell,
        CheckSubject subject,
        List<ExecutionLog> all,
        TestSetVersion version,
        CancellationToken cancellationToken
    )
    {
        if (version.Checks.Exists(check => check.Kind == CheckKind.Condition))
        {
            // As in prompts, a document is its text.
            subject = subject with
            {
                Inputs = await prompts.WithTextsAsync(subject.Inputs, cell.RunId!, cancellationToken),
            };
        }

        cell.Verdicts =
        [
            .. version.Checks.Select(check =>
                check.Kind == CheckKind.Judge
                    ? JudgeAnswer.Verdict(check, JudgeLogs(experiment, check, all))
                    : CheckRunner.Run(check, subject, cancellationToken)
            ),
        ];
        var applied = cell.Verdicts.Where(verdict => verdict.Outcome != CheckOutcome.Skipped).ToList();
        cell.Status =
            applied.Count == 0 ? CellStatus.Unchecked
            : applied.TrueForAll(verdict => verdict.Outcome == CheckOutcome.Passed) ? CellStatus.Passed
            : CellStatus.Failed;
    }

    /// <summary>Forgets the fingerprint of a call that was made otherwise than planned: its profile or a label moved meanwhile.</summary>
    private async Task ConfirmAsync(
        Experiment experiment,
        ExperimentCell cell,
        ExecutionLog log,
        TestSetVersion version,
        string checks,
        CancellationToken cancellationToken
    )
    {
        if (cell.Fingerprint is not null)
        {
            var made = version.Cases.Find(frozen => frozen.Id == cell.CaseId) is { } test
                ? await fingerprints.OfLogAsync(experiment.Variants[cell.Variant], log, test, checks, cancellationToken)
                : null;
            cell.Fingerprint = made == cell.Fingerprint ? made : null;
        }
    }

    private static List<ExecutionLog> JudgeLogs(Experiment experiment, Check check, List<ExecutionLog> all)
    {
        var step = VariantPlan.JudgeStep(experiment.Id, experiment.Judges.FindIndex(judge => judge.Check == CheckText.NameOf(check)));
        return all.FindAll(entry => entry.StepId == step);
    }

    private static void Fail(ExperimentCell cell, string message) => (cell.Status, cell.Message) = (CellStatus.Error, message);

    /// <summary>The person who started it; without them, the host, as far as starting goes.</summary>
    private static async Task<Principal> PrincipalAsync(PromptPilotDbContext db, Experiment experiment, CancellationToken cancellationToken)
    {
        var user = await db
            .Users.Where(u => u.Id == experiment.StartedBy)
            .Select(u => new { u.Name, u.Role })
            .SingleOrDefaultAsync(cancellationToken);
        return user is null
            ? new Principal(null, "PromptPilot", Role.Architect)
            : new Principal(experiment.StartedBy, user.Name, user.Role);
    }
}

/// <param name="WorkflowId">The workflow that its runs belong to; null when it is gone.</param>
internal sealed record CallTarget(string? WorkflowId, List<FrozenCase> Cases);

/// <summary>The number of calls that may still be started.</summary>
/// <param name="profiles">Only those with a limit.</param>
internal sealed class ExperimentRoom(int slots, Dictionary<string, int> profiles)
{
    public int Slots { get; private set; } = slots;

    public bool HasRoom(Variant variant) => variant.Profiles.All(id => profiles.GetValueOrDefault(id, 1) > 0);

    public void Take(Variant variant)
    {
        Slots--;
        foreach (var id in variant.Profiles.Where(profiles.ContainsKey))
        {
            profiles[id]--;
        }
    }
}
