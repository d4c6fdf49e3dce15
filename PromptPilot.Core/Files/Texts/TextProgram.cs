using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Xml;
using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Exceptions;

namespace PromptPilot.Core.Files.Texts;

/// <summary>
/// The child process of <see cref="TextProcess"/>: a document on standard input, its text on standard output behind one line,
/// <c>ok PAGES</c> or <c>error WORD PAGES</c>. It opens no file and no connection.
/// </summary>
public static class TextProgram
{
    /// <summary>The hidden first argument that makes the portal's program read a document instead of serving.</summary>
    public const string Verb = "extract-text";

    /// <summary>Reads one document.</summary>
    /// <param name="arguments">Media type, most pages, most characters.</param>
    public static int Run(IReadOnlyList<string> arguments)
    {
        using var input = new MemoryStream();
        using (var stdin = Console.OpenStandardInput())
        {
            stdin.CopyTo(input);
        }

        var read = Read(
            input.GetBuffer().AsMemory(0, (int)input.Length),
            arguments[0],
            int.Parse(arguments[1], CultureInfo.InvariantCulture),
            int.Parse(arguments[2], CultureInfo.InvariantCulture)
        );
        using var output = Console.OpenStandardOutput();
        output.Write(Encoding.UTF8.GetBytes(Answer(read)));
        return 0;
    }

    internal static ExtractedText Read(ReadOnlyMemory<byte> content, string mediaType, int mostPages, int mostCharacters)
    {
        try
        {
            return mediaType == MediaTypes.Pdf ? ReadWholePdf(content, mostPages, mostCharacters) : DocxText.Read(content, mostCharacters);
        }
        catch (PdfDocumentEncryptedException)
        {
            return new ExtractedText(mediaType, Error: TextError.Encrypted);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or InsufficientExecutionStackException)
        {
            return new ExtractedText(mediaType, Error: TextError.TooLarge);
        }
        catch (Exception exception) when (IsOfDocument(exception))
        {
            return new ExtractedText(mediaType, Error: TextError.Damaged);
        }
    }

    /// <summary>Anything that a reader throws is the document's fault here: there is nothing else it could be about.</summary>
    private static bool IsOfDocument(Exception exception) =>
        exception
            is InvalidDataException
                or XmlException
                or InvalidOperationException
                or ArgumentException
                or NotSupportedException
                or FormatException
                or IndexOutOfRangeException
                or KeyNotFoundException
                or InvalidCastException
                or OverflowException
                or NullReferenceException
                or IOException
        || exception.GetType().Namespace?.StartsWith("UglyToad", StringComparison.Ordinal) == true;

    internal static string Answer(ExtractedText read) =>
        read.Error is { } error
            ? string.Create(CultureInfo.InvariantCulture, $"error {error} {read.Pages ?? 0}\n")
            : string.Create(CultureInfo.InvariantCulture, $"ok {read.Pages ?? 0}\n{read.Text}");

    /// <param name="output">Null: it was longer than it may be.</param>
    /// <param name="exitCode">Other than 0: the runtime ended the process, for memory or a stack that was too deep.</param>
    internal static ExtractedText ReadAnswer(string mediaType, string? output, int exitCode)
    {
        if (output is null)
        {
            return new ExtractedText(mediaType, Error: TextError.TooLong);
        }

        var end = output.IndexOf('\n');
        var words = end < 0 ? [] : output[..end].Split(' ');
        if (exitCode != 0 || words.Length < 2 || !int.TryParse(words[^1], CultureInfo.InvariantCulture, out var pages))
        {
            return new ExtractedText(mediaType, Error: TextError.TooLarge);
        }

        return words is ["error", var word, _]
            ? new ExtractedText(mediaType, Pages: pages, Error: Enum.Parse<TextError>(word))
            : new ExtractedText(mediaType, output[(end + 1)..], pages > 0 ? pages : null);
    }

    /// <summary>
    /// The reader leaves out parts for which there is no memory. That would make an incomplete text, or a bomb look like a scan.
    /// </summary>
    private static ExtractedText ReadWholePdf(ReadOnlyMemory<byte> content, int mostPages, int mostCharacters)
    {
        var isShort = false;
        AppDomain.CurrentDomain.FirstChanceException += Notice;
        try
        {
            var read = ReadPdf(content, mostPages, mostCharacters);
            return isShort ? new ExtractedText(MediaTypes.Pdf, Error: TextError.TooLarge) : read;
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Notice;
        }

        void Notice(object? sender, FirstChanceExceptionEventArgs thrown) => isShort |= thrown.Exception is OutOfMemoryException;
    }

    private static ExtractedText ReadPdf(ReadOnlyMemory<byte> content, int mostPages, int mostCharacters)
    {
        using var document = PdfDocument.Open(content.ToArray(), new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true });
        var pages = document.NumberOfPages;
        if (pages > mostPages)
        {
            return new ExtractedText(MediaTypes.Pdf, Pages: pages, Error: TextError.TooManyPages);
        }

        var text = new StringBuilder();
        for (var number = 1; number <= pages; number++)
        {
            var page = ContentOrderTextExtractor.GetText(document.GetPage(number), addDoubleNewline: true).Trim();
            if (page.Length > 0)
            {
                text.Append(text.Length > 0 ? "\n\n" : "").Append(page);
            }

            if (text.Length > mostCharacters)
            {
                return new ExtractedText(MediaTypes.Pdf, Pages: pages, Error: TextError.TooLong);
            }
        }

        return new ExtractedText(MediaTypes.Pdf, text.ToString(), pages);
    }
}
