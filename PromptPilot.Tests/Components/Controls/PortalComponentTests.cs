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
    /// <summary>Features whose actions cost money or are recorded for others.</summary>
    private static readonly string[] Guarded = ["Approvals", "Experiments", "TestSets", "Workflows/Arms"];

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

    [Fact]
    public void Forms_OfActionsThatAreNotRepeated_UseTheGuard() =>
        Guarded
            .SelectMany(feature =>
                Directory.EnumerateFiles(RepositoryRoot.File($"PromptPilot.Web/Features/{feature}"), "*.*", SearchOption.AllDirectories)
            )
            .Where(file => Unguarded().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName)
            .Should()
            .BeEmpty("a second click may be on its way: OnceAsync runs an action once");

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

    [GeneratedRegex(@"IsBusy\s*=\s*true|IsBusy\)\s*=\s*\(")]
    private static partial Regex Unguarded();

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
