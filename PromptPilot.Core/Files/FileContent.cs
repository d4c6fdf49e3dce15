using System.Buffers.Binary;
using System.Text;

namespace PromptPilot.Core.Files;

/// <summary>What a file is, found in its first bytes. Nothing is decoded or unpacked.</summary>
/// <param name="MediaType">Null: nothing that is accepted.</param>
/// <param name="Width">Of a picture, in pixels.</param>
/// <param name="Rejected">With a null type: what it is instead, as the end of “This is …”.</param>
internal sealed record FileContent(string? MediaType, int Width = 0, int Height = 0, string? Rejected = null)
{
    /// <summary>Bytes in which the start of a text is looked for.</summary>
    private const int Start = 1024;

    private static readonly (byte[] Start, string Name)[] Others =
    [
        ("GIF8"u8.ToArray(), "a GIF. Save it as PNG"),
        ("II*\0"u8.ToArray(), "a TIFF picture. Save it as PNG"),
        ("MM\0*"u8.ToArray(), "a TIFF picture. Save it as PNG"),
        ("{\\rtf"u8.ToArray(), "an RTF document. Save it as DOCX or PDF"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Office file. Save it as DOCX or PDF"),
    ];

    public static FileContent Of(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? new FileContent(null, Rejected: "an empty file")
        : Picture(bytes) is { } picture ? picture
        : bytes.StartsWith("%PDF-"u8) ? new FileContent(MediaTypes.Pdf)
        // Whether it is a Word document is seen when it is unpacked.
        : bytes.StartsWith("PK\u0003\u0004"u8) ? new FileContent(MediaTypes.Docx)
        : Other(bytes) is { } other ? new FileContent(null, Rejected: other)
        : OfText(bytes);

    private static FileContent? Picture(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? Png(bytes)
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg(bytes)
        : bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? Webp(bytes)
        : null;

    private static FileContent Damaged(string what) => new(null, Rejected: $"a damaged {what}. Save it again");

    private static FileContent Png(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 33 && bytes[12..].StartsWith("IHDR"u8)
            ? Sized(MediaTypes.Png, BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]))
            : Damaged("PNG");

    /// <summary>The size is in the first frame header; each segment before it says how long it is.</summary>
    private static FileContent Jpeg(ReadOnlySpan<byte> bytes)
    {
        var at = 2;
        while (at + 9 < bytes.Length && bytes[at] == 0xFF)
        {
            var marker = bytes[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return Sized(
                    MediaTypes.Jpeg,
                    BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 7)..]),
                    BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..])
                );
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            if (marker is 0xD9 or 0xDA || length < 2)
            {
                break;
            }

            at += 2 + length;
        }

        return Damaged("JPEG");
    }

    private static FileContent Webp(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 30)
        {
            var chunk = bytes[12..16];
            if (chunk.SequenceEqual("VP8X"u8))
            {
                return Sized(MediaTypes.Webp, 1u + Int24(bytes[24..]), 1u + Int24(bytes[27..]));
            }

            if (chunk.SequenceEqual("VP8L"u8) && bytes[20] == 0x2F)
            {
                var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
                return Sized(MediaTypes.Webp, 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF));
            }

            if (chunk.SequenceEqual("VP8 "u8) && bytes[23..].StartsWith((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
            {
                return Sized(
                    MediaTypes.Webp,
                    BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFFu,
                    BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFFu
                );
            }
        }

        return Damaged("WebP");
    }

    private static uint Int24(ReadOnlySpan<byte> bytes) => bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16;

    private static FileContent Sized(string type, uint width, uint height) =>
        width is 0 or > int.MaxValue || height is 0 or > int.MaxValue
            ? Damaged(MediaTypes.NameOf(type))
            : new FileContent(type, (int)width, (int)height);

    private static string? Other(ReadOnlySpan<byte> bytes)
    {
        foreach (var (start, name) in Others)
        {
            if (bytes.StartsWith(start))
            {
                return name;
            }
        }

        // Texts can begin with BM too.
        return bytes.Length > 10 && bytes.StartsWith("BM"u8) && bytes[6..].StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 0])
                ? "a BMP picture. Save it as PNG"
            : bytes.Length > 12 && bytes[4..].StartsWith("ftyp"u8) ? "a HEIC or AVIF picture, or a video. Save it as JPEG"
            : null;
    }

    private static FileContent OfText(ReadOnlySpan<byte> bytes)
    {
        if (!PlainText.LooksLikeText(bytes))
        {
            return new FileContent(null, Rejected: "not a picture, PDF, DOCX, HTML or text file");
        }

        var start = PlainText.Start(bytes, Start).TrimStart();
        return IsHtml(start) ? new FileContent(MediaTypes.Html)
            : IsSvg(start) ? new FileContent(null, Rejected: "an SVG, which can contain scripts. Save it as PNG")
            : new FileContent(MediaTypes.Text);
    }

    private static bool IsHtml(string start) =>
        start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
        || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
        || (start.StartsWith("<!--", StringComparison.Ordinal) && start.Contains("<html", StringComparison.OrdinalIgnoreCase))
        || (start.StartsWith("<?xml", StringComparison.Ordinal) && start.Contains("<html", StringComparison.OrdinalIgnoreCase));

    private static bool IsSvg(string start) =>
        start.StartsWith("<svg", StringComparison.OrdinalIgnoreCase)
        || (
            (start.StartsWith("<?xml", StringComparison.Ordinal) || start.StartsWith("<!", StringComparison.Ordinal))
            && start.Contains("<svg", StringComparison.OrdinalIgnoreCase)
            && !start.Contains("<html", StringComparison.OrdinalIgnoreCase)
        );
}

/// <summary>Bytes as text, in the encodings that files have.</summary>
internal static class PlainText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>False for what has bytes that no text has.</summary>
    public static bool LooksLikeText(ReadOnlySpan<byte> bytes) =>
        IsUtf16(bytes) is not null || !bytes.ContainsAnyInRange((byte)0x00, (byte)0x06);

    /// <summary>By its byte order mark, else UTF-8, else Windows-1252.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (IsUtf16(bytes) is { } utf16)
        {
            return utf16.GetString(bytes[2..]);
        }

        var content = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(content);
        }
    }

    /// <summary>The first characters, to recognize ASCII words in: a cut or foreign character does not matter.</summary>
    public static string Start(ReadOnlySpan<byte> bytes, int most)
    {
        var start = bytes[..Math.Min(bytes.Length, most)];
        return IsUtf16(start)?.GetString(start[2..]) ?? Encoding.Latin1.GetString(start.StartsWith("\uFEFF"u8) ? start[3..] : start);
    }

    private static Encoding? IsUtf16(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? Encoding.Unicode
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? Encoding.BigEndianUnicode
        : null;
}
