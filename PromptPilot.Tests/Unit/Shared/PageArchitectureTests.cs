using System.Text.RegularExpressions;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>What holds for every page and component, read from the source.</summary>
public partial class PageArchitectureTests
{
    /// <summary>Static pages, which run inside one request.</summary>
    private const string StaticPages = "/Account/SignIn/";

    [Fact]
    public void Links_AreRelativeToTheBasePath() => Found(AbsoluteLink()).Should().BeEmpty("the portal may be hosted under a path");

    [Fact]
    public void Components_AreInjectedByConstructors() => Found(PropertyInjection()).Should().BeEmpty();

    [Fact]
    public void Pages_CancelWithTheirToken() => Found(NoToken()).Should().BeEmpty("loads end when the page is left");

    [Fact]
    public void Pages_AskBeforeLeavingByOneGuard() => Found(Lock()).Should().Equal("Components/Pages/LeaveGuard.razor: <NavigationLock");

    [Fact]
    public void Markup_EndsByColumn140() =>
        Sources()
            .Where(source => source.Path.EndsWith(".razor", StringComparison.Ordinal))
            .SelectMany(source => source.Text.Split('\n').Where(line => line.Length > 140).Select(line => $"{source.Path}: {line.Trim()}"))
            .Should()
            .BeEmpty();

    private static List<string> Found(Regex pattern) =>
        [
            .. Sources()
                .SelectMany(source =>
                    source
                        .Text.Split('\n')
                        .Where(line =>
                            !line.StartsWith("@page", StringComparison.Ordinal)
                            && !line.TrimStart().StartsWith("///", StringComparison.Ordinal)
                        )
                        .Select(line => pattern.Match(line))
                        .Where(match => match.Success)
                        .Select(match => $"{source.Path}: {match.Value.Trim()}")
                ),
        ];

    private static IEnumerable<(string Path, string Text)> Sources() =>
        from path in Directory.EnumerateFiles(RepositoryRoot.File("PromptPilot.Web"), "*.razor*", SearchOption.AllDirectories)
        let plain = path.Replace('\\', '/')
        where plain.EndsWith(".razor", StringComparison.Ordinal) || plain.EndsWith(".razor.cs", StringComparison.Ordinal)
        where !plain.Contains("/obj/", StringComparison.Ordinal) && !plain.Contains("/bin/", StringComparison.Ordinal)
        where !plain.Contains(StaticPages, StringComparison.Ordinal) && !plain.EndsWith("/App.razor", StringComparison.Ordinal)
        select (
            plain[(plain.IndexOf("/PromptPilot.Web/", StringComparison.Ordinal) + "/PromptPilot.Web/".Length)..],
            File.ReadAllText(path)
        );

    [GeneratedRegex("(?<![\\w)])[$@]*\"/[a-z{]|(href|Href|src|action)=\"/[^/]?")]
    private static partial Regex AbsoluteLink();

    [GeneratedRegex(@"\[Inject\]|^@inject\b")]
    private static partial Regex PropertyInjection();

    // Two reasons to go on: a link that marks as read leaves the page, and the layout outlives pages.
    [GeneratedRegex(@"^(?!.*(service\.ReadAsync|access\.RequireAsync)).*CancellationToken\.None")]
    private static partial Regex NoToken();

    [GeneratedRegex("<NavigationLock")]
    private static partial Regex Lock();
}
