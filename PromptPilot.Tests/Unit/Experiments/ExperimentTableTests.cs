using PromptPilot.Core.Experiments;
using PromptPilot.Core.Experiments.Statistics;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Tests.Unit.Experiments;

public class ExperimentTableTests
{
    private static readonly Variant[] Variants = [new("v1", "1.0.0", "p", "Fake"), new("v2", "2.0.0", "p", "Fake")];

    private static readonly FrozenCase[] Cases =
    [
        new("a", 1, "", [], null),
        new("b", 2, "", [], null),
        new("c", 3, "", [], null),
        new("d", 4, "", [], null),
    ];

    [Fact]
    public void Of_PairsCaseByCase_AndCountsErrorsAsNotPassed()
    {
        var (variants, cases) = ExperimentTable.Of(
            Variants,
            Cases,
            [
                Cell("a", 0, CellStatus.Failed),
                Cell("a", 1, CellStatus.Passed),
                Cell("b", 0, CellStatus.Passed),
                Cell("b", 1, CellStatus.Error),
                Cell("c", 0, CellStatus.Passed),
                Cell("c", 1, CellStatus.Passed),
                Cell("d", 0, CellStatus.Passed),
                Cell("d", 1, CellStatus.Running),
            ]
        );

        cases.Select(row => row.Changes[1]).Should().Equal(Change.Better, Change.Worse, Change.Same, Change.Unknown);
        cases.Should().OnlyContain(row => row.Changes[0] == Change.Same || row.Changes[0] == Change.Unknown);
        variants[0].Comparison.Should().BeNull("it is the baseline");
        variants[0].PassRate!.Passed.Should().Be(3);
        variants[0].PassRate!.Count.Should().Be(4);
        variants[1].PassRate!.Passed.Should().Be(2);
        variants[1].PassRate!.Count.Should().Be(3, "what still runs counts neither way");
        variants[1].Errors.Should().Be(1);
        (variants[1].Comparison! with { Verdict = "", PValue = 0 }).Should().Be(new Comparison(1, 1, 1, 0, ""));
    }

    [Fact]
    public void Of_Repetitions_ComparesTheSharesThatPassed()
    {
        var (_, cases) = ExperimentTable.Of(
            Variants,
            Cases[..1],
            [
                Cell("a", 0, CellStatus.Passed, 1),
                Cell("a", 0, CellStatus.Failed, 2),
                Cell("a", 1, CellStatus.Passed, 1),
                Cell("a", 1, CellStatus.Passed, 2),
            ]
        );

        cases[0].Changes[1].Should().Be(Change.Better);
    }

    [Fact]
    public void Of_WhatNoCheckAppliesTo_IsNotCompared()
    {
        var (variants, cases) = ExperimentTable.Of(
            Variants,
            Cases[..1],
            [Cell("a", 0, CellStatus.Unchecked), Cell("a", 1, CellStatus.Unchecked)]
        );

        cases[0].Changes[1].Should().Be(Change.Unknown);
        variants[1].PassRate.Should().BeNull();
        variants[1].Done.Should().Be(1);
    }

    [Theory]
    [InlineData(new long[] { 3, 1, 2 }, 2.0)]
    [InlineData(new long[] { 4, 1, 2, 3 }, 2.5)]
    public void Of_Durations_HasTheMedian(long[] durations, double median)
    {
        var cells = durations.Select((duration, i) => Cell(Cases[i].Id, 0, CellStatus.Passed) with { DurationMs = duration });

        var (variants, _) = ExperimentTable.Of(Variants[..1], Cases, [.. cells.Select(cell => cell.ToEntity())]);

        variants[0].MedianMs.Should().Be(median);
    }

    [Theory]
    [InlineData(CellStatus.Passed, null, 2, true)]
    [InlineData(CellStatus.Passed, null, 4, false)]
    [InlineData(CellStatus.Failed, null, 5, true)]
    [InlineData(CellStatus.Failed, null, 1, false)]
    [InlineData(CellStatus.Failed, null, 3, false)]
    [InlineData(CellStatus.Unchecked, null, 1, false)]
    [InlineData(CellStatus.Failed, CheckOutcome.Passed, 1, true)]
    [InlineData(CellStatus.Failed, CheckOutcome.Error, 1, false)]
    [InlineData(CellStatus.Passed, CheckOutcome.Passed, 5, false)]
    public void Of_Ratings_SaysWherePeopleDisagree(CellStatus status, CheckOutcome? judge, int rating, bool disagrees)
    {
        var cell = Cell("a", 0, status).ToEntity();
        cell.LogId = "log";
        cell.Verdicts = [new CheckVerdict("Contains", CheckOutcome.Passed, ""), .. Verdict(judge)];

        var (_, cases) = ExperimentTable.Of(
            Variants[..1],
            Cases[..1],
            [cell],
            [new Judge("Judge", "v", "1.0.0", "p", "Fake")],
            [("log", rating), ("another", 1), ("another", 5)]
        );

        cases[0].Cells[0][0].Disagrees.Should().Be(disagrees);
    }

    private static CheckVerdict[] Verdict(CheckOutcome? judge) => judge is { } outcome ? [new CheckVerdict("Judge", outcome, "")] : [];

    private static CellOf Cell(string test, int variant, CellStatus status, int repetition = 1) => new(test, variant, status, repetition);

    private sealed record CellOf(string Case, int Variant, CellStatus Status, int Repetition)
    {
        public long DurationMs { get; init; }

        public ExperimentCell ToEntity() =>
            new()
            {
                ExperimentId = "e",
                CaseId = Case,
                Variant = Variant,
                Repetition = Repetition,
                Status = Status,
                DurationMs = DurationMs,
            };

        public static implicit operator ExperimentCell(CellOf cell) => cell.ToEntity();
    }
}
