using Bunit;
using PromptPilot.Core.Models;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Web.Features.Prompts.Editing;

namespace PromptPilot.Tests.Components.Prompts;

public sealed class TokenNoteTests : ComponentTest
{
    /// <summary>The first count loads the vocabulary.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly ModelChoice Small = new("small", "Small", "ollama", "tiny", Enabled: true) { ContextTokens = 1_000 };
    private static readonly ModelChoice Large = new("large", "Large", "ollama", "big", Enabled: true) { ContextTokens = 100_000 };
    private static readonly ModelChoice Unknown = new("other", "Other", "ollama", "new", Enabled: true);

    private static readonly PromptTexts Long = new([
        new ModelMessage(ModelRole.System, "Be brief."),
        new ModelMessage(ModelRole.User, string.Concat(Enumerable.Repeat("word ", 1_500))),
    ]);

    [Fact]
    public void PromptLongerThanTheContext_WarnsUntilAModelTakesIt()
    {
        var note = Render<TokenNote>(p =>
            p.Add(t => t.Texts, Long).Add(t => t.Models, [Small, Large, Unknown]).Add(t => t.Preselected, "small")
        );

        note.WaitForAssertion(() => Warning(note).Should().Be("▲ more than this model’s 1,000"), Patience);
        foreach (var model in new[] { Large, Unknown })
        {
            note.Find("[data-testid=tokens-model]").Change(model.Id);
            note.WaitForAssertion(() => Warning(note).Should().BeNull(), Patience);
            note.Find("[data-testid=tokens-model]").Change(Small.Id);
            note.WaitForAssertion(() => Warning(note).Should().NotBeNull(), Patience);
        }
    }

    [Fact]
    public void PromptThatFits_HasNoWarning()
    {
        var note = Render<TokenNote>(p =>
            p.Add(t => t.Texts, new PromptTexts([new ModelMessage(ModelRole.User, "Hello")]))
                .Add(t => t.Models, [Small])
                .Add(t => t.Preselected, "small")
        );

        note.WaitForAssertion(() => note.Find("[data-testid=tokens]").TextContent.Should().Contain("token"), Patience);
        Warning(note).Should().BeNull();
    }

    private static string? Warning(IRenderedComponent<TokenNote> note) =>
        note.FindAll("[data-testid=tokens-too-many]").SingleOrDefault()?.TextContent;
}
