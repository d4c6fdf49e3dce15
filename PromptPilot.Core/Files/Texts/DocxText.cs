using System.IO.Compression;
using System.Text;
using System.Xml;

namespace PromptPilot.Core.Files.Texts;

/// <summary>The text of a Word document, read in one pass: what is unpacked is never held.</summary>
internal static class DocxText
{
    /// <summary>Bytes of the part that may be unpacked.</summary>
    private const long MostBytes = 200L * 1024 * 1024;

    private const int MostDepth = 256;
    private const string Word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    private const string StrictWord = "http://purl.oclc.org/ooxml/wordprocessingml/main";

    public static ExtractedText Read(ReadOnlyMemory<byte> content, int mostCharacters)
    {
        using var zip = new ZipArchive(new MemoryStream(content.ToArray(), writable: false), ZipArchiveMode.Read);
        if (zip.GetEntry("word/document.xml") is not { } part || zip.GetEntry("[Content_Types].xml") is null)
        {
            return new ExtractedText(MediaTypes.Docx, Error: TextError.NotWord);
        }

        if (part.IsEncrypted)
        {
            return new ExtractedText(MediaTypes.Docx, Error: TextError.Encrypted);
        }

        using var stream = part.Open();
        using var reader = XmlReader.Create(
            stream,
            new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = MostBytes,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
            }
        );
        var text = new StringBuilder();
        while (reader.Read())
        {
            if (reader.Depth > MostDepth)
            {
                return new ExtractedText(MediaTypes.Docx, Error: TextError.Damaged);
            }

            if (reader.NamespaceURI is Word or StrictWord && !Take(reader, text, mostCharacters))
            {
                return new ExtractedText(MediaTypes.Docx, Error: TextError.Damaged);
            }

            if (text.Length > mostCharacters)
            {
                return new ExtractedText(MediaTypes.Docx, Error: TextError.TooLong);
            }
        }

        return new ExtractedText(MediaTypes.Docx, text.ToString());
    }

    /// <summary>Deleted text of tracked changes and the code of fields are not in the text that people see.</summary>
    private static bool Take(XmlReader reader, StringBuilder text, int most)
    {
        switch (reader.NodeType, reader.LocalName)
        {
            case (XmlNodeType.Element, "t") when !reader.IsEmptyElement:
                return TakeText(reader, text, most);
            // With attributes, it is a tab stop of the paragraph's format.
            case (XmlNodeType.Element, "tab") when !reader.HasAttributes:
                text.Append('\t');
                break;
            case (XmlNodeType.Element, "br" or "cr"):
                text.Append('\n');
                break;
            case (XmlNodeType.EndElement, "tc"):
                // Between cells, instead of the line that their last paragraph ended.
                TrimEnd(text, "\n");
                text.Append('\t');
                break;
            case (XmlNodeType.EndElement, "tr"):
                TrimEnd(text, "\n\t");
                text.Append('\n');
                break;
            case (XmlNodeType.EndElement, "p")
            or (XmlNodeType.Element, "p") when reader.NodeType == XmlNodeType.EndElement || reader.IsEmptyElement:
                text.Append('\n');
                break;
        }

        return true;
    }

    /// <summary>In pieces, because one text can be as long as all that is unpacked.</summary>
    private static bool TakeText(XmlReader reader, StringBuilder text, int most)
    {
        var depth = reader.Depth;
        var buffer = new char[4096];
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA)
            {
                int count;
                while (text.Length <= most && (count = reader.ReadValueChunk(buffer, 0, buffer.Length)) > 0)
                {
                    text.Append(buffer, 0, count);
                }

                if (text.Length > most)
                {
                    return true;
                }
            }
            else if (reader.NodeType == XmlNodeType.Element)
            {
                return false;
            }
        }

        return true;
    }

    private static void TrimEnd(StringBuilder text, string characters)
    {
        while (text.Length > 0 && characters.Contains(text[^1]))
        {
            text.Length--;
        }
    }
}
