using CsCheck;
using PromptPilot.Core.Feedback;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Feedback;

public class RatingOrderTests
{
    private static readonly DateTime Start = new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Of_ABusyVersion_LeavesRoomForTheOthers() =>
        RatingOrder
            .Of([Candidate("a1", "v1", 9), Candidate("a2", "v1", 8), Candidate("a3", "v1", 7), Candidate("b1", "v2", 1)])
            .Select(candidate => candidate.LogId)
            .Should()
            .Equal("a1", "b1", "a2", "a3");

    [Fact]
    public void Of_WhatOthersRated_ComesLast() =>
        RatingOrder
            .Of([Candidate("rated", "v1", 9, ratings: 1), Candidate("old", "v1", 1), Candidate("twice", "v2", 8, ratings: 2)])
            .Select(candidate => candidate.LogId)
            .Should()
            .Equal("old", "rated", "twice");

    [Fact]
    public void Of_AnyCandidates_KeepsAll_UnratedFirst_AndSpreadsThem() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 1000], (group, ratings, minute) => (group, ratings, minute))
            .Array[0, 40]
            .Sample(
                drawn =>
                {
                    var candidates = drawn
                        .Select((draw, i) => Candidate($"log{i:00}", $"v{draw.group}", draw.minute, draw.ratings))
                        .ToList();

                    var order = RatingOrder.Of(candidates);

                    order.Should().BeEquivalentTo(candidates);
                    order.Select(candidate => candidate.Ratings).Should().BeInAscendingOrder();
                    foreach (var level in order.GroupBy(candidate => candidate.Ratings))
                    {
                        // After each step of the order, a group that still has outputs left is at most one ahead of any other such group.
                        var left = level.GroupBy(candidate => candidate.Group).ToDictionary(group => group.Key, group => group.Count());
                        var taken = left.Keys.ToDictionary(group => group, _ => 0);
                        foreach (var candidate in level)
                        {
                            taken[candidate.Group]++;
                            left[candidate.Group]--;
                            var waiting = left.Where(group => group.Value > 0).Select(group => taken[group.Key]).ToList();
                            waiting.All(count => count >= taken[candidate.Group] - 1).Should().BeTrue();
                        }
                    }
                },
                iter: Samples.Count(200, 20_000)
            );

    private static RatingCandidate Candidate(string id, string version, int minute, int ratings = 0) =>
        new(id, (version, "profile"), Start.AddMinutes(minute), ratings);
}
