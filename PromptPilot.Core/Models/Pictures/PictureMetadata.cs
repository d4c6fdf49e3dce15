using System.Buffers;
using System.Buffers.Binary;
using PromptPilot.Core.Files;

namespace PromptPilot.Core.Models.Pictures;

/// <summary>
/// Copies a picture without what cameras and programs write beside it: place, time, device, author, comments, thumbnails, and anything
/// after its end. Only parts that are needed to show the picture are copied. Nothing is decoded, so the pixels stay as they are, and a
/// rotation that is only noted in the metadata is lost.
/// </summary>
internal static class PictureMetadata
{
    /// <summary>Signature of a PNG, in bytes.</summary>
    private const int PngStart = 8;

    /// <summary>Length, type and checksum of a PNG chunk.</summary>
    private const int PngFrame = 12;

    /// <summary>Type and length of a WebP chunk.</summary>
    private const int WebpFrame = 8;

    private const int WebpStart = 12;

    /// <summary>Flags of an extended WebP: it has EXIF data, it has XMP data.</summary>
    private const byte WebpMetadataFlags = 0x08 | 0x04;

    /// <summary>The chunks of a PNG that decide how it looks. Critical ones begin with an upper-case letter.</summary>
    private static readonly string[] PngChunks =
    [
        "IHDR",
        "PLTE",
        "IDAT",
        "IEND",
        "tRNS",
        "cHRM",
        "gAMA",
        "iCCP",
        "sBIT",
        "sRGB",
        "cICP",
        "mDCV",
        "cLLI",
        "bKGD",
        "pHYs",
    ];

    private static readonly string[] WebpChunks = ["VP8 ", "VP8L", "VP8X", "ALPH", "ICCP", "ANIM", "ANMF"];

    /// <summary>The picture without metadata; null: it is damaged, so nobody can say what is metadata.</summary>
    /// <param name="type">A media type of pictures, see <see cref="MediaTypes"/>.</param>
    public static ReadOnlyMemory<byte>? Remove(ReadOnlySpan<byte> picture, string type)
    {
        var copy = new ArrayBufferWriter<byte>(Math.Max(1, picture.Length));
        var isWhole = type switch
        {
            MediaTypes.Png => CopyPng(picture, copy),
            MediaTypes.Jpeg => CopyJpeg(picture, copy),
            MediaTypes.Webp => CopyWebp(picture, copy),
            _ => false,
        };
        if (!isWhole)
        {
            return null;
        }

        return type == MediaTypes.Webp ? WithSize(copy) : copy.WrittenMemory;
    }

    private static bool CopyPng(ReadOnlySpan<byte> picture, ArrayBufferWriter<byte> copy)
    {
        if (picture.Length < PngStart)
        {
            return false;
        }

        copy.Write(picture[..PngStart]);
        for (var rest = picture[PngStart..]; rest.Length >= PngFrame; )
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - PngFrame)
            {
                return false;
            }

            var chunk = rest[..((int)length + PngFrame)];
            if (Has(PngChunks, chunk.Slice(4, 4)))
            {
                copy.Write(chunk);
            }
            else if (char.IsAsciiLetterUpper((char)chunk[4]) || !char.IsAsciiLetter((char)chunk[4]))
            {
                // An unknown critical chunk, or no chunk at all.
                return false;
            }

            if (chunk[4..].StartsWith("IEND"u8))
            {
                return true;
            }

            rest = rest[chunk.Length..];
        }

        return false;
    }

    /// <summary>Segments up to the first scan, then scans with segments between them, up to the end marker.</summary>
    private static bool CopyJpeg(ReadOnlySpan<byte> picture, ArrayBufferWriter<byte> copy)
    {
        if (!picture.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
        {
            return false;
        }

        copy.Write(picture[..2]);
        var at = 2;
        var hasFrame = false;
        while (true)
        {
            at = NextMarker(picture, at);
            if (at < 0)
            {
                // Programs show pictures whose end was cut off.
                return hasFrame;
            }

            var marker = picture[at + 1];
            if (marker == 0xD9)
            {
                copy.Write(picture.Slice(at, 2));
                return hasFrame;
            }

            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                // Markers without a segment have no place here.
                at += 2;
                continue;
            }

            if (at + 4 > picture.Length || BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 2)..]) is var length && length < 2)
            {
                return false;
            }

            var end = at + 2 + length;
            if (end > picture.Length)
            {
                return false;
            }

            var segment = picture[at..end];
            if (IsShown(marker, segment[4..]))
            {
                copy.Write(segment);
            }

            hasFrame |= marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            at = end;
            if (marker == 0xDA)
            {
                at = EndOfScan(picture, end);
                copy.Write(picture[end..at]);
            }
        }
    }

    /// <summary>
    /// Of the segments for applications: JFIF, color profiles and Adobe's note on colors. EXIF and XMP (1), IPTC (13), comments and
    /// those of phones and editors are left out.
    /// </summary>
    private static bool IsShown(byte marker, ReadOnlySpan<byte> content) =>
        marker switch
        {
            0xE0 => content.StartsWith("JFIF\0"u8),
            0xE2 => content.StartsWith("ICC_PROFILE\0"u8),
            0xEE => content.StartsWith("Adobe"u8),
            >= 0xE0 and <= 0xEF or 0xFE => false,
            _ => true,
        };

    /// <summary>Where the next marker is, behind fill bytes and what does not belong there; -1: nowhere.</summary>
    private static int NextMarker(ReadOnlySpan<byte> picture, int at)
    {
        for (; at + 1 < picture.Length; at++)
        {
            if (picture[at] == 0xFF && picture[at + 1] is not (0x00 or 0xFF))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Where the data of a scan ends: at a marker other than a restart.</summary>
    private static int EndOfScan(ReadOnlySpan<byte> picture, int at)
    {
        while (at < picture.Length)
        {
            var found = picture[at..].IndexOf((byte)0xFF);
            if (found < 0 || at + found + 1 >= picture.Length)
            {
                return picture.Length;
            }

            at += found;
            if (picture[at + 1] is not (0x00 or 0xFF or (>= 0xD0 and <= 0xD7)))
            {
                return at;
            }

            // Of fill bytes, the last one belongs to the marker.
            at += picture[at + 1] == 0xFF ? 1 : 2;
        }

        return picture.Length;
    }

    private static bool CopyWebp(ReadOnlySpan<byte> picture, ArrayBufferWriter<byte> copy)
    {
        if (picture.Length < WebpStart || !picture.StartsWith("RIFF"u8))
        {
            return false;
        }

        copy.Write(picture[..WebpStart]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(picture[4..]);
        var rest = picture[WebpStart..(int)Math.Clamp(size + (long)WebpFrame, WebpStart, picture.Length)];
        var hasPixels = false;
        while (rest.Length >= WebpFrame)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - WebpFrame)
            {
                return false;
            }

            // Chunks of odd length are padded; the padding of the last one may be missing.
            var whole = Math.Min(rest.Length, WebpFrame + (int)length + ((int)length & 1));
            if (Has(WebpChunks, rest[..4]))
            {
                var isHead = rest.StartsWith("VP8X"u8);
                hasPixels |= !isHead;
                var target = copy.GetSpan(whole);
                rest[..whole].CopyTo(target);
                if (isHead && length > 0)
                {
                    target[WebpFrame] &= unchecked((byte)~WebpMetadataFlags);
                }

                copy.Advance(whole);
            }

            rest = rest[whole..];
        }

        return hasPixels;
    }

    private static byte[] WithSize(ArrayBufferWriter<byte> copy)
    {
        var picture = copy.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(picture.AsSpan(4), (uint)(picture.Length - WebpFrame));
        return picture;
    }

    private static bool Has(string[] names, ReadOnlySpan<byte> name)
    {
        foreach (var known in names)
        {
            if (System.Text.Ascii.Equals(name, known))
            {
                return true;
            }
        }

        return false;
    }
}
