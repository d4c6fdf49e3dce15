using Bunit;
using MudBlazor;
using MudBlazor.Services;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Workflows.Editing.Drafts;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Tests.Components.Workflows;

/// <summary>The fallbacks of a step are chosen from a list.</summary>
public sealed class FallbacksFieldTests : IAsyncLifetime
{
    private static readonly ModelChoices Models = new(
        [
            new ModelChoice("m1", "Fast", "openai", "gpt-small", true),
            new ModelChoice("m2", "Thorough", "openai", "gpt-large", true),
            new ModelChoice("m3", "Spare", "openai", "gpt-large", true),
            new ModelChoice("m4", "Secret", "openai", "gpt-large", true, MayUse: false),
        ],
        "m1"
    );

    private readonly BunitContext _context = new();
    private readonly WorkflowDraft _draft = WorkflowDraft.New();
    private string _text = "";

    public ValueTask InitializeAsync()
    {
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.Services.AddMudServices();
        _context.Render<MudPopoverProvider>();
        _draft.AddStep(new PromptDetails("p1", "Reply", [new PromptVersionChoice("1.0.0", [])], []), "m1");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    [Fact]
    public void Fallbacks_AreTheProfilesUntilOthersAreChosen()
    {
        var field = _context.Render<FallbacksField>(p =>
            p.Add(f => f.Text, _text)
                .Add(f => f.Step, _draft.Steps[0])
                .Add(f => f.Models, Models)
                .Add(f => f.Field, "steps[0].fallbacks")
                .Add(f => f.OnChanged, text => _text = text)
        );
        void Show() => field.Render(p => p.Add(f => f.Text, _text));
        field.Markup.Should().Contain("step’s model profile apply");

        field.Find("[data-testid=fallbacks-own]").Click();
        _text.Should().Be("[]");
        Show();
        field.Find("[data-testid=no-fallbacks]").TextContent.Should().Contain("the step fails");
        field
            .FindAll("[data-testid=fallbacks-add] option")
            .Select(option => option.TextContent)
            .Should()
            .Equal("Choose a profile", "Thorough", "Spare");

        field.Find("[data-testid=fallbacks-add]").Change("m3");
        Show();
        field.Find("[data-testid=fallbacks-add]").Change("m2");
        Show();
        field.Find("[aria-label='Move Thorough up']").Click();
        Show();
        _text.Should().Be("""["m2","m3"]""");
        field.Find("[aria-label='Remove Spare']").Click();
        _text.Should().Be("""["m2"]""");
        Show();
        field.Find("[data-testid=fallbacks-profile]").Click();
        _text.Should().BeEmpty();
    }
}
