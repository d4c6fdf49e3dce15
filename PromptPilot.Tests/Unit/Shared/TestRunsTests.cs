using System.Reflection;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>test.sh runs the tests by namespace: what is in none of its three runs would never run.</summary>
public sealed class TestRunsTests
{
    private static readonly string[] Runs =
    [
        "PromptPilot.Tests.Unit.",
        "PromptPilot.Tests.Components.",
        "PromptPilot.Tests.Integration.",
        "PromptPilot.Tests.InBrowser.",
    ];

    [Fact]
    public void TestClass_IsInANamespaceOfOneRun() =>
        typeof(TestRunsTests)
            .Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.GetCustomAttribute<FactAttribute>() is not null))
            .Select(type => type.FullName!)
            .Where(name => !Runs.Any(run => name.StartsWith(run, StringComparison.Ordinal)))
            .Should()
            .BeEmpty("test.sh would not run it; docs/testing.md names the runs");
}
