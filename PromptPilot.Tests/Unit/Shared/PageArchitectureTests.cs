using System.Text.RegularExpressions;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Shared;

/// <summary>What holds for every page and component, read from the source.</summary>
public partial class PageArchitectureTests
{
    /// <summary>Where <see cref="CancellationToken.None"/> is right, once in each file, and why.</summary>
    private static readonly Dictionary<string, string> NotCancelled = new()
    {
        ["Components/Layout/MainLayout.razor.cs"] = "the layout outlives its pages",
        ["Features/Account/AccountEndpoints.cs"] = "a session ends even if the browser hangs up",
        ["Features/Account/SignIn/ChangePasswordPage.razor.cs"] = "a wrong password is counted even if the browser hangs up",
        ["Features/Account/SignIn/PasskeySignInForm.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Account/SignIn/SecondFactorPage.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Account/SignIn/SignInPage.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Account/SignIn/TwoFactorPage.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Notifications/NotificationsPage.razor.cs"] = "the link that marks as read leaves the page",
        ["Features/Prompts/Editing/PromptForm.cs"] = "a preview runs between two keystrokes",
        ["Features/Runs/RunFollower.cs"] = "a task that has to dispose what it was given must start",
    };

    [Fact]
    public void Links_AreRelativeToTheBasePath() => Found(AbsoluteLink()).Should().BeEmpty("the portal may be hosted under a path");

    [Fact]
    public void Components_AreInjectedByConstructors() => Found(PropertyInjection()).Should().BeEmpty();

    [Fact]
    public void Loads_AreCancelled_ExceptOnceWhereAReasonIsGiven() =>
        Found(NoToken(), "*.cs", "*.razor")
            .Should()
            .BeEquivalentTo(NotCancelled.Keys.Select(path => $"{path}: CancellationToken.None"), "loads end when the page is left");

    [Fact]
    public void Pages_AskBeforeLeavingByOneGuard() => Found(Lock()).Should().Equal("Components/Pages/LeaveGuard.razor: <NavigationLock");

    /// <summary>Rows of tables and days of a week are selected by boxes without a label of their own kind.</summary>
    [Fact]
    public void CheckBoxes_AreOneControl() =>
        Found(NativeCheckBox())
            .Select(found => found[..found.IndexOf(':', StringComparison.Ordinal)])
            .Distinct()
            .Should()
            .BeEquivalentTo(
                "Components/Controls/Inputs/CheckBox.razor",
                "Features/Prompts/List/PromptsTable.razor",
                "Features/Runs/List/RunRow.razor",
                "Features/Runs/List/RunsTable.razor",
                "Features/Triggers/Schedules/SchedulePicker.razor"
            );

    private static List<string> Found(Regex pattern, params string[] files) =>
        [
            .. Sources(files)
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

    private static IEnumerable<(string Path, string Text)> Sources(params string[] files) =>
        from pattern in files is [] ? ["*.razor", "*.razor.cs"] : files
        from path in Directory.EnumerateFiles(RepositoryRoot.File("PromptPilot.Web"), pattern, SearchOption.AllDirectories)
        let plain = path.Replace('\\', '/')
        where !plain.Contains("/obj/", StringComparison.Ordinal) && !plain.Contains("/bin/", StringComparison.Ordinal)
        select (
            plain[(plain.IndexOf("/PromptPilot.Web/", StringComparison.Ordinal) + "/PromptPilot.Web/".Length)..],
            File.ReadAllText(path)
        );

    [GeneratedRegex("(?<![\\w)])[$@]*\"/[a-z{]|(href|Href|src|action|data-[a-z-]+)=\"/[^/]?")]
    private static partial Regex AbsoluteLink();

    [GeneratedRegex(@"\[Inject\]|^@inject\b")]
    private static partial Regex PropertyInjection();

    [GeneratedRegex(@"CancellationToken\.None")]
    private static partial Regex NoToken();

    [GeneratedRegex("type=\"checkbox\"|<MudCheckBox|<MudSwitch")]
    private static partial Regex NativeCheckBox();

    [GeneratedRegex("<NavigationLock")]
    private static partial Regex Lock();
}
