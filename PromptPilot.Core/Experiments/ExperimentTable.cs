using PromptPilot.Core.Experiments.Statistics;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Core.Experiments;

/// <summary>Makes the results of an experiment from its cells. Pure.</summary>
internal static class ExperimentTable
{
    /// <param name="judges">Their verdicts are compared with people's ratings one by one.</param>
    /// <param name="ratings">People's ratings by the id of the log.</param>
    public static (IReadOnlyList<VariantResult> Variants, IReadOnlyList<CaseResult> Cases) Of(
        IReadOnlyList<Variant> variants,
        IReadOnlyList<FrozenCase> cases,
        IReadOnlyList<ExperimentCell> cells,
        IReadOnlyList<Judge>? judges = null,
        IReadOnlyList<(string LogId, int Rating)>? ratings = null
    )
    {
        var judging = (judges ?? []).Select(judge => judge.Check).ToHashSet();
        var rated = (ratings ?? []).ToLookup(rating => rating.LogId, rating => rating.Rating);
        var byCase = cells.ToLookup(cell => cell.CaseId);
        var rows = cases
            .Select(test =>
            {
                var ofCase = byCase[test.Id].ToLookup(cell => cell.Variant);
                var results = variants
                    .Select(
                        (_, i) =>
                            (IReadOnlyList<CellResult>)
                                [
                                    .. ofCase[i]
                                        .OrderBy(cell => cell.Repetition)
                                        .Select(cell => Result(cell, Disagrees(cell, judging, rated[cell.LogId ?? ""]))),
                                ]
                    )
                    .ToList();
                var shares = variants.Select((_, i) => ShareOf([.. ofCase[i]])).ToList();
                return new CaseResult(test.Id, test.Number, test.Name, results, [.. shares.Select(share => ChangeOf(shares[0], share))]);
            })
            .ToList();
        var counted = variants.Select((variant, i) => Count(variant, i, [.. cells.Where(cell => cell.Variant == i)], rows)).ToList();
        return (counted, rows);
    }

    /// <summary>A judge's agreement with people, with a pair for each rating of an output that it judged.</summary>
    public static Agreement AgreementOf(Judge judge, IReadOnlyList<ExperimentCell> cells, IReadOnlyList<(string LogId, int Rating)> ratings)
    {
        var verdicts = cells
            .Where(cell => cell.LogId is not null)
            .ToDictionary(
                cell => cell.LogId!,
                cell => cell.Verdicts.Find(verdict => verdict.Name == judge.Check)?.Outcome ?? CheckOutcome.Error
            );
        var pairs = ratings
            .Where(rating => rating.Rating != 3 && verdicts.GetValueOrDefault(rating.LogId) is CheckOutcome.Passed or CheckOutcome.Failed)
            .Select(rating => (Judge: verdicts[rating.LogId] == CheckOutcome.Passed, People: rating.Rating > 3))
            .ToList();
        return Agreement.Of(
            pairs.Count(pair => pair is { Judge: true, People: true }),
            pairs.Count(pair => pair is { Judge: true, People: false }),
            pairs.Count(pair => pair is { Judge: false, People: true }),
            pairs.Count(pair => pair is { Judge: false, People: false })
        );
    }

    /// <summary>
    /// Whether people's ratings contradict the checks together, or a judge: 4 and 5 are pass, 1 and 2 fail, 3 says nothing.
    /// </summary>
    private static bool Disagrees(ExperimentCell cell, HashSet<string> judges, IEnumerable<int> ratings)
    {
        var passes = cell
            .Verdicts.Where(verdict => judges.Contains(verdict.Name) && verdict.Outcome is (CheckOutcome.Passed or CheckOutcome.Failed))
            .Select(verdict => verdict.Outcome == CheckOutcome.Passed)
            .Concat(cell.Status is CellStatus.Passed or CellStatus.Failed ? [cell.Status == CellStatus.Passed] : [])
            .Distinct()
            .ToList();
        return ratings.Where(rating => rating != 3).Any(rating => passes.Contains(rating < 3));
    }

    private static VariantResult Count(Variant variant, int index, List<ExperimentCell> cells, List<CaseResult> rows)
    {
        var ended = cells.Where(cell => !cell.IsOpen).ToList();
        var judged = ended.Where(cell => cell.Status != CellStatus.Unchecked).ToList();
        var changes = rows.Select(row => row.Changes[index]).ToList();
        return new VariantResult(
            variant,
            judged.Count == 0 ? null : PassRate.Of(judged.Count(cell => cell.Status == CellStatus.Passed), judged.Count),
            ended.Count,
            ended.Count(cell => cell.Status == CellStatus.Error),
            ended.Count == 0 ? null : Money.ToUsd(ended.Sum(cell => cell.Cost)) / ended.Count,
            Median([.. ended.Where(cell => cell.Status != CellStatus.Error).Select(cell => cell.DurationMs)]),
            index == 0
                ? null
                : Comparison.Of(
                    changes.Count(change => change == Change.Better),
                    changes.Count(change => change == Change.Worse),
                    changes.Count(change => change == Change.Same)
                )
        );
    }

    /// <summary>The share of a case's repetitions that passed; null until all have ended, or when no check applies.</summary>
    private static double? ShareOf(List<ExperimentCell> cells) =>
        cells.Count == 0 || cells.Exists(cell => cell.IsOpen || cell.Status == CellStatus.Unchecked)
            ? null
            : (double)cells.Count(cell => cell.Status == CellStatus.Passed) / cells.Count;

    private static Change ChangeOf(double? baseline, double? share) =>
        baseline is null || share is null ? Change.Unknown
        : share > baseline ? Change.Better
        : share < baseline ? Change.Worse
        : Change.Same;

    private static double? Median(List<long> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
    }

    private static CellResult Result(ExperimentCell cell, bool disagrees) =>
        new(
            cell.Id,
            cell.Repetition,
            cell.Status,
            cell.RunId,
            cell.LogId,
            cell.Message,
            cell.Verdicts,
            cell.OutputTokens,
            Money.ToUsd(cell.Cost),
            cell.DurationMs,
            cell.ReusedFrom,
            disagrees
        );
}
