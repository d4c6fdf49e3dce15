using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Files;

namespace PromptPilot.Tests.Unit.Runs;

public class RenderedPromptTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(1, 60).Select(number => $"Clause {number}. "));

    [Fact]
    public void Pieces_OfAMessageWithADocument_AreCutAtItsText()
    {
        var lease = File('a', "lease.pdf", Long);
        var prompt = new RenderedPrompt("Be brief.", $"Read {Long} twice: {Long}") { Files = [lease] };

        prompt.PiecesOf(prompt.Messages[0]).Should().Equal(new SentPiece("Be brief."));
        prompt
            .PiecesOf(prompt.Messages[1])
            .Should()
            .Equal(new SentPiece("Read "), new SentPiece(Long, lease.File), new SentPiece(" twice: "), new SentPiece(Long, lease.File));
        prompt
            .WithNames()
            .Messages[1]
            .Text.Should()
            .Be($"Read [lease.pdf, {Long.Length} characters] twice: [lease.pdf, {Long.Length} characters]");
    }

    [Fact]
    public void Pieces_OfADocumentThatQuotesAnother_AreTheLongerOne()
    {
        var (inner, outer) = (File('a', "inner.txt", Long), File('b', "outer.txt", $"Quote: {Long} End."));
        var prompt = new RenderedPrompt(null, $"{outer.Text}{inner.Text}") { Files = [inner, outer] };

        prompt.PiecesOf(prompt.Messages[0]).Select(piece => piece.File?.Name).Should().Equal("outer.txt", "inner.txt");
    }

    [Fact]
    public void ShortOrChangedDocuments_AreShownAsTheyWereSent()
    {
        var text = $"Yes, yes: {Long[..50]}";
        var prompt = new RenderedPrompt(null, text)
        {
            Files = [File('a', "yes.txt", "yes"), File('b', "long.txt", Long), new(Reference('c', "a.png"), null, "[picture 1]")],
        };

        prompt.PiecesOf(prompt.Messages[0]).Should().Equal(new SentPiece(text));
        prompt.WithNames().Messages.Should().Equal(new ModelMessage(ModelRole.User, text));
    }

    private static SentFile File(char hash, string name, string text) => new(Reference(hash, name), text, Mark: null);

    private static FileReference Reference(char hash, string name) => new(new string(hash, 64), name, "text/plain", 1);
}
