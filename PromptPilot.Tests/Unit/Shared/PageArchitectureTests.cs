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
        ["Features/Account/OpenId/OpenIdEndpoints.cs"] = "sessions end even if the provider disconnects",
        ["Features/Account/OpenId/OpenIdHost.cs"] = "an attempt is recorded even if the browser disconnects",
        ["Features/Account/SignIn/ChangePasswordPage.razor.cs"] = "a wrong password is counted even if the browser hangs up",
        ["Features/Account/SignIn/PasskeySignInForm.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Account/SignIn/SecondFactorPage.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Account/SignIn/SignInPage.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Account/SignIn/TwoFactorPage.razor.cs"] = "an attempt is counted even if the browser hangs up",
        ["Features/Agents/McpHost.cs"] = "the library starts once, for all agents",
        ["Features/Agents/McpTools.cs"] = "a run is cancelled because its agent left",
        ["Features/Chat/RunChat.cs"] = "a run is cancelled because its client left",
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

    /// <summary>Where a label is right that is not a field's, and why.</summary>
    private static readonly Dictionary<string, string> OwnLabels = new()
    {
        ["Components/Controls/Display/Rating.razor"] = "stars",
        ["Components/Controls/Filters/DayFields.razor"] = "words between two controls of a toolbar",
        ["Features/Exchange/ImportPage.razor"] = "a button for files",
        ["Features/Files/FileInput.razor"] = "a button for files",
    };

    /// <summary>Where errors are written that no field shows, and why.</summary>
    private static readonly Dictionary<string, string> OwnErrors = new()
    {
        ["Features/Account/SignIn/PasskeySignInForm.razor"] = "filled by a script",
        ["Features/Account/SignIn/PasskeysPage.razor"] = "filled by a script",
        ["Features/JsonSchemas/SchemaEditor.razor"] = "one label for its form and its text",
        ["Features/Prompts/Editing/TemplateEditor.razor"] = "with a link to the place in the text",
        ["Features/Workflows/Editing/Options/ArmsField.razor"] = "one text for the controls of a row",
    };

    /// <summary>The frames themselves.</summary>
    private static readonly string[] Aside = ["Components/Controls/Inputs/"];

    [Fact]
    public void Inputs_AreOneFamily_WithOneLook() => Found(MudInput()).Should().BeEmpty();

    [Fact]
    public void Labels_AreThoseOfFields() =>
        Found(Label()).Select(PathOf).Distinct().Where(path => !IsAside(path)).Should().BeEquivalentTo(OwnLabels.Keys);

    [Fact]
    public void Errors_AreThoseOfFields() =>
        Found(ErrorText()).Select(PathOf).Distinct().Where(path => !IsAside(path)).Should().BeEquivalentTo(OwnErrors.Keys);

    /// <summary>A control takes its id and its state from its field, or, in tables and toolbars, it has a name that is not shown.</summary>
    [Fact]
    public void Controls_AreInFields_OrNamed() =>
        Sources()
            .Where(source => !IsAside(source.Path) && !source.Path.StartsWith("Components/Controls/", StringComparison.Ordinal))
            .SelectMany(source => Control().Matches(source.Text).Select(tag => (source.Path, tag.Value)))
            .Where(tag => !Named().IsMatch(tag.Value))
            .Select(tag => $"{tag.Path}: {tag.Value}")
            .Should()
            .BeEmpty();

    /// <summary>Rows of tables are selected by boxes without a label.</summary>
    [Fact]
    public void CheckBoxes_AreOneControl() =>
        Found(NativeCheckBox())
            .Select(PathOf)
            .Distinct()
            .Should()
            .BeEquivalentTo(
                "Components/Controls/Inputs/CheckBox.razor",
                "Features/Prompts/List/PromptsTable.razor",
                "Features/Runs/List/RunRow.razor",
                "Features/Runs/List/RunsTable.razor"
            );

    /// <summary>An input without a binding is sent its own text back, which undoes what was typed since.</summary>
    [Fact]
    public void TypedTexts_AreBound() =>
        Sources()
            .SelectMany(source => Control().Matches(source.Text).Select(tag => (source.Path, tag.Value)))
            .Where(tag => tag.Value.Contains("@oninput", StringComparison.Ordinal))
            .Should()
            .BeEmpty();

    /// <summary>The browser's answer comes a round trip later: what changes and changes back until then would not be drawn.</summary>
    [Fact]
    public void WhatIsDrawn_IsNotedBeforeTheBrowserAnswers() =>
        Sources().Where(source => NotedLate().IsMatch(source.Text)).Select(source => source.Path).Should().BeEmpty();

    /// <summary>Each change in the page would have all its styles worked out again, which takes tens of milliseconds.</summary>
    [Fact]
    public void Styles_DoNotAskWhatThePageHas() => Found(PageHas(), "*.css").Should().BeEmpty();

    private static bool IsAside(string path) => Aside.Any(folder => path.StartsWith(folder, StringComparison.Ordinal));

    private static string PathOf(string found) => found[..found.IndexOf(':', StringComparison.Ordinal)];

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

    [GeneratedRegex("<Mud(TextField|NumericField|Select|Autocomplete|Radio|CheckBox|Switch|DatePicker|TimePicker|Slider|FileUpload)\\b")]
    private static partial Regex MudInput();

    [GeneratedRegex("<label\\b")]
    private static partial Regex Label();

    [GeneratedRegex("field-(label|error)")]
    private static partial Regex ErrorText();

    [GeneratedRegex("<(input|select|textarea)\\b[^<]*")]
    private static partial Regex Control();

    [GeneratedRegex("@attributes=\"context\"|aria-label=|type=\"hidden\"")]
    private static partial Regex Named();

    [GeneratedRegex(@"OnAfterRender(Async)?\(bool firstRender\)[^}]*_drawn\w* =")]
    private static partial Regex NotedLate();

    [GeneratedRegex(@"(:root|html|body|main|\.frame|\.wide|\.page)\S*:has\(")]
    private static partial Regex PageHas();

    [GeneratedRegex("<NavigationLock")]
    private static partial Regex Lock();
}
