using System.Text.Json;
using CsCheck;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Messages;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Exchange;

/// <summary>A prompt goes into its file and comes out of it as it was, whatever is in it.</summary>
public class PromptFileTests
{
    public static TheoryData<string> Awkward { get; } =
        new()
        {
            "plain",
            "---",
            "---\nname: not front matter\n---\n",
            "a\n---\nb",
            "ends with one\n",
            "ends with three\n\n\n",
            "\nbegins with one",
            "\r\nwindows\r\nlines\r\n",
            "ends with a return\r",
            "\ttab\n\t\ttabs  \n",
            "  leading spaces\n    more\n",
            "trailing space \n trailing ",
            "   \n\n   ",
            "# comment",
            "- list",
            "key: value",
            "'",
            "\"",
            "\\n",
            "{{ a }}",
            "{% if a %}",
            "&anchor *alias !tag",
            "null",
            "true",
            "1.0",
            "1e3",
            "0x10",
            "~",
            "",
            "yes",
            "2026-01-01",
            "日本語のプロンプト\n要約してください",
            "العربية",
            "हिन्दी",
            "می‌خواهم",
            "emoji 👩‍👩‍👧 🇩🇪",
            "nbsp\u00A0here",
            "ls\u2028ps\u2029nel\u0085",
            "bom\uFEFF",
            "\uFEFFbom",
            "bell\u0007",
            "e\u0301",
            "|",
            "> folded",
            "%YAML 1.2",
            "...",
            "a: b # c",
            "x\ty",
            " ",
            "\n",
            "\n\n",
            "a\n \nb",
            "line\n\n\nlines\n",
        };

    [Theory]
    [MemberData(nameof(Awkward))]
    public void File_OfAwkwardText_ReadsAsItWas(string text)
    {
        var draft = Draft(text);
        Read(draft)
            .Draft.Should()
            .BeEquivalentTo(draft, options => options.ComparingByMembers<PromptDraft>().Excluding(d => d.VariableDefinitions));
        Read(draft).Draft.VariableDefinitions[0].Description.Should().Be(text.Length == 0 ? null : text);
        Json(Read(draft).Draft.VariableDefinitions).Should().Be(Json(draft.VariableDefinitions));
        Rewritten(draft).Should().Be(Written(draft));
    }

    [Fact]
    public void File_OfAnyText_ReadsAsItWas()
    {
        var letters = Gen.Frequency(
            (6, Gen.Char['a', 'd']),
            (4, Gen.Char[" \n\t\r-:#\"'\\|>{}[]&*!%@`,?~"]),
            (2, Gen.Char['\u0001', '\u00FF']),
            (1, Gen.Char['\u0100', '\uD7FF']),
            (1, Gen.Char['\uE000', '\uFFFD'])
        );
        letters
            .Array[0, 40]
            .Select(array => new string(array))
            .Sample(
                text =>
                {
                    var draft = Draft(text);
                    var read = Read(draft).Draft;
                    return read.Content == draft.Content
                        && read.SystemMessage == draft.SystemMessage
                        && Json(read.VariableDefinitions) == Json(draft.VariableDefinitions)
                        && Rewritten(draft) == Written(draft);
                },
                iter: Samples.Count(few: 2_000, many: 20_000)
            );
    }

    [Theory]
    [MemberData(nameof(Awkward))]
    public void File_OfMessages_ReadsAsItWas(string text)
    {
        var draft = (
            Draft("x") with
            {
                SystemMessage = null,
                Messages =
                [
                    new PromptMessage(MessageRole.System, text),
                    new PromptMessage(MessageRole.User, text),
                    new PromptMessage(MessageRole.Assistant, text),
                    new PromptMessage(MessageRole.Placeholder, "history"),
                ],
            }
        ).Normalized();

        Read(draft).Draft.Messages.Should().Equal(draft.Messages);
        Rewritten(draft).Should().Be(Written(draft));
    }

    [Theory]
    [InlineData("messages:\n  - role: user\n    content: a\n---\ntext\n", "neither a “systemMessage” nor a text")]
    [InlineData("systemMessage: s\nmessages:\n  - role: user\n    content: a\n---\n", "neither a “systemMessage” nor a text")]
    [InlineData("messages:\n  - role: tool\n    content: a\n---\n", "“role” must be one of system, user, assistant, placeholder")]
    [InlineData("messages:\n  - content: a\n---\n", "A message needs a “role”")]
    [InlineData("messages:\n  - role: user\n    text: a\n---\n", "unknown field “text”")]
    public void File_OfMessages_SaysWhatIsWrong(string rest, string expected) =>
        PromptFile.Read("---\nname: a\n" + rest).Problem!.Errors.Should().Contain(error => error.Message.Contains(expected));

    [Fact]
    public void File_IsReadableInGit() =>
        PromptFile
            .Write(
                new PromptDocument(
                    new PromptDraft
                    {
                        Name = "Support triage",
                        Category = "support",
                        Tags = ["json", "on"],
                        SystemMessage = "You sort tickets.\nYou are brief.",
                        Content = "Ticket:\n{{ ticket }}",
                        VariableDefinitions =
                        [
                            new VariableDefinition
                            {
                                Name = "ticket",
                                Description = "As the customer wrote it",
                                Example = AppJson.Text("It is broken: again."),
                            },
                        ],
                    },
                    "1.2.0",
                    ["staging", "production"]
                )
            )
            .Should()
            .Be(
                """
                ---
                name: Support triage
                category: support
                tags:
                  - json
                  - "on"
                version: 1.2.0
                labels:
                  - production
                  - staging
                variables:
                  - name: ticket
                    description: As the customer wrote it
                    example: "It is broken: again."
                systemMessage: |-
                  You sort tickets.
                  You are brief.
                ---
                Ticket:
                {{ ticket }}

                """
            );

    [Fact]
    public void File_WithWindowsLineEnds_IsReadAsIfItHadNone() =>
        PromptFile.Read("---\r\nname: a\r\n---\r\none\r\ntwo\r\n").Value.Draft.Content.Should().Be("one\ntwo");

    private static PromptDraft Draft(string text) =>
        new PromptDraft
        {
            Name = "x" + text,
            Category = "c",
            Tags = ["t"],
            IsPart = false,
            Content = text,
            SystemMessage = text,
            VariableDefinitions =
            [
                new VariableDefinition
                {
                    Name = "v",
                    Type = VariableType.Json,
                    Description = text,
                    Example = JsonSerializer.SerializeToElement(
                        new Dictionary<string, object?>
                        {
                            ["k" + text] = new object?[]
                            {
                                text,
                                1.50m,
                                true,
                                null,
                                new Dictionary<string, string>(),
                                Array.Empty<int>(),
                                new[] { new[] { text } },
                            },
                        },
                        AppJson.Options
                    ),
                },
            ],
        }.Normalized();

    private static string Written(PromptDraft draft) => PromptFile.Write(new PromptDocument(draft, "1.0.0", []));

    private static PromptDocument Read(PromptDraft draft)
    {
        var read = PromptFile.Read(Written(draft));
        return read.IsOk
            ? read.Value
            : throw new InvalidOperationException(
                $"{read.Problem.Message} {string.Join(" ", read.Problem.Errors.Select(e => e.Message))}\n{Written(draft)}"
            );
    }

    private static string Rewritten(PromptDraft draft) => PromptFile.Write(Read(draft));

    private static string Json(IEnumerable<VariableDefinition> definitions) =>
        JsonSerializer.Serialize(
            definitions.Select(d => new
            {
                d.Name,
                Description = string.IsNullOrEmpty(d.Description) ? null : d.Description,
                d.Type,
                d.Example,
            }),
            AppJson.Options
        );
}
