using Bunit;
using Microsoft.AspNetCore.Components.Web;
using PromptPilot.Core.Liquid;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Features.Prompts;
using PromptPilot.Web.Features.Prompts.Editing;

namespace PromptPilot.Tests.Components.Prompts;

public sealed class PromptEditorTests : ComponentTest
{
    private static Prompt Saved() =>
        new()
        {
            Id = "p",
            Name = "Digest",
            NormalizedName = "DIGEST",
            Content = "Write {{ notes }}",
            Variables = ["notes"],
            Version = "1.2.0",
        };

    private static string Type(IRenderedComponent<PromptEditor> editor, string testId, string text)
    {
        var field = editor.Find($"[data-testid={testId}]");
        if (testId is "prompt-content" or "prompt-system")
        {
            field.TriggerEventAsync("ontemplatedelta", TemplateDeltaEventArgs.Replace(text)).GetAwaiter().GetResult();
        }
        else
        {
            field.InputAsync(text).GetAwaiter().GetResult();
        }

        return editor.Markup;
    }

    [Fact]
    public void Typing_DerivesVariablesAndPreview()
    {
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, new PromptForm(null)));

        Type(editor, "prompt-content", "Hi {{ name }}, {{ notes | truncate: 9 }}");

        editor.FindAll(".variable .name").Select(n => n.TextContent).Should().Equal("name", "notes");
        Type(editor, "example-name", "Ada");
        editor.Find("[data-testid=preview-text]").TextContent.Should().Be("Hi Ada, ‹notes›");
    }

    [Fact]
    public void Typing_AMistake_ShowsLineAndColumn_AndKeepsTheVariables()
    {
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, new PromptForm(Saved())));

        Type(editor, "prompt-content", "Write {{ notes }}\n{% if notes");

        editor.Find("[data-testid=prompt-content-error]").TextContent.Should().StartWith("Line 2, column 1:");
        editor.FindAll(".variable .name").Select(n => n.TextContent).Should().Equal("notes");
        editor.Find("[data-testid=version-step]").TextContent.Should().Contain("errors");

        Type(editor, "prompt-content", "Please write {{ notes }}");
        editor.FindAll("[data-testid=prompt-content-error]").Should().BeEmpty();
        editor.Find("[data-testid=version-step]").TextContent.Should().Be("1.2.0 → 1.3.0: text changed → minor");
    }

    [Fact]
    public void Typing_ARemovedVariable_SaysMajor()
    {
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, new PromptForm(Saved())));
        Type(editor, "prompt-content", "Write");
        editor.Find("[data-testid=version-step]").TextContent.Should().Be("1.2.0 → 2.0.0: variable “notes” removed → major");
    }

    [Fact]
    public void Default_OfANewVariable_MakesItMinor()
    {
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, new PromptForm(Saved())));
        Type(editor, "prompt-content", "Write {{ notes }} {{ tone }}");
        editor.Find("[data-testid=version-step]").TextContent.Should().Contain("2.0.0");
        Type(editor, "default-tone", "friendly");
        editor.Find("[data-testid=version-step]").TextContent.Should().Contain("1.3.0: new optional variable “tone”");
    }

    [Fact]
    public void Value_NotOfItsType_IsAnErrorAtItsField()
    {
        var form = new PromptForm(Saved());
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, form));

        editor.Find("[data-testid=variable-notes] select").Change("Number");
        Type(editor, "example-notes", "three");
        editor.WaitForElement("[data-testid=variable-notes] .value .field-error").TextContent.Should().Be("Enter a number.");
        form.Attempt().Should().BeFalse("there is nothing to send yet");

        Type(editor, "example-notes", "3");
        editor.FindAll(".field-error").Should().BeEmpty();
        form.Attempt().Should().BeTrue();
        form.ToDraft().VariableDefinitions.Should().ContainSingle().Which.Example!.Value.GetRawText().Should().Be("3");
    }

    [Fact]
    public void Refusal_IsShownAtTheField_UntilSomethingChanges()
    {
        var form = new PromptForm(Saved());
        form.Refuse(
            new Core.Shared.Problem(
                Core.Shared.ProblemKind.Conflict,
                "Could not save the prompt.",
                [new("name", "There is already a prompt called “Digest”.")]
            )
        );
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, form));
        editor.Find("[data-testid=prompt-name-error]").TextContent.Should().Contain("already");
        Type(editor, "prompt-name", "Digest 2");
        editor.FindAll("[data-testid=prompt-name-error]").Should().BeEmpty();
    }

    [Fact]
    public void ReadOnly_HasNothingToEdit()
    {
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, new PromptForm(Saved())).Add(e => e.ReadOnly, true));
        editor.FindAll("input:not([readonly]):not([disabled]), textarea:not([readonly]), select:not([disabled])").Should().BeEmpty();
        editor.FindAll("[data-testid=version-step]").Should().BeEmpty();
    }

    [Fact]
    public void Form_KeptOverSomebodyElsesVersion_LosesNothing()
    {
        var form = new PromptForm(Saved());
        form.Content = "Mine {{ notes }}";
        form.Refresh();
        var theirs = Saved();
        theirs.Content = "Theirs {{ notes }}";
        theirs.Version = "1.3.0";
        theirs.Revision = 2;

        form.RebaseOn(theirs);

        form.Content.Should().Be("Mine {{ notes }}");
        form.Saved!.Revision.Should().Be(2);
        form.Step!.Version.Should().Be("1.4.0");
    }

    [Fact]
    public async Task Messages_AreAddedMovedAndRemoved_AndThePreviewShowsThem()
    {
        var saved = Saved();
        saved.SystemMessage = "Be brief.";
        var form = new PromptForm(saved);
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, form));

        await editor.Find("[data-testid=use-messages]").ClickAsync();
        form.IsDirty.Should().BeFalse("the same two messages are one text still");
        await editor.Find("[data-testid=add-example]").ClickAsync();
        await WriteAsync(editor, 1, "Question");
        await WriteAsync(editor, 2, "Answer");
        Preview(editor).Should().Equal("Be brief.", "Question", "Answer", "Write ‹notes›");
        editor.Find("[data-testid=use-text]").HasAttribute("disabled").Should().BeTrue("one text cannot say this");
        editor.Find("[data-testid=version-step]").TextContent.Should().Contain("messages changed → minor");

        await editor.FindAll("[data-testid=message-fold]")[3].KeyDownAsync(new KeyboardEventArgs { Key = "ArrowUp", AltKey = true });
        Preview(editor).Should().Equal("Be brief.", "Question", "Write ‹notes›", "Answer");
        await editor.FindAll("[data-testid=message-down]")[1].ClickAsync();
        Preview(editor).Should().Equal("Be brief.", "Write ‹notes›", "Question", "Answer");
        await editor.FindAll("[data-testid=message-handle]")[3].DragStartAsync(new DragEventArgs());
        await editor.Find("[data-testid=message-0]").DropAsync(new DragEventArgs());
        Preview(editor).Should().Equal("Answer", "Be brief.", "Write ‹notes›", "Question");

        await editor.FindAll("[data-testid=message-remove]")[3].ClickAsync();
        await editor.FindAll("[data-testid=message-remove]")[0].ClickAsync();
        await editor.Find("[data-testid=use-text]").ClickAsync();
        form.IsDirty.Should().BeFalse("it is the text that was saved");
        form.ToDraft().Content.Should().Be("Write {{ notes }}");
    }

    [Fact]
    public async Task Messages_ShowTheirOwnMistakes_AndAPlaceholderItsVariable()
    {
        var form = new PromptForm(Saved());
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, form));
        await editor.Find("[data-testid=use-messages]").ClickAsync();
        await editor.Find("[data-testid=add-message]").ClickAsync();
        await WriteAsync(editor, 1, "fine {{ notes }}\n{{ oops");
        editor.Find("[data-testid=message-content-1-error]").TextContent.Should().StartWith("Line 2, column 1:");
        editor.FindAll("[data-testid=message-content-0-error]").Should().BeEmpty();
        await WriteAsync(editor, 1, "fine");

        await editor.Find("[data-testid=add-placeholder]").ClickAsync();
        await editor.Find("[data-testid=message-variable]").InputAsync("history");

        editor.FindAll(".variable .name").Select(n => n.TextContent).Should().Equal("notes", "history");
        form.ToDraft().Messages.Should().HaveCount(3);
    }

    [Fact]
    public async Task Examples_AreEditedAsATable()
    {
        var form = new PromptForm(Saved());
        form.AddExample("{% raw %}{{ q }}{% endraw %}", "A");
        form.AddExample("Q2", "A2");
        form.Refresh();
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, form));

        await editor.Find("[data-testid=examples-as-table]").ClickAsync();
        editor.FindAll("[data-testid=message-role]").Should().HaveCount(1, "the last message alone is no example");
        await editor.FindAll("[data-testid=example-assistant]")[1].InputAsync("B2");
        Preview(editor).Should().Equal("{{ q }}", "A", "Q2", "B2", "Write ‹notes›");
        await editor.FindAll("[data-testid=example-remove]")[0].ClickAsync();
        Preview(editor).Should().Equal("Q2", "B2", "Write ‹notes›");
    }

    [Fact]
    public void Include_ShowsWhatItBrings_AndItsErrors()
    {
        var form = new PromptForm(Saved());
        var editor = Render<PromptEditor>(p =>
            p.Add(e => e.Form, form)
                .Add(
                    e => e.FindParts,
                    draft =>
                    {
                        var key = LiquidInclude.KeyOf("Style", null, null);
                        var parts = new Dictionary<string, LiquidPart> { [key] = new("Style", "Be {{ tone }}.", LiquidPart.None) };
                        var isThere = draft.Content.Contains("\"Style\"", StringComparison.Ordinal);
                        return Task.FromResult<PromptDraft?>(
                            draft with
                            {
                                Parts = isThere ? parts : LiquidPart.None,
                                PartErrors = isThere ? [] : [new FieldError("content", "There is no such prompt.", 1, 4)],
                            }
                        );
                    }
                )
        );

        Type(editor, "prompt-content", "{% include \"Nowhere\" %}");
        editor.WaitForElement("[data-testid=prompt-content-error]").TextContent.Should().Contain("There is no such prompt.");
        Type(editor, "prompt-content", "{% include \"Style\" %} {{ notes }}");
        editor.WaitForAssertion(() => Preview(editor).Should().Equal("Be ‹tone›. ‹notes›"));
        editor.FindAll("[data-testid=prompt-content-error]").Should().BeEmpty();
        editor.FindAll(".variable .name").Select(n => n.TextContent).Should().Equal("notes", "tone");
    }

    [Fact]
    public void Warnings_AreShownAndBlockNothing()
    {
        var form = new PromptForm(Saved());
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, form));
        Type(editor, "prompt-content", "{# note #}\n{{ notes }}");
        editor.Find("[data-testid=prompt-content-warning]").TextContent.Should().Contain("comment in Jinja");
        form.Step.Should().NotBeNull();
    }

    [Fact]
    public void Messages_OfADraftInTheBrowser_ComeBack()
    {
        var form = new PromptForm(null);
        form.Restore(
            new Dictionary<string, string>
            {
                ["message:0:role"] = "System",
                ["message:0:content"] = "Be brief.",
                ["message:1:role"] = "Placeholder",
                ["message:1:content"] = "history",
            }
        );
        form.ToDraft().Messages!.Select(m => $"{m.Role} {m.Content}").Should().Equal("System Be brief.", "Placeholder history");
    }

    private static Task WriteAsync(IRenderedComponent<PromptEditor> editor, int message, string text) =>
        editor.Find($"[data-testid=message-content-{message}]").TriggerEventAsync("ontemplatedelta", TemplateDeltaEventArgs.Replace(text));

    private static IEnumerable<string> Preview(IRenderedComponent<PromptEditor> editor) =>
        editor.FindAll("[data-testid=preview] pre").Select(text => text.TextContent);

    [Fact]
    public void Markup_InTheText_IsShownAsText()
    {
        var editor = Render<PromptEditor>(p => p.Add(e => e.Form, new PromptForm(null)));
        Type(editor, "prompt-content", "<script>x</script> {{ a }}");
        editor.FindAll("script").Should().BeEmpty();
        editor.Find("[data-testid=preview-text]").TextContent.Should().Be("<script>x</script> ‹a›");
    }
}
