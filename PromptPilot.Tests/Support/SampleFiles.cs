using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace PromptPilot.Tests.Support;

/// <summary>Pictures and documents, made byte by byte: good, odd and hostile ones.</summary>
internal static class SampleFiles
{
    private const string WordSpace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    /// <summary>The header of a PNG; nothing of the picture is needed.</summary>
    public static byte[] Png(int width, int height, int salt = 0)
    {
        var bytes = new byte[64];
        byte[] start =
        [
            0x89,
            (byte)'P',
            (byte)'N',
            (byte)'G',
            0x0D,
            0x0A,
            0x1A,
            0x0A,
            0,
            0,
            0,
            13,
            (byte)'I',
            (byte)'H',
            (byte)'D',
            (byte)'R',
        ];
        start.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), height);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(60), salt);
        return bytes;
    }

    /// <summary>A JPEG with a segment of metadata before its frame.</summary>
    public static byte[] Jpeg(int width, int height)
    {
        byte[] head = [0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 1, 2, 3, 4, 0xFF, 0xC0, 0, 17, 8];
        byte[] size = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(size.AsSpan(2), (ushort)width);
        return [.. head, .. size, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9];
    }

    /// <summary>An extended WebP.</summary>
    public static byte[] Webp(int width, int height)
    {
        var bytes = new byte[40];
        "RIFF"u8.CopyTo(bytes);
        "WEBPVP8X"u8.CopyTo(bytes.AsSpan(8));
        bytes[24] = (byte)(width - 1);
        bytes[25] = (byte)((width - 1) >> 8);
        bytes[27] = (byte)(height - 1);
        bytes[28] = (byte)((height - 1) >> 8);
        return bytes;
    }

    /// <summary>A PDF with one text on each page.</summary>
    public static byte[] Pdf(params string[] pages) =>
        PdfOf([.. pages.Select(page => Encoding.Latin1.GetBytes($"BT /F1 12 Tf 72 700 Td ({page}) Tj ET"))], filter: null);

    /// <summary>A PDF whose pages have no content.</summary>
    public static byte[] EmptyPdf(int pages) => PdfOf([.. Enumerable.Repeat(Array.Empty<byte>(), pages)], filter: null);

    /// <summary>A few kilobytes that unpack to 400 MB: compressed twice.</summary>
    public static byte[] PdfBomb()
    {
        using var inner = new MemoryStream();
        using (var zip = new ZLibStream(inner, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var blanks = new byte[1024 * 1024];
            Array.Fill(blanks, (byte)' ');
            for (var i = 0; i < 400; i++)
            {
                zip.Write(blanks);
            }
        }

        using var outer = new MemoryStream();
        using (var zip = new ZLibStream(outer, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zip.Write(inner.ToArray());
        }

        return PdfOf([outer.ToArray()], "[/FlateDecode /FlateDecode]");
    }

    public static byte[] Docx(string body, string? entry = null)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(zip, "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>");
            Write(zip, entry ?? "word/document.xml", $"<w:document xmlns:w=\"{WordSpace}\"><w:body>{body}</w:body></w:document>");
        }

        return memory.ToArray();
    }

    /// <summary>A Word document of some kilobytes with 300 MB of text.</summary>
    public static byte[] DocxBomb()
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(zip, "[Content_Types].xml", "<Types/>");
            using var part = zip.CreateEntry("word/document.xml", CompressionLevel.SmallestSize).Open();
            part.Write(Encoding.UTF8.GetBytes($"<w:document xmlns:w=\"{WordSpace}\"><w:body><w:p><w:r><w:t>"));
            var text = new byte[1024 * 1024];
            Array.Fill(text, (byte)'a');
            for (var i = 0; i < 300; i++)
            {
                part.Write(text);
            }

            part.Write("</w:t></w:r></w:p></w:body></w:document>"u8);
        }

        return memory.ToArray();
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static void Write(ZipArchive zip, string name, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open());
        writer.Write(text);
    }

    private static byte[] PdfOf(IReadOnlyList<byte[]> contents, string? filter)
    {
        using var pdf = new MemoryStream();
        var offsets = new List<long>();
        Add("%PDF-1.4\n");
        Begin();
        Add("<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>");
        End();
        Begin();
        var kids = string.Join(' ', contents.Select((_, i) => $"{4 + (2 * i)} 0 R"));
        Add($"<< /Type /Pages /Kids [{kids}] /Count {contents.Count.ToString(CultureInfo.InvariantCulture)} >>");
        End();
        Begin();
        Add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
        End();
        foreach (var content in contents)
        {
            Begin();
            Add(
                $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {offsets.Count + 1} 0 R "
                    + "/Resources << /Font << /F1 3 0 R >> >> >>"
            );
            End();
            Begin();
            Add($"<< /Length {content.Length}{(filter is null ? "" : $" /Filter {filter}")} >>\nstream\n");
            pdf.Write(content);
            Add("\nendstream");
            End();
        }

        var start = pdf.Position;
        Add($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n"));
        }

        Add($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return pdf.ToArray();

        void Add(string text) => pdf.Write(Encoding.Latin1.GetBytes(text));

        void Begin()
        {
            offsets.Add(pdf.Position);
            Add($"{offsets.Count} 0 obj\n");
        }

        void End() => Add("\nendobj\n");
    }
}
