using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;

namespace PromptPilot.Tests.Unit.Prompts;

public class PromptComparisonTests
{
    private static readonly PromptDraft Draft = new()
    {
        Name = "Digest",
        Content = "Write {{ notes }} in {{ tone }}",
        Category = "writing",
        Tags = ["weekly"],
        VariableDefinitions =
        [
            new VariableDefinition
            {
                Name = "tone",
                Type = VariableType.Choice,
                Choices = ["short", "long"],
                Default = AppJson.Text("short"),
            },
        ],
    };

    private static PromptState State(PromptDraft draft, params string[] variables) =>
        PromptState.Of(draft, variables.Length == 0 ? ["notes", "tone"] : variables);

    [Fact]
    public void Compare_TheSame_FindsNothing() =>
        PromptComparison.Of(State(Draft), State(Draft with { Message = "said" })).IsSame.Should().BeTrue();

    [Fact]
    public void Compare_OtherText_MarksTheWords()
    {
        var comparison = PromptComparison.Of(
            State(Draft),
            State(Draft with { Content = "Write {{ notes }} with {{ tone }}", SystemMessage = "Be kind." })
        );

        comparison.Content.Pieces.Where(piece => piece.Kind != PieceKind.Same).Select(piece => piece.Text).Should().Equal("in", "with");
        comparison.SystemMessage.IsSame.Should().BeFalse();
        comparison.Variables.Should().BeEmpty();
    }

    [Fact]
    public void Compare_Messages_MatchesThoseThatAreTheSame()
    {
        var left = Draft with
        {
            Messages =
            [
                new(MessageRole.System, "Be kind."),
                new(MessageRole.User, "One"),
                new(MessageRole.Assistant, "1"),
                new(MessageRole.User, "{{ notes }} {{ tone }}"),
            ],
        };
        var right = left with
        {
            Messages =
            [
                left.Messages[0],
                new(MessageRole.User, "Zero"),
                new(MessageRole.Assistant, "0"),
                left.Messages[1],
                new(MessageRole.Assistant, "one"),
                left.Messages[3],
            ],
        };

        Words(left, right).Should().Equal("→2 User", "→3 Assistant", "3→5 Assistant");
        Words(right, left).Should().Equal("2→ User", "3→ Assistant", "5→3 Assistant");
        Words(left, Draft with { SystemMessage = "Be kind." }).Should().Equal("2→2 User", "3→ Assistant", "4→ User");
        Words(left, left).Should().BeEmpty();

        static IEnumerable<string> Words(PromptDraft before, PromptDraft after)
        {
            var comparison = PromptComparison.Of(State(before), State(after));
            comparison.IsSame.Should().Be(comparison.Messages.Count == 0);
            return comparison.Messages.Select(m => FormattableString.Invariant($"{m.Left}→{m.Right} {m.RightRole ?? m.LeftRole}"));
        }
    }

    [Fact]
    public void Compare_Variables_SaysWhatIsNewGoneAndOther()
    {
        var right = Draft with
        {
            VariableDefinitions =
            [
                new VariableDefinition
                {
                    Name = "tone",
                    Type = VariableType.Choice,
                    Choices = ["short", "warm"],
                    Required = false,
                },
                new VariableDefinition
                {
                    Name = "words",
                    Type = VariableType.Number,
                    Description = "At most",
                },
            ],
        };

        PromptComparison
            .Of(State(Draft), State(right, "tone", "words"))
            .Variables.Should()
            .Equal(
                new PromptFactChange("notes", "text, required", null),
                new PromptFactChange("tone: required", "yes", "no"),
                new PromptFactChange("tone: default", "short", null),
                new PromptFactChange("tone: choices", "short, long", "short, warm"),
                new PromptFactChange("words", null, "number, required, At most")
            );
    }

    [Fact]
    public void Compare_Metadata_SaysBothSides() =>
        PromptComparison
            .Of(State(Draft), State(Draft with { Name = "Digest 2", Tags = [] }))
            .Metadata.Should()
            .Equal(new PromptFactChange("name", "Digest", "Digest 2"), new PromptFactChange("tags", "weekly", null));
}
