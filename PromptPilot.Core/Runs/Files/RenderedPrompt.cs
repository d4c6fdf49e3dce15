using System.Globalization;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;

namespace PromptPilot.Core.Runs.Files;

/// <summary>A file that a call sent.</summary>
/// <param name="Text">Of a document; null: a picture.</param>
/// <param name="Mark">Where a picture stands in the messages, see <see cref="CallPicture.Mark"/>; null: a document.</param>
public sealed record SentFile(FileReference File, string? Text, string? Mark);

/// <summary>A part of a message: what the prompt wrote, or the whole text of a document.</summary>
/// <param name="File">The document; null: a text of the prompt.</param>
public sealed record SentPiece(string Text, FileReference? File = null);

/// <summary>The prompt as it was sent to the model.</summary>
public sealed record RenderedPrompt(IReadOnlyList<ModelMessage> Messages)
{
    /// <summary>Shorter documents are shown where they stand; they are also likely to be in a text by chance.</summary>
    internal const int ShortDocument = 200;

    public RenderedPrompt(string? systemMessage, string prompt)
        : this(ModelMessage.Of(systemMessage, prompt)) { }

    public IReadOnlyList<SentFile> Files { get; init; } = [];

    /// <summary>The text, if nothing else was sent.</summary>
    public string? OnlyText => Messages is [{ Role: ModelRole.User } only] ? only.Text : null;

    /// <summary>A message, cut where the text of a document begins and ends. A document that a filter changed is not found.</summary>
    public IReadOnlyList<SentPiece> PiecesOf(ModelMessage message)
    {
        var documents = Files.Where(file => file.Text?.Length >= ShortDocument).OrderByDescending(file => file.Text!.Length).ToList();
        var pieces = new List<SentPiece>();
        Cut(message.Text, documents, pieces);
        return pieces;
    }

    /// <summary>The same with names in place of documents, to be shown or compared as plain text.</summary>
    public RenderedPrompt WithNames() =>
        Files.Count == 0 ? this : new RenderedPrompt([.. Messages.Select(message => message with { Text = NamedTextOf(message) })]);

    private string NamedTextOf(ModelMessage message) =>
        string.Concat(
            PiecesOf(message)
                .Select(piece =>
                    piece.File is { } file
                        ? string.Create(CultureInfo.InvariantCulture, $"[{file.Name}, {piece.Text.Length:N0} characters]")
                        : piece.Text
                )
        );

    /// <summary>The longest document first, so that one that quotes another is found as a whole.</summary>
    private static void Cut(string text, List<SentFile> documents, List<SentPiece> pieces)
    {
        if (documents.Count == 0)
        {
            if (text.Length > 0)
            {
                pieces.Add(new SentPiece(text));
            }

            return;
        }

        var (document, others) = (documents[0], documents.Skip(1).ToList());
        var from = 0;
        for (int at; (at = text.IndexOf(document.Text!, from, StringComparison.Ordinal)) >= 0; from = at + document.Text!.Length)
        {
            Cut(text[from..at], others, pieces);
            pieces.Add(new SentPiece(document.Text!, document.File));
        }

        Cut(text[from..], others, pieces);
    }
}
