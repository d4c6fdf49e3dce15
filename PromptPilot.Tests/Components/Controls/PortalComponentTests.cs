using System.Reflection;
using System.Text.RegularExpressions;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Tests.Components.Controls;

/// <summary>What every page and form gets from its base, and how errors are shown.</summary>
public sealed partial class PortalComponentTests : ComponentTest
{
    /// <summary>Methods without the guard that create or start something, and why.</summary>
    private static readonly Dictionary<string, string> Repeatable = new()
    {
        ["CasesCard.razor.cs: WriteAsync"] = "SaveAsync guards it",
        ["ImportPage.razor.cs: ImportAsync"] = "DoAsync guards it",
        ["MakeCase.razor.cs: MakeAsync"] = "AddAsync guards it",
        ["PasskeysPage.razor.cs: AddAsync"] = "a form without a circuit; a passkey can be added once",
        ["SetupPage.razor.cs: CreateAsync"] = "a form without a circuit; there is one first admin",
        ["TestRunPanel.razor.cs: StartAsync"] = "RunAsync guards it",
    };

    [Fact]
    public async Task Action_ThatIsAskedForTwiceAtOnce_RunsOnce_AndAgainAfterwards()
    {
        var form = Render<SlowForm>();
        var first = form.Find("button").ClickAsync(new());
        var second = form.Find("button").ClickAsync(new());
        form.Instance.End();
        await Task.WhenAll(first, second);
        form.Instance.Count.Should().Be(1);

        var third = form.Find("button").ClickAsync(new());
        form.Instance.End();
        await third;
        form.Instance.Count.Should().Be(2);
    }

    /// <summary>A second click may be on its way while the first one is handled.</summary>
    [Fact]
    public void Busy_IsSetByTheGuardAlone()
    {
        typeof(PortalComponent)
            .GetProperty("IsBusy", BindingFlags.Instance | BindingFlags.NonPublic)!
            .SetMethod!.IsPrivate.Should()
            .BeTrue("a page that sets it by hand runs an action twice");
        Directory
            .EnumerateFiles(RepositoryRoot.File("PromptPilot.Web/Features"), "*.razor.cs", SearchOption.AllDirectories)
            .SelectMany(file =>
                Creating()
                    .Matches(File.ReadAllText(file))
                    .Where(method => !method.Value.Contains("OnceAsync", StringComparison.Ordinal))
                    .Select(method => $"{Path.GetFileName(file)}: {method.Groups["name"].Value}")
            )
            .Should()
            .BeEquivalentTo(Repeatable.Keys, "what creates or starts something runs once: use OnceAsync");
    }

    [Fact]
    public void Error_SaysItsReasons_EachOnce()
    {
        var problem = Problem.Invalid(
            "Could not save the workflow.",
            new FieldError("steps[0].model", "Choose a model profile."),
            new FieldError("steps[1].model", "Choose a model profile.")
        );

        var error = Render<ErrorState>(parameters => parameters.Add(state => state.Problem, problem));

        error.Find("p").TextContent.Should().Be("Could not save the workflow.");
        error.FindAll("li").Select(reason => reason.TextContent).Should().Equal("Choose a model profile.");
        var atField = Problem.AtField("name", "Enter a name.");
        Render<ErrorState>(parameters => parameters.Add(state => state.Problem, atField)).FindAll("li").Should().BeEmpty();
    }

    /// <summary>Methods that create or start something.</summary>
    [GeneratedRegex(
        @"^    private [^\n]*?(?<name>\w+)\([^;{]*?\n    (?:\{|    )(?:(?!^    (?:private|protected|public|internal)).)*?"
            + @"await \w+\.(?:Create|Add|Start|Duplicate|Replay|Resend|Fork|Retry|Import|Invite|Rotate)\w*Async\("
            + @"(?:(?!^    (?:private|protected|public|internal)).)*",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Creating();

    private sealed class SlowForm(PageServices services) : PortalComponent(services)
    {
        private TaskCompletionSource _ended = new();

        public int Count { get; private set; }

        public void End() => _ended.SetResult();

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "button");
            builder.AddAttribute(1, "onclick", EventCallback.Factory.Create(this, () => OnceAsync(WorkAsync)));
            builder.CloseElement();
        }

        private async Task WorkAsync()
        {
            Count++;
            await _ended.Task;
            _ended = new TaskCompletionSource();
        }
    }
}
