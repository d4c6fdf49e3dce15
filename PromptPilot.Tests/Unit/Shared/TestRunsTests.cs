using System.Reflection;
using PromptPilot.Tests.Support;

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

    /// <summary>
    /// Playwright for .NET compares the address and then begins to listen: a navigation in between is missed, and the wait runs out. Its
    /// assertion asks again and again.
    /// </summary>
    [Fact]
    public void Journey_WaitsForAnAddress_ByAnAssertion() =>
        Directory
            .EnumerateFiles(RepositoryRoot.File("PromptPilot.Tests", "Browser"), "*.cs")
            .Append(RepositoryRoot.File("PromptPilot.Tests", "Support", "BrowserWindow.cs"))
            .Where(path => File.ReadAllText(path).Contains("WaitForURLAsync", StringComparison.Ordinal))
            .Should()
            .BeEmpty("a journey waits with ToHaveURLAsync");
}
