using System.Globalization;
using Microsoft.Extensions.Options;
using PromptPilot.Core.Shared;

namespace PromptPilot.Core.Files.Texts;

/// <summary>The text of a document.</summary>
/// <param name="Pages">Of a PDF; null for others.</param>
public sealed record DocumentText(string Text, int? Pages);

/// <summary>
/// Makes the text of documents, once, when they are sent. HTML and text are read here; a PDF or Word document can make its reader use any
/// amount of memory and time, so a child process reads it.
/// </summary>
public sealed class DocumentTexts(TextProcess process, IOptions<FilesOptions> options)
{
    /// <returns>Or a problem that says why there is no text, e.g. that a PDF is scanned.</returns>
    internal async Task<Result<DocumentText>> ReadAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken)
    {
        var limits = options.Value;
        var read = mediaType is MediaTypes.Pdf or MediaTypes.Docx
            ? await process.ReadAsync(content, mediaType, limits, cancellationToken)
            : Read(content, mediaType, limits.MaxTextLength);
        if (read.Error is { } error)
        {
            return Problem.Invalid(Message(error, read, limits));
        }

        var text = Unicode.WellFormed(read.Text!).Trim();
        return text.Length == 0
            ? Problem.Invalid(Message(TextError.NoText, read with { MediaType = mediaType }, limits))
            : new DocumentText(text, read.Pages);
    }

    private static ExtractedText Read(ReadOnlyMemory<byte> content, string mediaType, int most)
    {
        var text = mediaType == MediaTypes.Html ? HtmlText.Of(HtmlText.Decode(content.Span)) : PlainText.Decode(content.Span);
        return text.Length > most ? new ExtractedText(mediaType, Error: TextError.TooLong) : new ExtractedText(mediaType, text);
    }

    private static string Message(TextError error, ExtractedText read, FilesOptions limits) =>
        error switch
        {
            TextError.NoText when read.MediaType == MediaTypes.Pdf =>
                "This PDF contains no text. It is probably scanned: send its pages as pictures, or run text recognition on it first.",
            TextError.NoText => "This document contains no text.",
            TextError.Encrypted => "This document is protected by a password. Save it without one, then send it again.",
            TextError.TooManyPages => string.Create(
                CultureInfo.InvariantCulture,
                $"This PDF has {read.Pages:N0} pages. The limit is {limits.MaxPages:N0}. Send the pages that matter."
            ),
            TextError.TooLong => string.Create(
                CultureInfo.InvariantCulture,
                $"The text of this document has more than {limits.MaxTextLength:N0} characters. Send the part that matters."
            ),
            TextError.TooLarge => "Reading this document was stopped because it needs more than 256 MB of memory. "
                + "It may be damaged or crafted to do so. Save it again with another program, or send its text.",
            TextError.TooSlow => "Reading this document was stopped because it takes more than 20 seconds. "
                + "Send the pages that matter, or its text.",
            TextError.NotWord => "This is not a Word document, PDF, HTML or text file. Save it as DOCX or PDF.",
            TextError.Busy => "Too many documents are being read at the moment. Try again in a minute.",
            TextError.Damaged => "This document is damaged and cannot be read. Save it again, or send its text.",
        };
}

/// <summary>Why a document has no text.</summary>
internal enum TextError
{
    NoText,
    Encrypted,
    TooManyPages,
    TooLong,
    TooLarge,
    TooSlow,
    NotWord,
    Damaged,
    Busy,
}

/// <summary>What a reader found.</summary>
internal sealed record ExtractedText(string MediaType, string? Text = null, int? Pages = null, TextError? Error = null);
