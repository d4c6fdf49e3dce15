using System.Text.Json;
using CsCheck;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Compare;
using PromptPilot.Core.Runs.Files;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Tests.Support;
using static PromptPilot.Tests.Support.RunStates;

namespace PromptPilot.Tests.Unit.Runs;

public class RunComparisonTests
{
    [Fact]
    public void Texts_ThatDiffer_AreMarkedByWords()
    {
        var text = TextComparison.Of("The release moves to Friday.", "The release moves to next Monday.");

        text.Detail.Should().Be(ComparisonDetail.Words);
        text.Pieces.Should()
            .Equal(
                new TextPiece("The release moves to ", PieceKind.Same),
                new TextPiece("Friday", PieceKind.Removed),
                new TextPiece("next Monday", PieceKind.Added),
                new TextPiece(".", PieceKind.Same)
            );
        TextComparison.Of("same", "same").IsSame.Should().BeTrue();
        TextComparison.Of("", "").Pieces.Should().BeEmpty();
        TextComparison
            .Of("one two", "three four")
            .Pieces.Should()
            .Equal(new TextPiece("one two", PieceKind.Removed), new TextPiece("three four", PieceKind.Added));
        TextComparison.Of("now 😀", "now 😁").Pieces[1].Text.Should().Be("😀", "a character is not cut in half");
    }

    [Fact]
    public void Files_ThatDiffer_AreNamed()
    {
        var changes = RunComparison.Changes(Lease('a'), Lease('b'));

        changes.Should().ContainSingle().Which.Left.Should().Be("lease.pdf (SHA-256 aaaaaaaaaaaa…)");
        RunComparison.Changes(Lease('a'), Lease('a')).Should().BeEmpty();

        static Dictionary<string, JsonElement> Lease(char hash) =>
            new() { ["lease"] = new FileReference(new string(hash, 64), "lease.pdf", MediaTypes.Pdf, 9).ToJson() };
    }

    [Fact]
    public void Pieces_OfAnyTexts_MakeBothTexts() =>
        Gen.Select(Text, Text)
            .Sample(
                (left, right) =>
                {
                    var text = TextComparison.Of(left, right);
                    Side(text, PieceKind.Added).Should().Be(left);
                    Side(text, PieceKind.Removed).Should().Be(right);
                    text.IsSame.Should().Be(left == right);
                    text.Pieces.Should().NotContain(piece => piece.Text.Length == 0);
                },
                iter: Samples.Count(few: 500, many: 5_000)
            );

    [Theory]
    [InlineData(5_000, ComparisonDetail.Words)]
    [InlineData(9_000, ComparisonDetail.Lines)]
    [InlineData(12_000, ComparisonDetail.None)]
    public void LongTexts_AreComparedInBoundedTime(int lines, ComparisonDetail detail)
    {
        var (left, right) = (Lines(lines, "left and more"), Lines(lines, "right and more"));

        var text = TextComparison.Of("", "");
        CpuTime.Of(() => text = TextComparison.Of(left, right)).Should().BeLessThan(TimeSpan.FromSeconds(1), "no text makes the page hang");

        text.Detail.Should().Be(detail);
        Side(text, PieceKind.Added).Should().Be(left);
        Side(text, PieceKind.Removed).Should().Be(right);
    }

    [Fact]
    public void Runs_AreComparedStepByStep()
    {
        var left = Run(
            RunStatus.Succeeded,
            Step("facts", 1, StepStatus.Succeeded, [], Succeeded(0, 2) with { Log = Log("a", "Monday") }) with
            {
                Result = AppJson.Text("one fact"),
            },
            Step("mood", 2, StepStatus.Succeeded, [], Succeeded(0, 1) with { Log = Log("b", "Monday") }) with
            {
                Result = AppJson.Text("fine"),
            },
            Step("old", 3, StepStatus.Skipped, [])
        );
        var right = Run(
            RunStatus.Failed,
            Step("facts", 1, StepStatus.Succeeded, [], Succeeded(0, 3, text: "two facts") with { Log = Log("c", "Friday"), Cost = 1 }) with
            {
                PromptVersion = "2.0.0",
                Result = AppJson.Text("two facts"),
            },
            Step("mood", 2, StepStatus.Succeeded, [], Succeeded(0, 4) with { Log = Log("b", "Monday") }) with
            {
                StepId = "another-id",
                Result = AppJson.Text("fine"),
            },
            Step("new", 4, StepStatus.Failed, [], Failed(4, 5, ErrorCode.Auth, "No key."))
        ) with
        {
            Inputs = new Dictionary<string, JsonElement> { ["notes"] = AppJson.Text("other notes") },
        };
        var prompts = new Dictionary<string, RenderedPrompt> { ["log-0-"] = new("Be brief.", "Notes") };

        var compared = RunComparison.Of(left, right, prompts);

        compared
            .Inputs.Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(
                new
                {
                    Name = "notes",
                    Left = "some notes",
                    Right = "other notes",
                }
            );
        compared.Steps.Select(step => step.OutputKey).Should().Equal("facts", "mood", "old", "new");
        compared.DifferentSteps.Should().Be(3);
        var facts = compared.Steps[0];
        facts.HasOtherSetup.Should().BeTrue();
        facts
            .Left.Should()
            .BeEquivalentTo(
                new
                {
                    PromptName = "Prompt facts",
                    PromptVersion = "1.0.0",
                    Model = "offline-1",
                    InputTokens = 100,
                    OutputTokens = 212,
                    Cost = 2_800_000,
                    DurationMs = 2000,
                    Calls = 1,
                }
            );
        (facts.Right!.PromptVersion, facts.Right.Cost, facts.Right.DurationMs).Should().Be(("2.0.0", 1, 3000));
        facts
            .Values.Should()
            .ContainSingle()
            .Which.Should()
            .BeEquivalentTo(
                new
                {
                    Name = "day",
                    Left = "Monday",
                    Right = "Friday",
                }
            );
        facts.Output!.Pieces.Select(piece => piece.Kind).Should().Contain([PieceKind.Added, PieceKind.Removed]);
        facts.Prompt!.Pieces.Should().ContainSingle().Which.Text.Should().Contain("Be brief.").And.Contain("Notes");
        compared.Steps[1].IsSame.Should().BeTrue("it has another id, but the same key, texts and setup");
        compared.Steps[2].Should().BeEquivalentTo(new { IsOneSided = true, Right = (StepSide?)null });
        compared.Steps[3].Right!.Error.Should().Be("No key.");
    }

    [Fact]
    public void Prompts_OfMoreItemsThanAreCompared_AreSaidToBeMissing()
    {
        var run = Run(
            RunStatus.Succeeded,
            Step("list", 1, StepStatus.Succeeded, [], Succeeded(0, 1, item: 0), Succeeded(1, 2, item: 1), Succeeded(2, 3, item: 2))
        );
        var prompts = new Dictionary<string, RenderedPrompt> { ["log-0-0"] = new(null, "First") };

        var prompt = RunComparison.Of(run, run, prompts).Steps.Should().ContainSingle().Subject.Prompt!;

        prompt.Pieces.Should().ContainSingle().Which.Text.Should().Contain("First").And.Contain("2 more calls, which are not compared");
    }

    private static readonly string[] Words = ["one", "two", " ", "  ", "\n", "\r\n", ".", "é", "e\u0301", "😀", "😁", "日本"];

    private static readonly Gen<string> Text = Gen.Int[0, Words.Length - 1]
        .List[0, 30]
        .Select(picks => string.Concat(picks.Select(pick => Words[pick])));

    private static string Lines(int count, string word) => string.Concat(Enumerable.Range(0, count).Select(line => $"{word} {line}\n"));

    private static string Side(TextComparison text, PieceKind without) =>
        string.Concat(text.Pieces.Where(piece => piece.Kind != without).Select(piece => piece.Text));

    private static ExecutionLog Log(string id, string day) =>
        new()
        {
            Id = id,
            PromptId = "prompt",
            PromptVersionId = "version",
            ModelProfileId = "profile",
            ModelUsed = "offline-1",
            Input = new() { ["day"] = AppJson.Text(day) },
        };
}
