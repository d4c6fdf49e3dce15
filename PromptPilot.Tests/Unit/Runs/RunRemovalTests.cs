using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Retention;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Features.Workflows;

namespace PromptPilot.Tests.Unit.Runs;

/// <summary>Which of some runs may go.</summary>
public class RunRemovalTests
{
    private static readonly RemovableRun Plain = new("a", IsFinished: true, IsPinned: false, IsRated: false);

    [Fact]
    public void Decide_ByTheRunItself_KeepsUnfinishedAndPinnedAlways_RatedOnlyFromTheRetention()
    {
        RemovableRun[] runs =
        [
            Plain,
            Plain with
            {
                Id = "running",
                IsFinished = false,
            },
            Plain with
            {
                Id = "pinned",
                IsPinned = true,
            },
            Plain with
            {
                Id = "rated",
                IsRated = true,
            },
        ];

        RunRemoval.Decide(runs, [], ratedStay: true).Goes.Should().Equal("a");
        var byAPerson = RunRemoval.Decide(runs, [], ratedStay: false);

        byAPerson.Goes.Should().Equal("a", "rated");
        byAPerson
            .Kept.Should()
            .BeEquivalentTo(
                new Dictionary<string, string>
                {
                    ["running"] = "This run has not ended yet. Cancel it first.",
                    ["pinned"] = "This run is pinned. Unpin it first.",
                }
            );
    }

    [Fact]
    public void Decide_OfAParent_KeepsItForAChildThatStays_AndNamesTheChild()
    {
        RunLink[] descents = [new("a", "b"), new("b", "c")];

        RunRemoval
            .Decide([Plain], descents[..1], ratedStay: false)
            .Kept["a"]
            .Should()
            .Be("Run b reuses results of this run. Delete that run first.");
        RunRemoval
            .Decide([Plain, Plain with { Id = "b" }, Plain with { Id = "c" }], descents, ratedStay: false)
            .Goes.Should()
            .Equal("a", "b", "c");
        var pinned = RunRemoval.Decide(
            [Plain, Plain with { Id = "b" }, Plain with { Id = "c", IsPinned = true }],
            descents,
            ratedStay: false
        );
        pinned.Goes.Should().BeEmpty();
        pinned.Kept["a"].Should().Contain("Run b reuses");
    }

    [Fact]
    public void Decide_OfAnyForest_LetsGoAllThatNothingHolds_AndNothingElse()
    {
        var random = new Random(7);
        for (var round = 0; round < Samples.Count(few: 100, many: 2_000); round++)
        {
            var count = random.Next(1, 30);
            var parents = Enumerable.Range(0, count).Select(i => i > 0 && random.Next(3) > 0 ? random.Next(i) : -1).ToArray();
            var isWanted = Enumerable.Range(0, count).Select(_ => random.Next(4) > 0).ToArray();
            var runs = Enumerable
                .Range(0, count)
                .Select(i => new RemovableRun($"{i}", random.Next(8) > 0, random.Next(8) == 0, random.Next(8) == 0))
                .ToArray();
            var descents = Enumerable
                .Range(0, count)
                .Where(i => parents[i] >= 0 && isWanted[parents[i]])
                .Select(i => new RunLink($"{parents[i]}", $"{i}"))
                .ToArray();

            var plan = RunRemoval.Decide([.. runs.Where((_, i) => isWanted[i])], descents, ratedStay: true);

            // Children have higher numbers: from the last to the first, each is held by itself or by a child that stays.
            var stays = new bool[count];
            for (var i = count - 1; i >= 0; i--)
            {
                stays[i] =
                    !isWanted[i]
                    || !runs[i].IsFinished
                    || runs[i].IsPinned
                    || runs[i].IsRated
                    || Enumerable.Range(0, count).Any(child => parents[child] == i && stays[child]);
            }

            plan.Goes.Should().BeEquivalentTo(Enumerable.Range(0, count).Where(i => !stays[i]).Select(i => $"{i}"));
            plan.Kept.Keys.Should().BeEquivalentTo(Enumerable.Range(0, count).Where(i => stays[i] && isWanted[i]).Select(i => $"{i}"));
        }
    }

    [Theory]
    [InlineData(null, null, 90, 0, 90, null)]
    [InlineData(null, null, 0, 0, null, null)]
    [InlineData(7, null, 90, 0, 7, null)]
    [InlineData(null, 12, 0, 500, null, 12)]
    [InlineData(null, null, 90, 500, 90, 500)]
    public void Rule_IsTheWorkflowsElseTheHosts(int? ownDays, int? ownRuns, int days, int runs, int? expectedDays, int? expectedRuns) =>
        RetentionRule
            .Of(new WorkflowLimits { KeepDays = ownDays, KeepRuns = ownRuns }, new RunsOptions { KeepDays = days, KeepRuns = runs })
            .Should()
            .Be(new RetentionRule(expectedDays, expectedRuns));

    [Theory]
    [InlineData(null, null, "Ended runs are kept forever.")]
    [InlineData(90, null, "Ended runs are kept 90 days; rated and pinned runs are always kept.")]
    [InlineData(null, 1, "The newest 1 ended run is kept; rated and pinned runs are always kept.")]
    [InlineData(1, 12, "The newest 12 ended runs are kept 1 day; rated and pinned runs are always kept.")]
    public void Rule_InWords_SaysHowLongAndHowMany(int? days, int? runs, string expected) =>
        RetentionWords.Of(new RetentionRule(days, runs)).Should().Be(expected);
}
