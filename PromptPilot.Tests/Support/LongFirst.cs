using PromptPilot.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

// Most tests wait (for a page, a killed portal's return, a retry): a third at a time keeps two cores at work.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongFirst))]

namespace PromptPilot.Tests.Support;

/// <summary>Begins with the classes that take longest, so that none of them is left to run alone at the end.</summary>
public sealed class LongFirst : ITestCollectionOrderer
{
    private static readonly string[] Marks =
    [
        "EveryPage",
        "RawCircuit",
        "KillPoint",
        "Kill",
        "StopTests",
        "Upgrade",
        "CommandTests",
        "CallSnippets",
        "Designer",
        "Canvas",
        "PermissionMatrix",
        "Backup",
        "Attacks",
        "InsightsApi",
        "Readiness",
        "Calls",
        "StrangeText",
        "Load.",
        "LibraryLoad",
        "RetryAfter",
        "ScheduleRun",
        "StartFailure",
        "DataFiles",
        "ClockTests",
        "RunBudgets",
        "Retention",
        "FaultTests",
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(Rank)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var mark = Array.FindIndex(Marks, mark => collection.TestCollectionDisplayName.Contains(mark, StringComparison.Ordinal));
        return mark < 0 ? Marks.Length : mark;
    }
}
