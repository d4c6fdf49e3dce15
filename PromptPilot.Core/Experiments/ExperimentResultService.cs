using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Experiments.Batches;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments;

/// <summary>Reads experiments: lists, results, outputs and CSV.</summary>
public sealed class ExperimentResultService(Operations operations, ExperimentSignal signal, TimeProvider time)
{
    private static readonly string[] Head =
    [
        "case",
        "caseName",
        "variant",
        "promptVersion",
        "modelProfile",
        "repetition",
        "status",
        "checks",
        "message",
        "outputTokens",
        "costUsd",
        "durationMs",
        "runId",
        "executionId",
        "reusedFrom",
    ];

    /// <summary>Experiments, the newest first.</summary>
    /// <param name="testSetId">Only of this set; null: of all.</param>
    /// <param name="workflowId">Only batches and experiments of this workflow; null: of all.</param>
    public Task<Result<Page<ExperimentListItem>>> ListAsync(
        Actor actor,
        string? testSetId,
        string? workflowId,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<Page<ExperimentListItem>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var experiments = db
                    .Experiments.IgnoreQueryFilters()
                    .AsNoTracking()
                    .Where(e =>
                        (testSetId == null || e.TestSetId == testSetId)
                        && (workflowId == null || db.TestSets.Any(set => set.Id == e.TestSetId && set.WorkflowId == workflowId))
                    );
                if (page.After is { } after)
                {
                    if (TimeCursor.Parse(after, '*') is not { } cursor)
                    {
                        return PageRequest.WrongCursor;
                    }

                    experiments = experiments.Where(e =>
                        e.CreatedAt <= cursor.At && (e.CreatedAt < cursor.At || e.Id.CompareTo(cursor.Id) < 0)
                    );
                }

                var rows = await experiments
                    .OrderByDescending(e => e.CreatedAt)
                    .ThenByDescending(e => e.Id)
                    .Take(page.Take + 1)
                    .Select(e => new
                    {
                        Experiment = e,
                        SetName = db.TestSets.Where(set => set.Id == e.TestSetId).Select(set => set.Name).First(),
                        IsBatch = db.TestSets.Where(set => set.Id == e.TestSetId).Select(set => set.IsBatch).First(),
                        Calls = db.ExperimentCells.Count(cell => cell.ExperimentId == e.Id),
                        Open = db.ExperimentCells.Count(cell =>
                            cell.ExperimentId == e.Id && (cell.Status == CellStatus.Waiting || cell.Status == CellStatus.Running)
                        ),
                        By = db.Users.Where(user => user.Id == e.StartedBy).Select(user => user.Name).FirstOrDefault(),
                    })
                    .ToListAsync(cancellationToken);
                var items = rows.ConvertAll(row => new ExperimentListItem(
                    row.Experiment.Id,
                    row.Experiment.Name,
                    row.Experiment.TestSetId,
                    row.SetName,
                    row.Experiment.Status,
                    row.Experiment.Variants.Count,
                    row.Calls - row.Open,
                    row.Calls,
                    row.By,
                    row.Experiment.CreatedAt
                )
                {
                    IsBatch = row.IsBatch,
                });
                return items.Count > page.Take
                    ? new Page<ExperimentListItem>(
                        items[..page.Take],
                        new TimeCursor(items[page.Take - 1].CreatedAt, items[page.Take - 1].Id).ToString('*')
                    )
                    : new Page<ExperimentListItem>(items, null);
            },
            cancellationToken
        );

    /// <summary>An experiment with its results so far.</summary>
    public Task<Result<ExperimentView>> FindAsync(Actor actor, string experimentId, CancellationToken cancellationToken) =>
        operations.ReadAsync<ExperimentView>(
            actor,
            Permission.Read,
            (db, _) => ViewAsync(db, experimentId, cancellationToken),
            cancellationToken
        );

    /// <summary>Signals when results of any experiment change.</summary>
    public Task<Result<ExperimentWatch>> WatchAsync(Actor actor, CancellationToken cancellationToken) =>
        operations.AuthorizeAsync<ExperimentWatch>(actor, Permission.Read, _ => new ExperimentWatch(signal), cancellationToken);

    /// <summary>The output of each variant for a case.</summary>
    public Task<Result<IReadOnlyList<CaseOutput>>> FindOutputsAsync(
        Actor actor,
        string experimentId,
        string caseId,
        CancellationToken cancellationToken
    ) =>
        operations.ReadAsync<IReadOnlyList<CaseOutput>>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var variants = await db
                    .Experiments.Where(e => e.Id == experimentId)
                    .Select(e => e.Variants)
                    .FirstOrDefaultAsync(cancellationToken);
                var cells = await db
                    .ExperimentCells.AsNoTracking()
                    .Where(cell => cell.ExperimentId == experimentId && cell.CaseId == caseId)
                    .OrderBy(cell => cell.Variant)
                    .ThenBy(cell => cell.Repetition)
                    .Select(cell => new
                    {
                        cell.Id,
                        cell.Variant,
                        cell.Repetition,
                        Text = db.ExecutionLogs.Where(log => log.Id == cell.LogId).Select(log => log.Output).FirstOrDefault(),
                        Outputs = db.WorkflowRuns.Where(run => run.Id == cell.RunId).Select(run => run.Outputs).FirstOrDefault(),
                    })
                    .ToListAsync(cancellationToken);
                return cells.ConvertAll(cell => new CaseOutput(
                    cell.Id,
                    cell.Variant,
                    cell.Repetition,
                    variants?[cell.Variant].Workflow is { OutputKey: { } key }
                        ? cell.Outputs?.TryGetValue(key, out var value) == true
                            ? CaseValues.Text(value)
                            : null
                        : cell.Text
                ));
            },
            cancellationToken
        );

    /// <summary>A row for each call, as CSV; of a batch, its file with the outputs behind the columns.</summary>
    public Task<Result<ExperimentFile>> ExportAsync(Actor actor, string experimentId, CancellationToken cancellationToken) =>
        operations.ReadAsync<ExperimentFile>(
            actor,
            Permission.Read,
            async (db, _) =>
            {
                var view = await ViewAsync(db, experimentId, cancellationToken);
                return !view.IsOk ? view.Problem
                    : view.Value.IsBatch ? File("batch", await BatchResults.ExportAsync(db, experimentId, cancellationToken))
                    : File("experiment", CsvText.Write(Head, Rows(view.Value)));
            },
            cancellationToken
        );

    private ExperimentFile File(string what, byte[] content) => new($"{what}-{time.GetUtcNow():yyyyMMdd-HHmmss}.csv", content);

    private static IEnumerable<string?[]> Rows(ExperimentView view) =>
        from test in view.Cases
        from variant in Enumerable.Range(0, view.Variants.Count)
        from cell in test.Cells[variant]
        select (string?[])
            [
                CsvText.Number(test.Number),
                test.Name,
                CsvText.Number(variant + 1),
                VersionOf(view.Variants[variant].Variant),
                view.Variants[variant].Variant.ProfileName,
                CsvText.Number(cell.Repetition),
                System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(cell.Status.ToString()),
                string.Join("; ", cell.Verdicts.Select(verdict => $"{verdict.Name}: {verdict.Outcome} ({verdict.Reason})")),
                cell.Message,
                CsvText.Number(cell.OutputTokens),
                CsvText.Number(cell.Cost),
                CsvText.Number(cell.DurationMs),
                cell.RunId,
                cell.LogId,
                cell.ReusedFrom,
            ];

    private static string VersionOf(Variant variant) => variant.DraftAt is { } at ? $"{variant.Title} {CsvText.Time(at)}" : variant.Title;

    private static async Task<Result<ExperimentView>> ViewAsync(
        PromptPilotDbContext db,
        string experimentId,
        CancellationToken cancellationToken
    )
    {
        var found = await (
            from e in db.Experiments.IgnoreQueryFilters().AsNoTracking()
            where e.Id == experimentId
            join version in db.TestSetVersions on e.TestSetVersionId equals version.Id
            join set in db.TestSets on e.TestSetId equals set.Id
            select new
            {
                Experiment = e,
                version.Number,
                Set = set,
                PromptName = db.Prompts.Where(prompt => prompt.Id == set.PromptId).Select(prompt => prompt.Name).FirstOrDefault(),
                WorkflowName = db
                    .Workflows.Where(workflow => workflow.Id == set.WorkflowId)
                    .Select(workflow => workflow.Name)
                    .FirstOrDefault(),
                By = db.Users.Where(user => user.Id == e.StartedBy).Select(user => user.Name).FirstOrDefault(),
            }
        ).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return Problem.NotFound("experiment");
        }

        var experiment = found.Experiment;
        var cells = await db
            .ExperimentCells.AsNoTracking()
            .Where(cell => cell.ExperimentId == experimentId)
            .OrderBy(cell => cell.Order)
            .ToListAsync(cancellationToken);
        var frozen = found.Set.IsBatch
            ? []
            : await db
                .TestSetVersions.AsNoTracking()
                .Where(version => version.Id == experiment.TestSetVersionId)
                .Select(version => version.Cases)
                .SingleAsync(cancellationToken);
        var ratings = await RatingsAsync(db, experimentId, cancellationToken);
        var (variants, cases) = ExperimentTable.Of(experiment.Variants, frozen, cells, experiment.Judges, ratings);
        return new ExperimentView(
            experiment.Id,
            experiment.Name,
            found.Set.PromptId,
            found.PromptName,
            experiment.TestSetId,
            found.Set.Name,
            found.Number,
            experiment.Status,
            experiment.Repetitions,
            cells.Count(cell => !cell.IsOpen),
            cells.Count,
            cells.Count(cell => cell.ReusedFrom is not null),
            Money.ToUsd(cells.Where(cell => cell.ReusedFrom is null).Sum(cell => cell.Cost + cell.JudgeCost)),
            Money.ToUsd(experiment.CostBound),
            found.By,
            experiment.CreatedAt,
            experiment.FinishedAt,
            variants,
            cases,
            [.. experiment.Judges.Select(judge => new JudgeAgreement(judge, ExperimentTable.AgreementOf(judge, cells, ratings)))]
        )
        {
            WorkflowId = found.Set.WorkflowId,
            WorkflowName = found.WorkflowName,
            IsBatch = found.Set.IsBatch,
        };
    }

    /// <summary>People's ratings of the outputs of an experiment, by the id of the log.</summary>
    private static async Task<List<(string LogId, int Rating)>> RatingsAsync(
        PromptPilotDbContext db,
        string experimentId,
        CancellationToken cancellationToken
    )
    {
        var ratings = await (
            from cell in db.ExperimentCells
            where cell.ExperimentId == experimentId
            join feedback in db.Feedback on cell.LogId equals feedback.ExecutionId
            select new { feedback.ExecutionId, feedback.Rating }
        ).ToListAsync(cancellationToken);
        return ratings.ConvertAll(rating => (rating.ExecutionId, rating.Rating));
    }
}
