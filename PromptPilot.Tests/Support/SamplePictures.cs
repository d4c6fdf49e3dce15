using System.Buffers.Binary;
using PromptPilot.Core.Files;

namespace PromptPilot.Tests.Support;

/// <summary>Whole pictures of 24 × 16 pixels, as Chromium writes them, and the same with metadata.</summary>
internal static class SamplePictures
{
    /// <summary>Planted in metadata.</summary>
    public const string Secret = "48.2082N 16.3738E";

    private const string JpegText =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAA"
        + "ABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1"
        + "AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAP"
        + "KnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/"
        + "2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK0"
        + "6kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAQABgDASIAAhEBAxEB/8QAFwAAAwEA"
        + "AAAAAAAAAAAAAAAAAAECBf/EABUQAQEAAAAAAAAAAAAAAAAAAAEA/8QAFQEBAQAAAAAAAAAAAAAAAAAABQP/xAAXEQADAQAAAAAAAAAAAAAAAA"
        + "AAAgMh/9oADAMBAAIRAxEAPwDNWhZrQtaMxSriWKFiUSeBzPp//9k=";

    private const string WebpText =
        "UklGRjYCAABXRUJQVlA4WAoAAAAgAAAAFwAADwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAA"
        + "ABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1"
        + "AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAP"
        + "KnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZW"
        + "UDggSAAAALADAJ0BKhgAEAA/EXKxULCmpKcwCAIQIglsAJ0yhHAvwIwABMTAAP7rVTRQwexHn/8Dcz0aCf7Qk5FzzGrKls0JjrdP2QAAAA==";

    private const string PngText =
        "iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAYAAAAMJL+VAAACJUlEQVR4AYxSLXAUYQzN3DSROCQKiUOisChwdaDAgQIFrg5cHShwdeBwSFRlXW"
        + "VdZVUn6Uz6XrLf3m5/phU32X2/yd1tzsXyTB7kqTzME3mUx/I4j+RJHsrT/C/P8p88z7/yIn/LyzyQ3fwpr/OHvMt9eZ/f5FPuyef8Inv5Ub7m"
        + "B9nPt/I938iv3JWDfCV/cnMhKi47EpiBeSFWz40rnvm+I2t8q49Zb8hR6BRzy28CwW1u0KtEEdziwHsgxGsqzMSt+ADePHEuoYUv86qAogZ12q"
        + "CFxEcIL4paRlHSywRK174t3j4VFDToJaa5SwJhsdpwi3cofbYoUyxnuIC41uRSKCCoRTpCCTrKuoBnG8QKXhGm9Ux+lFAfC33UUtRb6VHAEMVL"
        + "z6gSQ1Bv4jAzxAvXwhnuwKn1wqknx7n24V9kCNdpwyajzIYwnfAxyRtwLsOpE0+cBdfxjSOMG8a8yVKsc/lVfvh85TPoh19RboILGDJATsOGWm"
        + "Sb1zy/ni4jTh3n2JxTy09NYHlcQJEBHOGcWpvcdJnDRNxrcy0fSx14AHN8yPM58IMvLugSiklS5JMpapLXGy6zuSSm8KUP/yItU0whJBkeJbYy"
        + "8znAE7+NH7jPPl6H3yAARJk7bITEhAfO5DMvc2D35akL5OICfuc2f+cdYti8N6AoEOwQt0kXF1PTP+xVnu/0ocAQRpGhRGFWTJbqjFPI8GEKlM"
        + "Udl/HiEJVLAAAA//8hvBpCAAAABklEQVQDAJC5mAEPMn/RAAAAAElFTkSuQmCC";

    private static readonly byte[] SecretBytes = SampleFiles.Utf8(Secret);

    /// <summary>A picture without metadata.</summary>
    public static byte[] Plain(string type) =>
        Convert.FromBase64String(
            type switch
            {
                MediaTypes.Jpeg => JpegText,
                MediaTypes.Webp => WebpText,
                _ => PngText,
            }
        );

    /// <summary>The same picture with the secret in every place that cameras and programs use.</summary>
    public static byte[] WithSecrets(string type)
    {
        var plain = Plain(type);
        return type switch
        {
            MediaTypes.Jpeg =>
            [
                .. plain[..2],
                .. Segment(0xE1, "Exif\0\0"u8),
                .. Segment(0xE1, "http://ns.adobe.com/xap/1.0/\0"u8),
                0xFF, // a fill byte
                .. Segment(0xED, "Photoshop 3.0\0"u8),
                .. Segment(0xE0, "JFXX\0"u8),
                .. Segment(0xE2, "MPF\0"u8),
                .. Segment(0xFE, ""u8),
                .. plain[2..],
                .. SecretBytes,
                .. plain,
            ],
            MediaTypes.Png =>
            [
                .. plain[..33],
                .. Chunk("tEXt"u8),
                .. Chunk("zTXt"u8),
                .. plain[33..^12],
                .. Chunk("iTXt"u8),
                .. Chunk("eXIf"u8),
                .. Chunk("tIME"u8),
                .. Chunk("prVt"u8),
                .. plain[^12..],
                .. SecretBytes,
            ],
            _ => Webp(plain),
        };
    }

    /// <summary>A PNG whose data has so many bytes.</summary>
    public static byte[] LargePng(int size)
    {
        var png = SampleFiles.Png(1000, 1000)[..33];
        var head = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, size);
        "IDAT"u8.CopyTo(head.AsSpan(4));
        return [.. png, .. head, .. new byte[size + 4], 0, 0, 0, 0, .. "IEND"u8, 0xAE, 0x42, 0x60, 0x82];
    }

    private static byte[] Segment(byte marker, ReadOnlySpan<byte> name)
    {
        var length = 2 + name.Length + SecretBytes.Length;
        return [0xFF, marker, (byte)(length >> 8), (byte)length, .. name, .. SecretBytes];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> name) => [0, 0, 0, (byte)SecretBytes.Length, .. name, .. SecretBytes, 1, 2, 3, 4];

    private static byte[] Webp(byte[] plain)
    {
        // Of odd length, so with padding.
        byte[] exif = [.. "EXIF"u8, (byte)SecretBytes.Length, 0, 0, 0, .. SecretBytes, 0];
        byte[] whole = [.. plain, .. exif, .. "XMP "u8, .. exif[4..]];
        whole[20] |= 0x0C;
        BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(4), whole.Length - 8);
        return [.. whole, .. SecretBytes];
    }
}
