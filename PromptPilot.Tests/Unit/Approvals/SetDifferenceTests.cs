using System.Text.Json;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;

namespace PromptPilot.Tests.Unit.Approvals;

/// <summary>What is said of a test set that changed since a protection was set.</summary>
public class SetDifferenceTests
{
    private static readonly Check Friday = new() { Kind = CheckKind.Contains, Value = "Friday" };

    [Fact]
    public void Set_ThatIsTheSame_HasNoDifference() =>
        SetDifference.Of(Version([Case(1), Case(2)]), Set(Friday), [Case(1), Case(2) with { Name = "Renamed" }]).Should().BeEmpty();

    [Fact]
    public void Set_ThatIsWeaker_SaysInWhatWay() =>
        SetDifference
            .Of(
                Version([Case(1), Case(2), Case(3)], count: 5),
                Set(Friday with { IgnoreCase = true }),
                [Case(2) with { Expected = "x" }, Case(9)]
            )
            .Should()
            .Equal("4 cases were removed.", "1 case was changed: #2.", "1 case was added.", "Check removed or changed: Contains “Friday”.");

    [Fact]
    public void ChecksThatAreAdded_AreNoDifference() =>
        SetDifference
            .Of(Version([Case(1)]), Set(Friday, new Check { Kind = CheckKind.Limit, MaxWords = 9 }), [Case(1)])
            .Should()
            .BeEmpty("the set is only stricter");

    [Fact]
    public void AnotherOutput_IsADifference()
    {
        var set = Set(Friday);
        set.OutputKey = "facts";

        SetDifference.Of(Version([Case(1)]), set, [Case(1)]).Should().Equal("Another output is checked.");
    }

    private static FrozenCase Case(int number) =>
        new($"case-{number}", number, "", new() { ["notes"] = JsonSerializer.SerializeToElement($"Notes {number}") }, null);

    private static TestSetVersion Version(List<FrozenCase> cases, int count = 0) =>
        new()
        {
            TestSetId = "set",
            Checks = [Friday],
            Cases = cases,
            CaseCount = count,
        };

    private static TestSet Set(params Check[] checks) =>
        new()
        {
            Name = "Core",
            NormalizedName = "CORE",
            Checks = [.. checks],
        };
}
